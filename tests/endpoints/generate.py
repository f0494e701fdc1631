"""Seeded inputs for every rule of Endpoints: plain JSON requests, as scripts/go/endpoints takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = dict[str, Any]

GOOD_IPS = ["10.0.0.1", "10.0.0.2", "10.0.0.9", "10.0.0.10", "192.168.1.1", "2001:db8::1", "fd00::2", "240.0.0.1"]
ODD_IPS = [
    "", "x", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "010.0.0.1", "1.02.3.4", "1.2.3.00",
    "0000000001.2.3.4", "0.0.0.0", "127.0.0.1", "127.255.1.2", "169.254.1.1", "224.0.0.1", "224.0.1.1",
    "239.1.1.1", "255.255.255.255", "::", "::1", "0:0:0:0:0:0:0:0", "0::1", "::0.0.0.0", "fe80::1",
    "febf::1", "fec0::1", "ff02::1", "ff01::1", "ff12::1", "ff42::1", "ff0e::1", "fe80::1%eth0",
    "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8::1", "02001:db8::1", "1::0:0:1", "1:0:0:2:0:0:0:3",
    "1:0:0:0:2:0:0:3", "1:0:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6::8",
    "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7::8", "1::2::3", ":::", ":1", "1:", "12345::",
    "g::", "1.2.3.4:5", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::FFFF:a00:1", "::ffff:010.0.0.1",
    "0:0:0:0:0:ffff:1.2.3.4", "64:ff9b::1.2.3.4", "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6::1.2.3.4", "::1.2.3", "::1.2.3.4:5", "::0000255.1.1.1", "::ff.1.1.1", "1.2.3.4 ",
    " 1.2.3.4", "1.2.3.4\n", "+1.2.3.4", "1.-2.3.4", "１.2.3.4", "10.0.0.1/24", "::ffff:0:10.0.0.1",
    "00000::", "::00000", "0:0:0:0:000000:ffff:1.2.3.4", "9" * 5000 + ".1.1.1", "0" * 5000 + "1.1.1.1",
]  # fmt: skip
NAMES = ["a", "http", "web-1", "0", "a.b", "node-1.example.com"]
ODD_NAMES = [
    "", "A", "Web", "a_b", "-a", "a-", "a-.b", "a..b", ".a", "a.", "a b", "a\n", 'quo"te', "back\\slash",
    "é", "\x00", "\x7f", "\t", "\x07", "\u2028", "\u00ad", "\ufeff", "<&>", "\U0001f600", "\U000e0001",
    "日本", "a" * 63, "a" * 64, "é" * 40, "a." * 31 + "a", "a" * 63 + "." + "b" * 63, "a" * 250 + ".bc",
    "a" * 253, "a" * 254, "a." * 127 + "a", "-", "--", "*.a", "a/b",
]  # fmt: skip
KEYS = ["app", "app.kubernetes.io/name", "Ex_1.a", "example.com/My-Name"]
ODD_KEYS = [
    "", "/", "a/", "/a", "a/b/c", "A.b/c", "a b/c", "x_y/z", "-a", "a-", "é", "a" * 63, "a" * 64,
    "a/" + "b" * 64, "a" * 254 + "/b", "a" * 64 + "/b", "İ", "\u212a", "İ/a", "a/İ", "\u03a3",
    "Example.COM/Name", "\n", "日/本", "é" * 32, "a." + "/b",
]  # fmt: skip
VALUES = ["", "x", "v1.2", "A_b-C"]
ODD_VALUES = ["-x", "x-", "a b", "é", "x" * 63, "x" * 64, "\n", "<x>", "a/b", "_"]


def some(rng: Random, good: list[str], odd: list[str], oddness: float) -> str:
    """One of either list; now and then an odd one with a character changed."""
    text = rng.choice(odd if rng.random() < oddness else good)
    if text and rng.random() < oddness / 8:
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice("a0.:-/A_ é") + text[place + rng.randrange(2) :]
    return text


def maybe(rng: Random, chance: float, into: Json, key: str, make: Callable[[], Any]) -> None:
    if rng.random() < chance:
        into[key] = make()


def reference(rng: Random) -> Json:
    ref: Json = {}
    maybe(rng, 0.9, ref, "kind", lambda: rng.choice(["Pod", "Node"]))
    maybe(rng, 0.8, ref, "namespace", lambda: rng.choice(["ns", "other"]))
    maybe(rng, 0.9, ref, "name", lambda: rng.choice(["p-1", "p-2", "p", "long-name-7d9f8b6c5d-x2z4q", "é", "-"]))
    maybe(rng, 0.6, ref, "uid", lambda: rng.choice(["u1", "u2", "5f0c2d8e-9a41-4b7e-8c36-0123456789ab"]))
    maybe(rng, 0.1, ref, "apiVersion", lambda: "v1")
    maybe(rng, 0.3, ref, "resourceVersion", lambda: rng.choice(["1", "22", "333"]))
    maybe(rng, 0.1, ref, "fieldPath", lambda: "spec.containers{web}")
    return ref


def address(rng: Random, oddness: float) -> Json:
    one: Json = {"ip": some(rng, GOOD_IPS, ODD_IPS, oddness)}
    maybe(rng, 0.25, one, "hostname", lambda: some(rng, NAMES[:4], ODD_NAMES, oddness))
    maybe(rng, 0.4, one, "nodeName", lambda: some(rng, NAMES, ODD_NAMES, oddness))
    maybe(rng, 0.5, one, "targetRef", lambda: reference(rng))
    return one


def port(rng: Random, oddness: float, spread: float) -> Json:
    """spread: how far ports differ from each other; 0 makes many that are equal."""
    one: Json = {"port": rng.choice([80, 443, 8080]) if rng.random() > spread else rng.randrange(1, 65536)}
    if rng.random() < oddness:
        one["port"] = rng.choice([0, -1, -5, 65535, 65536, 2147483647, -2147483648])
    maybe(rng, 0.7, one, "name", lambda: some(rng, NAMES[:4], ODD_NAMES, oddness))
    odd = ["", "tcp", "ICMP", "<", "é", 'T"CP']
    maybe(rng, 0.8, one, "protocol", lambda: some(rng, ["TCP", "TCP", "UDP", "SCTP"], odd, oddness / 2))
    maybe(
        rng, 0.3, one, "appProtocol", lambda: some(rng, ["http", "kubernetes.io/h2c"], [*ODD_KEYS, *ODD_NAMES], oddness)
    )
    return one


def subset(rng: Random, oddness: float, spread: float) -> Json:
    one: Json = {}
    maybe(rng, 0.85, one, "addresses", lambda: [address(rng, oddness) for _ in range(rng.randrange(4))])
    maybe(rng, 0.45, one, "notReadyAddresses", lambda: [address(rng, oddness) for _ in range(rng.randrange(3))])
    maybe(
        rng, 0.85, one, "ports", lambda: [port(rng, oddness, spread) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3]))]
    )
    return one


def repack(rng: Random) -> Json:
    """Subsets in which addresses and ports meet again and again."""
    oddness = rng.choice([0.0, 0.02, 0.2])
    subsets = [subset(rng, oddness, rng.choice([0.0, 0.0, 0.3])) for _ in range(rng.choice([0, 1, 1, 2, 3, 4, 6]))]
    ports = [one for part in subsets for one in part.get("ports", [])]
    for part in subsets:
        if ports and part.get("ports") and rng.random() < 0.4:
            part["ports"] = [dict(rng.choice(ports)) for _ in part["ports"]]
    return {"op": "repack", "subsets": subsets}


def entries(rng: Random, oddness: float, odd_values: list[str]) -> Json:
    count = rng.choice([0, 1, 1, 1, 2, 3])
    return {
        some(rng, KEYS, ODD_KEYS, oddness): some(rng, VALUES, odd_values, oddness) for _ in range(count)
    }  # fmt: skip


def owner(rng: Random, oddness: float) -> Json:
    one: Json = {
        "apiVersion": some(rng, ["v1", "apps/v1"], ["", "/", "a/b/c", "apps/", "/v1", "é"], oddness),
        "kind": some(rng, ["Endpoints", "Service"], ["", "Event"], oddness),
        "name": some(rng, ["x", "y"], ["", '<"&>'], oddness),
        "uid": some(rng, ["u1", "u2"], [""], oddness),
    }
    if rng.random() < oddness:
        one |= {"apiVersion": "v1", "kind": "Event"}
    maybe(rng, 0.5, one, "controller", lambda: rng.random() < 0.6)
    maybe(rng, 0.3, one, "blockOwnerDeletion", lambda: rng.random() < 0.5)
    return one


def managed(rng: Random, oddness: float) -> Json:
    return {
        "manager": some(
            rng, ["kubectl", ""], ["m" * 128, "m" * 129, "a\tb", "é\x00\u00adx", "日\u2028", "\U000e0001"], oddness
        ),
        "operation": some(rng, ["Apply", "Update"], ["", "Delete", "<"], oddness),
        "fieldsType": some(rng, ["FieldsV1", ""], ["FieldsV2", 'x"'], oddness),
        "subresource": some(rng, ["", "status"], ["s" * 256, "s" * 257], oddness),
    }


TIMES = ["2024-05-01T08:30:00Z", "2024-05-01T08:30:01Z"]


def metadata(rng: Random, oddness: float) -> Json:
    meta: Json = {"name": some(rng, NAMES, ODD_NAMES, oddness), "namespace": some(rng, ["ns"], ODD_NAMES, oddness)}
    maybe(
        rng,
        0.1,
        meta,
        "generateName",
        lambda: some(rng, ["a-", "web-"], [*ODD_NAMES, "a" * 252 + "-", "é-", "a\u00e9-"], 0.5),
    )
    maybe(rng, 0.3, meta, "uid", lambda: rng.choice(["u1", "u2", '<"']))
    maybe(rng, 0.5, meta, "resourceVersion", lambda: rng.choice(["", "1", "2"]))
    maybe(rng, 0.2, meta, "generation", lambda: rng.choice([0, 1, 2, -1, 9007199254740993]))
    maybe(rng, 0.3, meta, "creationTimestamp", lambda: rng.choice([*TIMES, None]))
    maybe(rng, 0.3, meta, "deletionTimestamp", lambda: rng.choice([*TIMES, None]))
    maybe(rng, 0.15, meta, "deletionGracePeriodSeconds", lambda: rng.choice([0, 30]))
    maybe(rng, 0.5, meta, "labels", lambda: entries(rng, oddness, ODD_VALUES))
    maybe(
        rng,
        0.4,
        meta,
        "annotations",
        lambda: entries(rng, oddness, ["x" * 300_000, "é" * 131_072] if rng.random() < 0.05 else ODD_VALUES),
    )
    maybe(rng, 0.25, meta, "ownerReferences", lambda: [owner(rng, oddness) for _ in range(rng.randrange(1, 4))])
    finalizers = ["orphan", "foregroundDeletion", "kubernetes", "example.com/x"]
    maybe(
        rng,
        0.25,
        meta,
        "finalizers",
        lambda: [some(rng, finalizers, [*ODD_KEYS, '<"'], oddness) for _ in range(rng.randrange(1, 4))],
    )
    maybe(rng, 0.2, meta, "managedFields", lambda: [managed(rng, oddness) for _ in range(rng.randrange(1, 3))])
    return meta


def changed(rng: Random, new: Json, key: str, make: Callable[[], Json], oddness: float) -> Json:
    """An older form of an object: some of its parts are other ones."""
    old = {**new, "metadata": {**new["metadata"]}}
    other = metadata(rng, oddness)
    for name in list({*old["metadata"], *other}):
        if rng.random() < 0.15:
            old["metadata"].pop(name, None)
            if name in other:
                old["metadata"][name] = other[name]
    if rng.random() < 0.6:
        old[key] = make()[key]
    return old


def endpoints(rng: Random, oddness: float) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": metadata(rng, oddness),
        "subsets": [subset(rng, oddness, 0.3) for _ in range(rng.choice([0, 1, 1, 2, 3]))],
    }


def validate_endpoints(rng: Random) -> Json:
    oddness = rng.choice([0.0, 0.1, 0.3, 0.7])
    new = endpoints(rng, oddness)
    request: Json = {"op": "validate", "kind": "Endpoints", "new": new, "strict": rng.random() < 0.7}
    if rng.random() < 0.5:
        request["old"] = changed(rng, new, "subsets", lambda: endpoints(rng, oddness), oddness)
    return request


def hints(rng: Random, oddness: float) -> Json:
    one: Json = {}
    most = 10 if rng.random() < oddness else 3
    maybe(
        rng,
        0.8,
        one,
        "forZones",
        lambda: [{"name": some(rng, ["z1", "z2"], ODD_VALUES, oddness)} for _ in range(rng.randrange(most))],
    )
    maybe(
        rng,
        0.5,
        one,
        "forNodes",
        lambda: [{"name": some(rng, NAMES, ODD_NAMES, oddness)} for _ in range(rng.randrange(most))],
    )
    return one


def slice_endpoint(rng: Random, family: str, oddness: float) -> Json:
    good = {"IPv6": ["2001:db8::1", "fd00::2"], "FQDN": ["a.example.com", "x.y."]}.get(family, GOOD_IPS[:5])
    odd = [
        "",
        "a",
        "a.b..",
        "A.b",
        "a." + "b" * 64,
        "a.b." + "c" * 64 + ".d",
        "a" * 254,
        ".",
        "é.b",
        *GOOD_IPS,
        *ODD_IPS,
    ]
    count = 101 if rng.random() < oddness / 20 else rng.choice([0, 1, 1, 1, 1, 2])
    one: Json = {"addresses": [some(rng, good, odd, oddness) for _ in range(count)]}
    maybe(
        rng,
        0.7,
        one,
        "conditions",
        lambda: {name: rng.random() < 0.7 for name in ("ready", "serving", "terminating") if rng.random() < 0.6},
    )
    maybe(rng, 0.2, one, "hostname", lambda: some(rng, NAMES[:4], ODD_NAMES, oddness))
    maybe(rng, 0.4, one, "nodeName", lambda: some(rng, NAMES, ODD_NAMES, oddness))
    maybe(rng, 0.3, one, "zone", lambda: rng.choice(["z1", "", "é"]))
    maybe(rng, 0.4, one, "targetRef", lambda: reference(rng))
    maybe(rng, 0.2, one, "hints", lambda: hints(rng, oddness))

    def topology() -> Json:
        if rng.random() < 0.2:
            return {f"k{number}": "v" for number in range(rng.choice([16, 17]))}
        return {"topology.kubernetes.io/zone": "z"} if rng.random() < 0.3 else entries(rng, oddness, ODD_VALUES)

    maybe(rng, 0.15, one, "deprecatedTopology", topology)
    return one


def slice_port(rng: Random, oddness: float) -> Json:
    one = port(rng, oddness, 0.5)
    if rng.random() < 0.2:
        del one["port"]
    return one


def endpoint_slice(rng: Random, oddness: float) -> Json:
    family = some(rng, ["IPv4", "IPv4", "IPv6", "FQDN"], ["", "ipv4", "<"], oddness / 3)
    count = 1001 if rng.random() < oddness / 100 else rng.choice([0, 1, 1, 2, 3])
    one: Json = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata(rng, oddness),
        "addressType": family,
        "endpoints": [slice_endpoint(rng, family, oddness) for _ in range(count)]
        if count < 9
        else [{"addresses": []}] * count,
    }
    maybe(rng, 0.8, one, "ports", lambda: [slice_port(rng, oddness) for _ in range(rng.randrange(4))])
    return one


def validate_slice(rng: Random) -> Json:
    oddness = rng.choice([0.0, 0.1, 0.3, 0.7])
    new = endpoint_slice(rng, oddness)
    request: Json = {"op": "validate", "kind": "EndpointSlice", "new": new, "strict": rng.random() < 0.7}
    if rng.random() < 0.5:
        request["old"] = changed(rng, new, "endpoints", lambda: endpoint_slice(rng, oddness), oddness)
        if rng.random() < 0.1:
            request["old"]["addressType"] = rng.choice(["IPv4", "IPv6", "FQDN", ""])
    return request


def truncate(rng: Random) -> Json:
    """Subsets by their sizes: [first address, ready, not ready, ports]; ranges of addresses may overlap."""
    parts = []
    count = rng.choice([1, 1, 2, 3, 5, 8, 20])
    scale = rng.choice([200, 900, 2000, 3000]) // count + 2
    for _ in range(count):
        ready = rng.randrange(scale) if rng.random() < 0.8 else rng.choice([0, 1])
        rest = rng.randrange(scale) if rng.random() < 0.5 else rng.choice([0, 1])
        ports = [port(rng, 0.0, 0.6) for _ in range(rng.choice([0, 1, 1, 2]))]
        parts.append([rng.randrange(20_000), ready, rest, ports])
    notes = (
        {}
        if rng.random() < 0.5
        else {"endpoints.kubernetes.io/over-capacity": rng.choice(["truncated", "warning"]), "x": "y"}
    )
    return {"op": "truncate", "parts": parts, "annotations": notes}


def controller(rng: Random) -> Json:
    """A Service, groups of Pods behind it, and perhaps the Endpoints that is stored."""
    targets = ["web", "admin", "metrics"]
    ports = []
    for name in rng.sample(targets, rng.choice([1, 1, 2, 3])):
        one: Json = {"name": name, "port": rng.randrange(1, 100), "targetPort": name, "protocol": "TCP"}
        maybe(rng, 0.3, one, "appProtocol", lambda: rng.choice(["http", "h2c"]))
        ports.append(one)
    first, groups = rng.randrange(20_000), []
    parts = rng.choice([1, 2, 3, 5])
    scale = rng.choice([20, 900, 1800, 3000]) // parts
    for _ in range(parts):
        count = rng.randrange(scale)
        numbers = {name: rng.choice([8080, 8081, 9090]) for name in targets if rng.random() < 0.8}
        groups.append({"first": first, "count": count, "ready": rng.random() < 0.7, "ports": numbers})
        first += count
    spec = {"selector": {"app": "x"}, "clusterIP": rng.choice(["10.96.0.1", "None"]), "ports": ports}
    spec["publishNotReadyAddresses"] = rng.random() < 0.1
    request: Json = {
        "op": "endpoints_controller",
        "groups": groups,
        "service": {"metadata": {"name": "s", "namespace": "n"}, "spec": spec},
    }
    if rng.random() < 0.5:
        notes = rng.choice([{}, {"x": "y"}, {"endpoints.kubernetes.io/over-capacity": "truncated"}])
        request["stored"] = {"metadata": {"name": "s", "namespace": "n", "resourceVersion": "7", "annotations": notes}}
    return request


def mirror(rng: Random) -> Json:
    """An Endpoints, its Service ("none" where there is none), and how many addresses of a subset are mirrored."""
    oddness = rng.choice([0.0, 0.1, 0.5])
    parts = [subset(rng, oddness, rng.choice([0.0, 0.4])) for _ in range(rng.choice([0, 1, 1, 2, 3, 4]))]
    name = rng.choice(["svc", "svc", "a.b", "Bad_Name", "a" * 253, "a" * 252, "a" * 254])
    meta: Json = {"name": name, "namespace": "ns"}
    maybe(rng, 0.5, meta, "uid", lambda: "u1")
    labels = {
        "app": "x",
        "endpointslice.kubernetes.io/skip-mirror": rng.choice(["true", "True", "false", ""]),
        "kubernetes.io/service-name": "other",
    }
    maybe(rng, 0.6, meta, "labels", lambda: {key: labels[key] for key in labels if rng.random() < 0.4})
    notes = [
        "note", "endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration",
        "endpoints.kubernetes.io/over-capacity", "control-plane.alpha.kubernetes.io/leader",
    ]  # fmt: skip
    maybe(rng, 0.6, meta, "annotations", lambda: {key: rng.choice(["", "x"]) for key in notes if rng.random() < 0.25})
    maybe(rng, 0.05, meta, "deletionTimestamp", lambda: TIMES[0])
    service: Json | None = {"metadata": {"name": name, "namespace": "ns"}, "spec": {}}
    choice = rng.random()
    if choice < 0.08:
        service = None
    elif choice < 0.16:
        service["spec"]["selector"] = {"app": "x"}
    elif choice < 0.3:
        service["spec"] |= {"type": "ExternalName", "clusterIP": "None", "ipFamilies": ["IPv6"]}
    return {
        "op": "mirror",
        "endpoints": {"metadata": meta, "subsets": parts},
        "service": service,
        "max": rng.choice([1, 2, 3, 5, 1000]),
    }


MAKERS: dict[str, Callable[[Random], Json]] = {
    "repack": repack,
    "validate-endpoints": validate_endpoints,
    "validate-slice": validate_slice,
    "truncate": truncate,
    "controller": controller,
    "mirror": mirror,
}


def requests(subject: str, seed: int, count: int) -> Iterator[Json]:
    """The first inputs of a seed; "repack" asks each one twice, in both pointer modes."""
    rng = Random(f"{subject} {seed}")
    for _ in range(count):
        request = MAKERS[subject](rng)
        if subject == "repack":
            yield {**request, "shared": False}
            yield {**request, "shared": True}
        else:
            yield request
