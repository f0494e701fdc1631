"""YAML documents → the JSON that sigs.k8s.io/yaml makes of them, with the places of their values.

PyYAML only parses; what a scalar means, keys that are no strings, merges and the limit of aliases follow goyaml.v2
(resolve.go, decode.go) and the splitting of documents follows apimachinery pkg/util/yaml/decoder.go.

Upstream differs, on purpose: of a key that occurs twice it takes the last, it ignores what follows a document's end
(`...`, or a line with less indentation than the first), and it has no limit for the text that aliases repeat. Here
these are errors.

Upstream differs, because libyaml under PyYAML is newer than its port to Go: it refuses `?` inside plain scalars of flow
lists and mappings and the escape \\/, both taken here; it takes the escape \\', `{a:, b: 1}` with a key "a:", and tags
with brackets and commas in them, all refused here."""

from __future__ import annotations

from codec.text.json_plain import sorted_tree
from codec.text.json_writer import dump
from codec.text.number import format_general32
from codec.text.yaml_scalar import INT64_MAX, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    Path = Sequence[str | int]
    Where = Callable[[Path], tuple[int, int] | None]

MAX_DEPTH = 10_000  # open lists and mappings at once; goyaml.v2 scannerc.go, max_flow_level
MAX_DEPTH_IN_PYTHON = 1_000  # where PyYAML has no C parser
MAX_ALIAS_TEXT = 16 << 20  # characters that aliases may repeat; ours, an object in etcd is smaller by far

# goyaml.v2 decode.go, allowedAliasRatio: the share of nodes that may come out of aliases falls from the first to the
# second between these numbers of nodes.
ALIAS_SHARE = (0.99, 0.10)
ALIAS_RANGE = (400_000, 4_000_000)

TAG_PREFIX = "tag:yaml.org,2002:"


class YAMLError(ValueError):
    """Text that is no YAML, or YAML that has no JSON form. line and column count from 1 in the whole text."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.message}, at line {self.line}, column {self.column}"


def documents(text: bytes | str) -> Iterator[tuple[str, Where]]:
    """Each document of a stream as its JSON text, keys sorted, and a function from a path of keys and indexes in that
    JSON to the (line, column) of the value's key or item, counted from 1; None where the path leads nowhere.

    Documents that are empty, only comments or null are left out, as kubectl does. Raises YAMLError."""
    for chunk, line in split(_decoded(text)):
        tree = _Composer(chunk, line).document()
        if tree is not None:
            # Sorted, as json.Marshal prints a map: raw JSON (FieldsV1, RawExtension) keeps that order.
            yield dump(sorted_tree(tree)).decode(), _locator(chunk, line)


def split(text: str) -> Iterator[tuple[str, int]]:
    """The documents of a stream with the number of the line, from 0, that each starts at.

    A line that starts with --- parts them wherever it stands, in a quoted string too; only a comment may follow on
    it. It is kept where nothing stands before it (apimachinery pkg/util/yaml/decoder.go, YAMLReader)."""
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        del lines[-1]
    start = 0
    for number, line in enumerate(lines):
        if not line.startswith("---"):
            continue
        rest = line[3:].strip()
        if rest and rest[0] != "#":
            raise YAMLError("only a comment may follow the --- that separates documents", number + 1, 4)
        if number > start:
            yield "\n".join(lines[start:number]) + "\n", start
            start = number + 1
    if start < len(lines):
        yield "\n".join(lines[start:]) + "\n", start


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        return text
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(text[:2], "utf-8")
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        before = text[: error.start].decode(encoding, "replace")
        raise _error_at(before, len(before), f"text that is no {encoding.upper()[:6].rstrip('-')}") from None


def _error_at(text: str, index: int, message: str, line: int = 0) -> YAMLError:
    return YAMLError(message, line + text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)


def _loader() -> tuple[Any, int]:
    """PyYAML's loader and how deep it may go: the C one where it is there, else the one in Python, which takes time
    with the square of the depth and knows no tabs between tokens. (In plain scalars it still refuses them.)"""
    import yaml

    if hasattr(yaml, "CSafeLoader"):
        return yaml.CSafeLoader, MAX_DEPTH

    class Loader(yaml.SafeLoader):
        def scan_to_next_token(self) -> None:
            while True:
                super().scan_to_next_token()
                if self.peek() != "\t" or (self.allow_simple_key and not self.flow_level):
                    return
                self.forward()

    return Loader, MAX_DEPTH_IN_PYTHON


def _events(chunk: str, line: int) -> Iterator[Any]:
    """The events of PyYAML's parser; its errors as YAMLError."""
    import yaml

    loader, _ = _loader()
    try:
        yield from yaml.parse(chunk, Loader=loader)
    except yaml.reader.ReaderError as error:
        character = error.character if isinstance(error.character, str) else chr(error.character)
        raise _error_at(
            chunk, max(chunk.find(character), 0), "a control character is not allowed in YAML", line
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YAMLError(
            error.problem or "not YAML", line + (mark.line if mark else 0) + 1, (mark.column if mark else 0) + 1
        ) from None
    except UnicodeEncodeError as error:
        raise _error_at(chunk, error.start, "a lone surrogate is not allowed in YAML", line) from None
    except (ValueError, OverflowError):  # of chr(), in the parser that is written in Python
        raise _error_at(chunk, max(chunk.find("\\U"), 0), "an escape beyond U+10FFFF", line) from None


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "has_key", "key", "merge", "merged", "start", "text_start", "value")

    def __init__(self, value: Any, anchor: str | None, start: int, text_start: int) -> None:
        self.value = value
        self.anchor = anchor
        self.start = start  # the composer's counts before it
        self.text_start = text_start
        self.has_key = type(value) is list  # whether the next node is an element, or the value of key
        self.key = ""
        self.merge = False  # whether the next node is the value of <<
        self.merged: set[str] | None = None  # the keys that came out of <<, and that may come once more


_PENDING = _Open(None, None, 0, 0)  # the value of an anchor whose list or mapping is still open


class _Composer:
    """Makes the plain tree of one document out of its events."""

    def __init__(self, chunk: str, line: int) -> None:
        self.chunk = chunk
        self.line = line
        self.anchors: dict[str, tuple[Any, int, int]] = {}  # value, nodes, characters
        self.nodes = 0  # how many upstream would decode: those behind an alias each time again
        self.alias_nodes = 0
        self.text = 0  # characters of scalars, counted likewise
        self.alias_text = 0
        self.top = _Open([], None, 0, 0)  # around the document: a list that gets its one node
        self.stack: list[_Open] = []

    def document(self) -> Any:
        """The tree, None for an empty document."""
        from yaml import events as kinds

        actions = {
            kinds.ScalarEvent: self._scalar,
            kinds.AliasEvent: self._alias,
            kinds.MappingStartEvent: self._start_mapping,
            kinds.SequenceStartEvent: self._start_list,
            kinds.MappingEndEvent: self._end,
            kinds.SequenceEndEvent: self._end,
        }
        around = self.top
        _, self.max_depth = _loader()
        ended = False
        for event in _events(self.chunk, self.line):
            kind = type(event)
            if kind in actions:
                actions[kind](event)
            elif kind is kinds.DocumentEndEvent:
                ended = True
            elif kind is kinds.DocumentStartEvent and ended:
                raise self._error("a second document after the end of this one, without a line --- between them", event)
        return around.value[0] if around.value else None

    def _error(self, message: str, event: Any) -> YAMLError:
        mark = event.start_mark
        return YAMLError(message, self.line + mark.line + 1, mark.column + 1)

    def _scalar(self, event: Any) -> None:
        value: str = event.value
        tag = event.tag
        self.nodes += 1
        self.text += len(value)
        if value == "<<" and not self.top.has_key and (event.implicit[0] or tag == TAG_PREFIX + "merge"):
            self.nodes -= 1
            self.top.has_key = self.top.merge = True
            return
        result: Any
        if tag is not None:
            result = self._tagged(value, tag, event)
        elif event.implicit[0]:
            result = resolve(value)
        else:
            result = value
            if not value.isascii():
                self._check_surrogates(value, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (result, 1, len(value))
        self._add(result, event)

    def _check_surrogates(self, value: str, event: Any) -> None:
        """PyYAML's parser in Python takes the escape of a lone surrogate."""
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self._error("found invalid Unicode character escape code", event) from None

    def _tagged(self, value: str, tag: str, event: Any) -> Any:
        """A scalar with a tag of its own (resolve.go). Tags that YAML does not define leave it a string."""
        name = tag.removeprefix(TAG_PREFIX) if tag.startswith(TAG_PREFIX) else ""
        if name == "binary":
            import binascii

            encoded = value.replace("\n", "").replace("\r", "")
            try:
                data = binascii.a2b_base64(encoded, strict_mode=True)
                if len(encoded) % 4:
                    raise ValueError
            except ValueError:
                raise self._error("!!binary with bad base64", event) from None
            return data.decode("utf-8", "surrogateescape")
        if name not in _TAGS:  # str among them
            return value
        result = resolve(value)
        if name == "float" and type(result) is int and result <= INT64_MAX:
            return float(result)
        if name == "timestamp":
            from codec.text.yaml_scalar import is_timestamp

            if is_timestamp(value):
                return value
        elif type(result) is _TAGS[name]:
            return result
        raise self._error(f"a !!{name} with a value that is none", event)

    def _alias(self, event: Any) -> None:
        found = self.anchors.get(event.anchor)
        if found is None:
            raise self._error(f"an alias without an anchor: {event.anchor}", event)
        value, nodes, text = found
        if value is _PENDING:
            raise self._error(f"an anchor that contains itself: {event.anchor}", event)
        self.nodes += 1 + nodes
        self.alias_nodes += nodes
        self.text += text
        self.alias_text += text
        if self.alias_nodes > 100 and self.nodes > 1000 and self.alias_nodes / self.nodes > _alias_share(self.nodes):
            raise self._error("excessive aliasing", event)
        if self.alias_text > MAX_ALIAS_TEXT:
            raise self._error(f"aliases that repeat more than {MAX_ALIAS_TEXT} characters", event)
        if self.top.merge and type(value) is list:
            raise self._error(_MERGE, event)
        self._add(value, event)

    def _start_mapping(self, event: Any) -> None:
        self._start({}, event)

    def _start_list(self, event: Any) -> None:
        self._start([], event)

    def _start(self, value: Any, event: Any) -> None:
        if not self.top.has_key:
            raise self._error("a mapping's key that is a list or a mapping", event)
        if len(self.stack) >= self.max_depth:
            raise self._error("nested too deeply", event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (_PENDING, 0, 0)
        self.stack.append(self.top)
        self.top = _Open(value, event.anchor, self.nodes, self.text)
        self.nodes += 1

    def _end(self, event: Any) -> None:
        closed = self.top
        self.top = self.stack.pop()
        if closed.anchor is not None and self.anchors[closed.anchor][0] is _PENDING:
            self.anchors[closed.anchor] = (closed.value, self.nodes - closed.start, self.text - closed.text_start)
        self._add(closed.value, event)

    def _add(self, value: Any, event: Any) -> None:
        """Puts a finished node where it belongs."""
        top = self.top
        container = top.value
        if not top.has_key:
            key = value if type(value) is str else self._key(value, event)
            if key in container and (top.merged is None or key not in top.merged):
                raise self._error(f'the key "{key}" occurs twice', event)
            if top.merged is not None:
                top.merged.discard(key)
            top.key = key
            top.has_key = True
            return
        if type(value) is float and value - value != 0:
            raise self._error("a number that JSON cannot hold: NaN or infinity", event)
        if type(container) is list:
            container.append(value)
            return
        top.has_key = False
        if top.merge:
            top.merge = False
            self._merge(top, value, event)
        else:
            container[top.key] = value

    def _key(self, value: Any, event: Any) -> str:
        """A key that is no string as a string (sigs.k8s.io/yaml convertToJSONableObject)."""
        if value is True:
            return "true"
        if value is False:
            return "false"
        if type(value) is float:
            return format_general32(value)
        if type(value) is int and value <= INT64_MAX:
            return str(value)
        if type(value) in (dict, list):
            raise self._error("a mapping's key that is a list or a mapping", event)
        raise self._error("a mapping's key that is null" if value is None else "a mapping's key beyond int64", event)

    def _merge(self, top: _Open, value: Any, event: Any) -> None:
        """The value of <<. Later entries win, as upstream has it: a key before << loses, one behind it does not."""
        sources = value[::-1] if type(value) is list else [value]
        if type(value) is list:
            self.nodes -= 1
        if top.merged is None:
            top.merged = set()
        for source in sources:
            if type(source) is not dict:
                raise self._error(_MERGE, event)
            top.merged.update(key for key in source if key not in top.value)
            top.value.update(source)


_MERGE = "<< takes a mapping or a list of mappings"
_TAGS = {"bool": bool, "int": int, "float": float, "null": type(None), "timestamp": str}


def _alias_share(nodes: int) -> float:
    low, high = ALIAS_RANGE
    part = min(max((nodes - low) / (high - low), 0.0), 1.0)
    return ALIAS_SHARE[0] - (ALIAS_SHARE[0] - ALIAS_SHARE[1]) * part


def _locator(chunk: str, line: int) -> Where:
    def where(path: Path) -> tuple[int, int] | None:
        return _locate(chunk, line, path)

    return where


def _locate(chunk: str, line: int, path: Path) -> tuple[int, int] | None:
    """Walks the document's events along the path. Where it goes on behind an alias or a merge, these are the place."""
    from yaml import events as kinds

    events = _events(chunk, line)
    event = next(events)
    while type(event) in (kinds.StreamStartEvent, kinds.DocumentStartEvent):
        event = next(events)
    place = event.start_mark
    starts = (kinds.MappingStartEvent, kinds.SequenceStartEvent)
    ends = (kinds.MappingEndEvent, kinds.SequenceEndEvent)

    def skip(event: Any) -> None:
        depth = 0
        while True:
            depth += (type(event) in starts) - (type(event) in ends)
            if not depth:
                return
            event = next(events)

    for step in path:
        found = None
        if type(event) is kinds.AliasEvent:
            break
        if type(event) not in starts:
            return None
        is_mapping = type(event) is kinds.MappingStartEvent
        index = 0
        event = next(events)
        while type(event) not in ends:
            if not is_mapping:
                if index == step:
                    found = event.start_mark
                    break
                index += 1
                skip(event)
            else:
                key = event
                event = next(events)
                if type(key) is kinds.ScalarEvent and _key_text(key) == step:
                    found = key.start_mark
                    break
                if type(key) is kinds.ScalarEvent and key.value == "<<" and key.implicit[0]:
                    found = key.start_mark
                skip(event)
            event = next(events)
        if found is None:
            return None
        place = found
        if type(event) in ends:  # only a merge was found
            break
    return line + place.line + 1, place.column + 1


def _key_text(event: Any) -> str:
    value = resolve(event.value) if event.tag is None and event.implicit[0] else event.value
    if type(value) is bool:
        return "true" if value else "false"
    return format_general32(value) if type(value) is float else str(value)
