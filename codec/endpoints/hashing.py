"""The hash by which Kubernetes orders ports and subsets: FNV-1a, 128 bits, over Go's `%#v` text of the object.

Sources: pkg/util/hash DeepHashObject, k8s.io/utils/dump ForHash (go-spew: pointers followed, strings raw, a nil list
`<nil>`, elements joined by one space), hash/fnv New128a. Hashes compare as 16 bytes, big-endian.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codec import twin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codec.api.core.v1 import EndpointAddress, EndpointPort, EndpointSubset
    from codec.api.discovery.v1 import EndpointPort as SlicePort

OFFSET = 0x6C62272E07BB014262B821756295C58D  # hash/fnv offset128
PRIME = (1 << 88) + 0x13B  # hash/fnv prime128
MASK = (1 << 128) - 1
KNOWN_LIMIT = 1 << 16  # pieces of text that are remembered at once


def fnv1a(text: str) -> int:
    """FNV-1a, 128 bits, of the UTF-8 bytes of a text."""
    if twin is not None:
        found: int | None = twin.fnv1a(text)
        if found is not None:
            return found
    return _continue(OFFSET, _bytes(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _continue(state: int, data: bytes) -> int:
    """The hash after more bytes."""
    pairs = iter(data)
    for first, second in zip(pairs, pairs):  # noqa: B905 - one iterator twice; an odd byte is taken below
        state = (((state ^ first) * PRIME) ^ second) * PRIME & MASK
    if len(data) & 1:
        state = (state ^ data[-1]) * PRIME & MASK
    return state


class Hasher:
    """FNV-1a over text most of which repeats: names of fields, namespaces, nodes.

    XOR touches the low byte alone, so that a piece of n bytes turns the state h into
    h * PRIME**n + c, where c depends on the piece and the low byte of h: it is computed once for each such pair.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[int, int]] = {}

    def hash(self, pieces: Iterable[tuple[str, str]]) -> int:
        """The hash of all pieces: each a text that repeats, then one that does not."""
        if twin is not None:  # it hashes anew what repeats, in less time than it takes to look for it
            return fnv1a("".join([text for piece in pieces for text in piece]))
        known = self._known
        state = OFFSET
        for repeated, single in pieces:
            found = known.get((repeated, state & 0xFF)) or self._learn(repeated, state & 0xFF)
            state = (state * found[0] + found[1]) & MASK
            if single:  # _continue, once more: a call for each would cost as much as what it does
                data = single.encode("utf-8", "surrogateescape")
                pairs = iter(data)
                for first, second in zip(pairs, pairs):  # noqa: B905
                    state = (((state ^ first) * PRIME) ^ second) * PRIME & MASK
                if len(data) & 1:
                    state = (state ^ data[-1]) * PRIME & MASK
        return state

    def _learn(self, repeated: str, low: int) -> tuple[int, int]:
        """Factor and summand for a piece that meets this low byte."""
        data = _bytes(repeated)
        power = pow(PRIME, len(data), 1 << 128)
        found = (power, _continue(low, data) - low * power)
        if len(self._known) < KNOWN_LIMIT:
            self._known[repeated, low] = found
        return found


def _pointer(kind: str, value: object) -> str:
    return f"(*{kind})<nil>" if value is None else f"(*{kind}){value!s}"


def _after_number(port: EndpointPort) -> str:
    return f" Protocol:(v1.Protocol){port.protocol!s} AppProtocol:{_pointer('string', port.appProtocol)}}}"


def port_text(port: EndpointPort) -> str:
    """Go's `%#v` of a v1.EndpointPort."""
    return f"(v1.EndpointPort){{Name:(string){port.name} Port:(int32){port.port}{_after_number(port)}"


def slice_port_text(port: SlicePort) -> str:
    """Go's `%#v` of a discovery/v1 EndpointPort."""
    name, protocol = _pointer("string", port.name), _pointer("v1.Protocol", port.protocol)
    number, app = _pointer("int32", port.port), _pointer("string", port.appProtocol)
    return f"(v1.EndpointPort){{Name:{name} Protocol:{protocol} Port:{number} AppProtocol:{app}}}"


def subset_pieces(subset: EndpointSubset) -> list[tuple[str, str]]:
    """The text of a subset in pieces for Hasher: together Go's `%#v` of a v1.EndpointSubset."""
    pieces: list[tuple[str, str]] = []
    before = "(v1.EndpointSubset){Addresses:([]v1.EndpointAddress)"
    before = _add_addresses(pieces, before, subset.addresses) + " NotReadyAddresses:([]v1.EndpointAddress)"
    before = _add_addresses(pieces, before, subset.notReadyAddresses) + " Ports:([]v1.EndpointPort)"
    if not subset.ports:
        pieces.append((f"{before}<nil>}}", ""))
        return pieces
    before += "["
    for port in subset.ports:
        number, rest = str(port.port), _after_number(port)
        pieces.append((f"{before}{{Name:(string){port.name} Port:(int32)", number))
        before = f"{rest} "
    pieces.append((f"{before[:-1]}]}}", ""))
    return pieces


def _add_addresses(pieces: list[tuple[str, str]], before: str, addresses: list[EndpointAddress]) -> str:
    """Adds the text of a list of addresses, with `before` in front of it; returns what is left to be added."""
    if not addresses:
        return f"{before}<nil>"
    add = pieces.append
    before += "["
    for address in addresses:
        ref = address.targetRef
        add((f"{before}{{IP:(string)", address.ip))
        # A cluster has too many nodes to remember each with each low byte.
        node = "<nil>" if address.nodeName is None else address.nodeName
        add((f" Hostname:(string){address.hostname} NodeName:(*string)", node))
        if ref is None:
            before = " TargetRef:(*v1.ObjectReference)<nil>} "
            continue
        owner, dash, own = ref.name.rpartition("-")  # the Pods of one owner share all but the last part
        target = f"Kind:(string){ref.kind} Namespace:(string){ref.namespace} Name:(string){owner}{dash}"
        add((f" TargetRef:(*v1.ObjectReference){{{target}", own))
        add((" UID:(types.UID)", ref.uid))
        version = f" APIVersion:(string){ref.apiVersion} ResourceVersion:(string)"
        if ref.resourceVersion:
            add((version, ref.resourceVersion))
            version = ""
        before = f"{version} FieldPath:(string){ref.fieldPath}}}}} "
    return f"{before[:-1]}]"
