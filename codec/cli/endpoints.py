"""`k8s-codec endpoints`: what Endpoints and EndpointSlices mean, in any of their forms, from bytes, YAML or JSON."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import NO, Outcome, collected_warnings, is_terminal, printable, say, write
from codec.errors import CodecError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from codec.api.discovery.v1 import EndpointSlice
    from codec.endpoints import Row

INDENT = 4  # spaces; what kubectl prints with -o json
EMPTY = "-"  # what a table shows where there is nothing
KINDS = (("v1", "Endpoints"), ("discovery.k8s.io/v1", "EndpointSlice"), ("v1", "Service"))
COLUMNS = ("NAME", "IP", "PORT", "PROTOCOL", "READY", "TARGET")
WIDE_COLUMNS = (*COLUMNS, "APPPROTOCOL", "HOSTNAME", "NODE")


class Object:
    """An Endpoints or EndpointSlice of the input, or a Service; and how messages name it."""

    __slots__ = ("kind", "label", "name", "obj")

    def __init__(self, obj: Any, origin: str) -> None:
        metadata = obj.metadata
        self.obj = obj
        self.kind = obj.kind
        self.name = f"{metadata.namespace}/{metadata.name or metadata.generateName}"
        self.label = f"{origin}: {obj.kind} {self.name}" if origin else f"{obj.kind} {self.name}"


def run(arguments: Arguments) -> int:
    """Does what the first operand says, with the objects of all FILEs."""
    action, *files = arguments.operands or [""]
    if action not in ACTIONS:
        from codec.cli.grammar import suggestion

        known = ", ".join(ACTIONS)
        problem = f"no action {action!r}{suggestion(action, tuple(ACTIONS))}" if action else f"name an action: {known}"
        raise UsageError(problem, "endpoints")
    act, options, forms = ACTIONS[action]
    for option in COMMAND.options:
        given = getattr(arguments, option.name)
        if option.name not in (*options, "help", "output", "allow_unknown") and given != option.default:
            raise UsageError(f"{option.flags[-1]} is no option of `endpoints {action}`", "endpoints")
    if arguments.output is not None and arguments.output not in forms:
        raise UsageError(f"-o of `endpoints {action}` is one of {', '.join(forms)}", "endpoints")
    if arguments.per_slice < 1:
        raise UsageError("--per-slice is at least 1", "endpoints")
    outcome = Outcome()
    try:
        return act(files, arguments, outcome)
    except CodecError as error:
        outcome.failed("", error)
        return outcome.status


# the input


def _objects(files: list[str], arguments: Arguments, outcome: Outcome) -> list[Object]:
    """The objects of all inputs; what cannot be read, or is of another kind, is named."""
    found = []
    for obj, origin in _read(files, arguments.allow_unknown, outcome):
        if (obj.apiVersion, obj.kind) in KINDS:
            found.append(Object(obj, origin))
        else:
            outcome.failed(origin, f"expected Endpoints or EndpointSlice, got {obj.apiVersion} {obj.kind}")
    return found


def _read(files: list[str], allow_unknown: bool, outcome: Outcome) -> Iterator[tuple[Any, str]]:
    from codec.cli.inputs import key_values
    from codec.source.manifests import manifests
    from codec.storage import CBOR, ENCRYPTED, MAGIC, decode

    for row in key_values(files, outcome):
        try:
            if row.value.startswith((MAGIC, ENCRYPTED, CBOR)):
                yield from _items(decode(row.value), row.label)
            else:
                for manifest in manifests(row.value, row.label):
                    yield manifest.read(allow_unknown), row.label
        except CodecError as error:
            outcome.failed(row.label, error)


def _items(obj: Any, label: str) -> Iterator[tuple[Any, str]]:
    """The object, or those of a list."""
    if obj.kind in ("EndpointsList", "EndpointSliceList", "ServiceList"):
        for item in obj.items:
            yield item, label
    else:
        yield obj, label


def _family(found: list[Object], outcome: Outcome, *kinds: str) -> list[Object]:
    """Those of the kinds; the others are named, but for Services, which come along in manifests."""
    for row in found:
        if row.kind not in (*kinds, "Service"):
            outcome.failed(row.label, f"expected {' or '.join(kinds)}")
    return [row for row in found if row.kind in kinds]


# the output


def _table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        write("   ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() + "\n")


def _write_objects(objects: list[Any], form: str, outcome: Outcome) -> None:
    """Manifests; what they cannot show is named."""
    from codec.text.objects import to_json, to_yaml

    for number, obj in enumerate(objects):
        with collected_warnings() as warnings:
            if form == "yaml":
                write(("---\n" if number else "") + to_yaml(obj))
            else:
                write(to_json(obj, indent=INDENT if form == "json" else 0) + b"\n")
        for warning in warnings:
            outcome.failed(Object(obj, "").label, warning)


def _json(tree: Any) -> None:
    from codec.text.json_writer import dump

    write(dump(tree, INDENT) + b"\n")


# the actions


def _expand(files: list[str], arguments: Arguments, outcome: Outcome) -> int:
    from codec.endpoints import expand

    found = _family(_objects(files, arguments, outcome), outcome, "Endpoints", "EndpointSlice")
    rows = []
    for row in found:
        rows += [(row, one) for one in expand(row.obj) if one.ready or not arguments.ready]
        _say_portless(row)
    form = arguments.output
    if form == "addr":
        write("".join(f"{_host_and_port(one)}\n" for _, one in rows))
    elif form == "json":
        _json([_row_tree(row, one) for row, one in rows])
    else:
        wide = form == "wide"
        table = [WIDE_COLUMNS if wide else COLUMNS, *(_cells(one, wide) for _, one in rows)]
        if len(found) > 1:
            table = [
                (first, *cells)
                for first, cells in zip(("OBJECT", *(printable(row.name) for row, _ in rows)), table, strict=True)
            ]
        _table(table)
    return outcome.status


def _say_portless(row: Object) -> None:
    """Addresses that expand to nothing are not in the table: say so."""
    if row.kind == "EndpointSlice":
        if row.obj.endpoints and not row.obj.ports:
            say(f"{row.label}: no ports, so that its {len(row.obj.endpoints)} endpoints expand to nothing")
        return
    for index, subset in enumerate(row.obj.subsets):
        count = len(subset.addresses) + len(subset.notReadyAddresses)
        if count and not subset.ports:
            say(f"{row.label}: subsets[{index}] has no ports, so that its {count} addresses expand to nothing")


def _target(row: Row) -> str:
    ref = row.targetRef
    return EMPTY if ref is None else "/".join(part for part in (ref.kind, ref.name) if part) or EMPTY


def _cells(row: Row, wide: bool) -> tuple[str, ...]:
    number = "*" if row.port is None else str(row.port)
    cells = [row.name, row.ip, number, row.protocol, "true" if row.ready else "false", _target(row)]
    if wide:
        cells += [row.appProtocol or "", row.hostname, row.nodeName or ""]
    return tuple(printable(cell) if cell else EMPTY for cell in cells)


def _host_and_port(row: Row) -> str:
    host = f"[{row.ip}]" if ":" in row.ip else row.ip
    return printable(host if row.port is None else f"{host}:{row.port}")


def _row_tree(row: Object, one: Row) -> dict[str, Any]:
    from codec.text.objects import to_dict

    tree = {"object": row.name, **one._asdict()}
    tree["targetRef"] = None if one.targetRef is None else to_dict(one.targetRef)
    return tree


def _validate(files: list[str], arguments: Arguments, outcome: Outcome) -> int:
    from codec.endpoints import validate

    old = {}
    if arguments.old is not None:
        old = {(row.kind, row.name): row.obj for row in _objects([arguments.old], arguments, outcome)}
    refused = []
    for row in _family(_objects(files, arguments, outcome), outcome, "Endpoints", "EndpointSlice"):
        stored = old.get((row.kind, row.name))
        if arguments.old is not None and stored is None:
            outcome.failed(row.label, f"{arguments.old} does not hold it")
            continue
        errors = validate(row.obj, stored, strict_ip=not arguments.sloppy_ip)
        if errors:
            refused.append((row, errors))
    if arguments.output == "json":
        _json([_cause(row, error) for row, errors in refused for error in errors])
    else:
        for row, errors in refused:
            write(_words(row, list(map(str, errors))))
    return outcome.status or (NO if refused else 0)


def _words(row: Object, lines: list[str]) -> str:
    """As kubectl prints what the API server says (StatusError of reason Invalid)."""
    from codec.endpoints.quoting import quote

    kind = "EndpointSlice.discovery.k8s.io" if row.kind == "EndpointSlice" else row.kind
    head = f"The {kind} {quote(row.obj.metadata.name)} is invalid:"
    if len(lines) == 1:
        return f"{head} {lines[0]}\n"
    return "\n".join([head, *(f"* {line}" for line in lines)]) + "\n"


def _cause(row: Object, error: Any) -> dict[str, str]:
    """As in details.causes of the Status that the API server answers with."""
    message = str(error).removeprefix(f"{error.field}: ")
    return {"object": row.name, "reason": error.type, "message": message, "field": error.field}


def _repack(files: list[str], arguments: Arguments, outcome: Outcome) -> int:
    from codec.endpoints import is_canonical, repack, truncate

    found = _family(_objects(files, arguments, outcome), outcome, "Endpoints", "EndpointSlice")
    given = [row for row in found if row.kind == "Endpoints"] + _gathered(found, outcome)
    if arguments.check:
        changed = [row for row in given if not is_canonical(row.obj)]
        write("".join(f"{printable(row.name)}\n" for row in changed))
        return outcome.status or (NO if changed else 0)
    for row in given:
        if arguments.truncate:
            row.obj = truncate(row.obj)
        else:
            row.obj.subsets = repack(row.obj.subsets, share_app_protocol=arguments.share_app_protocol)
    _write_objects([row.obj for row in given], arguments.output or "yaml", outcome)
    return outcome.status


def _by_service(found: list[Object], outcome: Outcome) -> dict[tuple[str, str], list[EndpointSlice]]:
    """The slices of each Service."""
    from codec.endpoints.mirroring import SERVICE_NAME

    groups: dict[tuple[str, str], list[EndpointSlice]] = {}
    for row in found:
        if row.kind == "EndpointSlice":
            service = row.obj.metadata.labels.get(SERVICE_NAME, "")
            if not service:
                outcome.failed(row.label, f"no label {SERVICE_NAME}: it belongs to no Service")
                continue
            groups.setdefault((row.obj.metadata.namespace, service), []).append(row.obj)
    return groups


def _gathered(found: list[Object], outcome: Outcome) -> list[Object]:
    """The Endpoints that the slices of the input make, one for each Service; what does not fit is named."""
    from codec.endpoints import from_slices

    made = []
    for (namespace, service), slices in _by_service(found, outcome).items():
        gathered = from_slices(slices)
        if gathered.lost:
            listed = ", ".join(f"{what} ({count})" for what, count in gathered.lost.items())
            outcome.failed(f"EndpointSlices of {namespace}/{service}", f"an Endpoints has no place for: {listed}")
        made.append(Object(gathered.endpoints, ""))
    return made


def _slices(files: list[str], arguments: Arguments, outcome: Outcome) -> int:
    from codec.endpoints import to_slices

    found = _objects(files, arguments, outcome)
    services = {row.name: row.obj for row in found if row.kind == "Service"}
    named = None
    if arguments.service is not None:
        named = _one_service(arguments, outcome)
    made: list[EndpointSlice] = []
    nothing = False
    for row in _family(found, outcome, "Endpoints"):
        # Without its Service, one without a selector is taken for granted.
        service = services.get(row.name) if named is None else named
        result = to_slices(row.obj, service, arguments.max_per_subset)
        for reason, message in result.events:
            say(f"{row.label}: {reason}: {message}")
        if not result.exact:
            say(f"{row.label}: the controller drops endpoints at random here; these are the first ones")
        if not result.slices:
            nothing = True
            say(f"{row.label}: no slices: {result.reason or 'no address to mirror'}")
        made += result.slices
    if arguments.storage:
        _write_stored(made, arguments)
    else:
        _write_objects(made, arguments.output or "yaml", outcome)
    return outcome.status or (NO if nothing else 0)


def _one_service(arguments: Arguments, outcome: Outcome) -> Any:
    """The Service of --service."""
    found = [row.obj for row in _objects([arguments.service], arguments, outcome) if row.kind == "Service"]
    if len(found) != 1:
        raise UsageError(f"--service names one Service, and {arguments.service} holds {len(found)}", "endpoints")
    return found[0]


SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # apimachinery pkg/util/rand


def _named(one: EndpointSlice) -> EndpointSlice:
    """The slice with a name, as the API server gives one to a generateName; of the contents here, not at random."""
    from codec.endpoints.hashing import fnv1a, slice_port_text

    number = fnv1a(" ".join([one.addressType, *map(slice_port_text, one.ports)]))
    suffix = ""
    for _ in range(5):
        number, letter = divmod(number, len(SUFFIX_LETTERS))
        suffix += SUFFIX_LETTERS[letter]
    one.metadata.name = one.metadata.generateName[:248] + suffix  # maxGeneratedNameLength, 253 - 5
    return one


def _write_stored(slices: list[EndpointSlice], arguments: Arguments) -> None:
    """Bare bytes of one slice, or with -o jsonl a line of key and value for each."""
    from codec.storage import encode
    from codec.storage.keys import key

    named = list(map(_named, slices))
    if arguments.output == "jsonl":
        from binascii import b2a_base64

        from codec.text.json_writer import dump

        for one in named:
            value = b2a_base64(encode(one), newline=False).decode("ascii")
            write(dump({"key": key(one), "value": value}) + b"\n")
        return
    if arguments.output is not None:
        raise UsageError("--storage gives bare bytes, or with -o jsonl a line of key and value", "endpoints")
    if len(named) > 1:
        raise UsageError(f"bare bytes are those of one slice, and here are {len(named)}: use -o jsonl", "endpoints")
    if named and is_terminal():
        raise UsageError("binary is not written to a terminal: redirect it (`> value.bin`), or use -o jsonl")
    for one in named:
        write(encode(one))


def _cost(files: list[str], arguments: Arguments, outcome: Outcome) -> int:
    from codec.cli.endpoints_cost import SAMPLES, report, sample
    from codec.endpoints import cost

    costs = []
    if not files:
        costs = [(f"{count:,} addresses", cost(sample(count), arguments.per_slice)) for count in SAMPLES]
    else:
        found = _family(_objects(files, arguments, outcome), outcome, "Endpoints", "EndpointSlice")
        for row in found:
            if row.kind == "Endpoints":
                costs.append((row.name, cost(row.obj, arguments.per_slice)))
        for (namespace, service), slices in _by_service(found, outcome).items():
            costs.append((f"{namespace}/{service}", cost(slices)))
    if arguments.output == "json":
        _json([_cost_tree(name, one) for name, one in costs])
    else:
        write(report(costs, arguments.watchers, bars=is_terminal()))
    return outcome.status


def _cost_tree(name: str, one: Any) -> dict[str, Any]:
    changes = {
        kind: {"stored": change.stored, "sent": change.sent}
        for kind, change in (("endpoints", one.endpoints), ("slice", one.slice))
    }
    return {"object": name, "addresses": one.addresses, "slices": one.slices, **changes}


# action → what it does, its own options, its forms of output
ACTIONS: dict[str, tuple[Callable[[list[str], Arguments, Outcome], int], tuple[str, ...], tuple[str, ...]]] = {
    "expand": (_expand, ("ready",), ("wide", "json", "addr")),
    "validate": (_validate, ("old", "sloppy_ip"), ("json",)),
    "repack": (_repack, ("check", "truncate", "share_app_protocol"), ("yaml", "json", "jsonl")),
    "slices": (_slices, ("service", "max_per_subset", "storage"), ("yaml", "json", "jsonl")),
    "cost": (_cost, ("per_slice", "watchers"), ("json",)),
}

COMMAND = Command(
    "endpoints",
    "what Endpoints and EndpointSlices mean: who serves, is it valid, what does it cost",
    operands="expand|validate|repack|slices|cost [FILE…]",
    description="""\
Reads stored bytes, YAML or JSON, one object or many; stdin where no FILE is named (cost: `-`).

expand     a row for each endpoint, address by port; -o wide, json, or addr: host:port lines
validate   what the API server says about it, as kubectl prints it; exit status 1 if it refuses
repack     the canonical form, as the endpoints controller writes it; slices become the Endpoints of their Service
slices     the EndpointSlices that the mirroring controller makes for a Service without a selector; a Service in the
           input, or --service, can forbid it; exit status 1 if there are none
cost       what one change of one Pod writes to etcd and sends to each watcher: the whole Endpoints beside the one
           slice that the Pod is in; without FILE for 3, 100 and 1,000 addresses
""",
    options=(
        Option("-o, --output", "the form", choices=("wide", "json", "jsonl", "yaml", "addr")),
        Option("--ready", "expand: only endpoints that take traffic"),
        Option("--old", "validate: the stored object that it would replace", metavar="FILE"),
        Option("--sloppy-ip", "validate: as API servers before v1.36, which took leading zeros and ::ffff:1.2.3.4"),
        Option("--check", "repack: print the names of those that are not canonical; exit status 1 if there are any"),
        Option("--truncate", "repack: cut at 1,000 addresses, as the endpoints controller"),
        Option("--share-app-protocol", "repack: ports of equal appProtocol are one, as in the controller"),
        Option("--service", "slices: the Service of that name", metavar="FILE"),
        Option("--max-per-subset", "slices: addresses of a subset", metavar="N", is_number=True, default=1000),
        Option("--storage", "slices: the bytes that etcd would hold; of several with -o jsonl"),
        Option("--per-slice", "cost: endpoints of a slice", metavar="N", is_number=True, default=100),
        Option("--watchers", "cost: how many watch, one on each node for kube-proxy", metavar="N", is_number=True),
        Option("--allow-unknown", "leave out keys that the schema does not know, instead of refusing them"),
    ),
    examples=(
        ("k8s-codec endpoints expand value.bin", "who serves"),
        ("kubectl get endpointslices -o json | k8s-codec endpoints expand -o addr --ready", "host:port lines"),
        ("k8s-codec endpoints validate endpoints.yaml", "would the API server take it"),
        ("k8s-codec endpoints slices endpoints.yaml", "its EndpointSlices, as manifests"),
        ("k8s-codec endpoints cost --watchers 500", "why there are EndpointSlices"),
    ),
    run=run,
)
