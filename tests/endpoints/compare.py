"""One question to the library and to the real code: how each is asked, and the form in which both are compared."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import codec
from codec import endpoints
from codec.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset, ObjectReference, Service
from codec.api.meta.v1 import ObjectMeta

Json = dict[str, Any]
BIG = 4000  # characters of an answer that is kept whole; of a longer one the digest


def read(cls: Any, tree: Json) -> Any:
    return codec.from_json(json.dumps(tree).encode(), cls)


def of_subsets(subsets: list[EndpointSubset]) -> list[Json]:
    return codec.to_dict(Endpoints(subsets=subsets)).get("subsets", [])


def digest(tree: Any) -> Any:
    """The tree, or for a big one its hash: kept answers stay small."""
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return tree if len(text) <= BIG else {"sha256": hashlib.sha256(text.encode()).hexdigest(), "characters": len(text)}


# What a request says in short, at length: for the real code, and for the library.


def numbered(number: int) -> Json:
    return {
        "ip": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "nodeName": f"node-{number % 7}",
        "targetRef": {"kind": "Pod", "namespace": "n", "name": f"pod-{number}", "uid": f"uid-{number}"},
    }


def long_form(request: Json) -> Json:
    """The request as scripts/go/endpoints takes it."""
    if request["op"] != "truncate":
        return request
    subsets = []
    for first, ready, rest, ports in request["parts"]:
        ready_ones = [numbered(number) for number in range(first, first + ready)]
        other_ones = [numbered(number) for number in range(first + ready, first + ready + rest)]
        subsets.append({"addresses": ready_ones, "notReadyAddresses": other_ones, "ports": ports})
    return {"op": "truncate", "object": {"metadata": {"annotations": request["annotations"]}, "subsets": subsets}}


# The library's answers, in the form of the real code's.


def ours(request: Json) -> Any:
    return ANSWERS[request["op"]](request)


def our_repack(request: Json) -> Any:
    given = read(Endpoints, {"subsets": request["subsets"]})
    before = codec.to_json(given)
    packed = endpoints.repack(given.subsets, share_app_protocol=request["shared"])
    assert codec.to_json(given) == before
    return of_subsets(packed)


def our_validate(request: Json) -> Any:
    cls: Any = Endpoints if request["kind"] == "Endpoints" else endpoint_slice_class()
    new = read(cls, request["new"])
    old = read(cls, request["old"]) if "old" in request else None
    before = codec.to_json(new)
    found = endpoints.validate(new, old, strict_ip=request["strict"])
    assert codec.to_json(new) == before
    return [
        {"type": one.type, "field": one.field, "value": plain(one.bad_value), "detail": one.detail, "text": str(one)}
        for one in found
    ]


def endpoint_slice_class() -> Any:
    from codec.api.discovery.v1 import EndpointSlice

    return EndpointSlice


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, codec.Message):
        return codec.to_dict(value)
    return value


def our_truncate(request: Json) -> Any:
    subsets = []
    for first, ready, rest, ports in request["parts"]:
        numbers = range(first, first + ready + rest)
        addresses = list(map(pod_address, numbers))
        ports = [EndpointPort(**port) for port in ports]
        subsets.append(EndpointSubset(addresses=addresses[:ready], notReadyAddresses=addresses[ready:], ports=ports))
    obj = Endpoints(metadata=ObjectMeta(annotations=request["annotations"]), subsets=subsets)
    return tree_of(endpoints.truncate(obj))


def tree_of(obj: Endpoints) -> Json:
    """As to_dict gives it, without apiVersion and kind. Thousands of numbered addresses take long otherwise."""
    tree = without_kind(codec.to_dict(Endpoints(metadata=obj.metadata)))
    subsets = []
    for subset in obj.subsets:
        one: Json = {}
        for name, addresses in (("addresses", subset.addresses), ("notReadyAddresses", subset.notReadyAddresses)):
            if addresses:
                one[name] = list(map(address_tree, addresses))
        if subset.ports:
            one["ports"] = [codec.to_dict(port) for port in subset.ports]
        subsets.append(one)
    return {**tree, "subsets": subsets} if subsets else tree


def address_tree(address: EndpointAddress) -> Json:
    ref = address.targetRef
    assert ref is not None
    assert not any((address.hostname, ref.apiVersion, ref.resourceVersion, ref.fieldPath))
    target = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": ref.uid}
    return {"ip": address.ip, "nodeName": address.nodeName, "targetRef": target}


def our_controller(request: Json) -> Any:
    """The controller's part before the cut, in short: one subset for each Pod and port (addEndpointSubset)."""
    spec = request["service"]["spec"]
    subsets = []
    for group in request["groups"]:
        for port in spec["ports"]:
            number = group["ports"].get(port["targetPort"])
            if number is None:
                continue
            made = EndpointPort(name=port["name"], port=number, protocol="TCP", appProtocol=port.get("appProtocol"))
            ready = group["ready"] or spec["publishNotReadyAddresses"]
            for place in range(group["first"], group["first"] + group["count"]):
                address = pod_address(place)
                lists = {"addresses": [address]} if ready else {"notReadyAddresses": [address]}
                subsets.append(EndpointSubset(ports=[made], **lists))
    stored = request.get("stored", {"metadata": {"name": "s"}})
    obj = Endpoints(metadata=read(ObjectMeta, stored["metadata"]), subsets=subsets)
    cut = endpoints.truncate(obj)
    cut.metadata.labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller"
    if spec["clusterIP"] == "None":
        cut.metadata.labels["service.kubernetes.io/headless"] = ""
    return tree_of(cut)


def pod_address(number: int) -> EndpointAddress:
    tree = numbered(number)
    return EndpointAddress(ip=tree["ip"], nodeName=tree["nodeName"], targetRef=ObjectReference(**tree["targetRef"]))


def our_mirror(request: Json) -> Any:
    obj = read(Endpoints, request["endpoints"])
    service = Service() if request["service"] is None else read(Service, request["service"])
    before = codec.to_json(obj)
    made = endpoints.to_slices(obj, service, request["max"])
    assert codec.to_json(obj) == before
    slices = []
    for one in made:
        one.endpoints.sort(key=codec.to_json)
        slices.append(without_kind(codec.to_dict(one)))
    events = [f"Warning {reason} {message}" for reason, message in made.events]
    assert bool(made.reason) <= (not made.slices)
    return {"slices": slices, "events": events, "exact": made.exact}


def without_kind(tree: Json) -> Json:
    return {key: value for key, value in tree.items() if key not in ("apiVersion", "kind")}


ANSWERS = {
    "repack": our_repack,
    "validate": our_validate,
    "truncate": our_truncate,
    "endpoints_controller": our_controller,
    "mirror": our_mirror,
}


# Comparable forms: what Go leaves to chance is put in order.


def comparable(request: Json, answer: Any, exact: bool = True) -> Any:
    if request["op"] == "validate":
        return validation_form(request, answer)
    if request["op"] == "mirror":
        return mirror_form(answer, exact)
    if request["op"] == "repack" or (isinstance(answer, dict) and "sha256" in answer):
        return answer
    return digest(answer)


def validation_form(request: Json, errors: list[Json]) -> Any:
    """Errors of a map with several keys come in the random order of Go's maps: those runs are sorted."""
    out: list[Json] = []
    run: list[Json] = []
    for error in [*errors, {"field": "", "type": ""}]:
        if run and (error["field"], error["type"]) != (run[0]["field"], run[0]["type"]):
            out += (
                sorted(run, key=lambda one: json.dumps(one, sort_keys=True))
                if several(request, run[0]["field"])
                else run
            )
            run = []
        # An internal error's value is a Go error, which prints as an empty object.
        run.append({**error, "value": None} if error["type"] == "InternalError" else error)
    return out


def several(request: Json, field: str) -> bool:
    """Whether the map behind a field has more than one key."""
    new = request["new"]
    if field.startswith("metadata."):
        found = new["metadata"].get(field.removeprefix("metadata."))
    elif field.endswith(".deprecatedTopology"):
        found = new["endpoints"][int(field.split("[")[1].split("]")[0])].get("deprecatedTopology")
    else:
        return False
    return isinstance(found, dict) and len(found) > 1


def mirror_form(answer: Any, exact: bool) -> Any:
    slices = []
    for one in answer["slices"]:
        # Which endpoints are dropped is chance then, how many is not.
        slices.append(one if exact else {**one, "endpoints": len(one["endpoints"])})
    return {"events": answer["events"], "slices": sorted(slices, key=lambda one: json.dumps(one, sort_keys=True))}


def agree(request: Json, real: Any) -> None:
    """Asserts that the library answers a request as the real code does. `real` may be a kept, shortened answer."""
    mine = ours(request)
    exact = not isinstance(mine, dict) or mine.get("exact", True)
    assert comparable(request, mine, exact) == comparable(request, real, exact), json.dumps(request)[:3000]
