"""Endpoints and EndpointSlices by what they mean: one entry for each address, with its state, whatever the grouping.

In the view of Endpoints, `subsets` is a map: `ports` holds each port by its name, and `addresses` each address once,
with `ready`. That is true or false where the address stands for all ports alike, else a map with the state of each
port that it stands for. Not ready in one place is not ready, as RepackSubsets of pkg/api/v1/endpoints/util.go has it.
In the view of an EndpointSlice, `ports` is such a map too, and the endpoints are in order of their addresses.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Tree = dict[str, Any]

# Whose endpoints take traffic is told by the list that they stand in.
_LISTS = (("addresses", True), ("notReadyAddresses", False))


def view(tree: Tree) -> Tree:
    """The view of Endpoints or of an EndpointSlice; any other tree as it is. The tree given is not changed."""
    kind, api_version = tree.get("kind"), tree.get("apiVersion")
    if kind == "Endpoints" and api_version == "v1":
        subsets: Any = tree.get("subsets")
        if _is_list_of_maps(subsets) and all(map(_is_subset, subsets)):
            return {**tree, "subsets": _subsets(subsets)}
    elif kind == "EndpointSlice" and isinstance(api_version, str) and api_version.startswith("discovery.k8s.io/"):
        return _slice(tree)
    return tree


def _is_list_of_maps(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_subset(subset: Tree) -> bool:
    return all(_is_list_of_maps(subset.get(name) or []) for name in ("ports", *dict(_LISTS)))


def _ports(ports: list[Tree]) -> dict[str, Tree]:
    """Each port once, by its name; by all that it has where a name stands for several."""
    distinct: dict[str, Tree] = {}
    for port in ports:
        distinct.setdefault(_port_text(port), port)
    names = [str(port.get("name") or "") for port in distinct.values()]
    return {
        name if names.count(name) == 1 else text: distinct[text]
        for name, text in sorted(zip(names, distinct, strict=True))
    }


def _port_text(port: Tree) -> str:
    """`http:8080/TCP`."""
    text = f"{port.get('name') or ''}:{port.get('port', '')}/{port.get('protocol') or 'TCP'}"
    return f"{text} {port['appProtocol']}" if port.get("appProtocol") else text


def _subsets(subsets: list[Tree]) -> Tree:
    ports = _ports([port for subset in subsets for port in subset.get("ports") or []])
    names = {_port_text(port): name for name, port in ports.items()}
    first: dict[str, Tree] = {}  # identity → the address as it was first met
    states: dict[str, dict[str, bool]] = {}  # identity → name of a port → whether it takes traffic
    for subset in subsets:
        here = [names[_port_text(port)] for port in subset.get("ports") or []] or [""]
        for field, ready in _LISTS:
            for address in subset.get(field) or []:
                identity = _identity(address)
                first.setdefault(identity, address)
                state = states.setdefault(identity, {})
                for name in here:
                    state[name] = state.get(name, True) and ready
    everywhere = set(ports) or {""}
    addresses = []
    for identity in sorted(first):
        state = states[identity]
        alike = set(state) == everywhere and len(set(state.values())) == 1
        addresses.append({**first[identity], "ready": next(iter(state.values())) if alike else state})
    return {"ports": ports, "addresses": addresses}


def _identity(address: Tree) -> str:
    """What makes two addresses the same to Kubernetes: ip and uid."""
    target = address.get("targetRef")
    return f"{address.get('ip')} {target.get('uid', '') if isinstance(target, dict) else ''}"


def _slice(tree: Tree) -> Tree:
    out = dict(tree)
    if _is_list_of_maps(tree.get("ports")):
        out["ports"] = _ports(tree["ports"])
    if _is_list_of_maps(tree.get("endpoints")):
        out["endpoints"] = sorted(tree["endpoints"], key=lambda endpoint: repr(endpoint.get("addresses")))
    return out
