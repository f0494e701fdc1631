"""Which resource types a source holds, which of them a word means, and which of them a key is.

Custom resources are told by the CustomResourceDefinitions in the source, and where it has none of them, by the keys.
"""

from __future__ import annotations

from codec.errors import CodecError, DecodeError, SelectionError, printable
from codec.query.names import CATEGORIES
from codec.query.resources import NOWHERE, CustomType, Place, ResourceType, builtin
from codec.storage.keys import PREFIX, parse_key
from codec.storage.resources import at, of_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from codec.api import Message
    from codec.source.keyspace import Source

    _Mapping = Mapping[tuple[str, str], Message]
else:
    _Mapping = object  # collections.abc would be a slow import

DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions"  # where they stand below the prefix


def prefix_of(source: Source) -> str:
    """What stands in front of the resource in a source's keys; see Source.prefix."""
    return source.prefix() or PREFIX  # of an empty etcd: what its API server will most likely be given


class Catalog:
    """The resource types of a source, at a revision; read as far as they are asked for."""

    def __init__(self, source: Source, revision: int | None = None) -> None:
        self.source = source
        self.revision = revision
        self._prefix: str | None = None
        self._places: dict[bytes, Place] = {}
        self._custom: dict[str, ResourceType] = {}  # by path
        self._defined: list[tuple[str, str]] | None = None
        self._unreadable: set[str] = set()

    @property
    def prefix(self) -> str:
        """The prefix of the keys, such as `/registry`."""
        if self._prefix is None:
            self._prefix = prefix_of(self.source)
        return self._prefix

    def start(self, path: str) -> bytes:
        """What the keys below a path begin with."""
        return f"{self.prefix}/{path}/".encode("utf-8", "surrogateescape")

    # Key → type

    def place(self, directory: bytes) -> Place:
        """What the keys of a directory are, which is a key without its last word: `/registry/pods/default`."""
        found = self._places.get(directory)
        if found is None:
            found = self._places[directory] = self._find_place(directory.decode("utf-8", "surrogateescape"))
        return found

    def _find_place(self, directory: str) -> Place:
        # The usual prefix is not looked for: one key can be read without reading any other.
        prefix = self._prefix or (PREFIX if directory.startswith(PREFIX + "/") else self.prefix)
        try:
            key = parse_key(f"{directory}/name", prefix)
        except DecodeError:
            return self._unknown_place(directory, prefix)
        if key.kind:
            words = directory[len(prefix) + 1 :].split("/")
            known = builtin()
            return Place(known.get("/".join(words[:2])) or known[words[0]], key.namespace)
        return Place(self._custom_type(key.group, key.resource), key.namespace)

    def _unknown_place(self, directory: str, prefix: str) -> Place:
        """A built-in resource that this release does not know has its keys like any other."""
        words = directory[len(prefix) + 1 :].split("/")
        if not prefix or not directory.startswith(prefix + "/") or not all(words) or len(words) > 2 or "." in words[0]:
            return NOWHERE
        if at(words[0]) is not None or at("/".join(words)) is not None or words[0] in builtin():
            return NOWHERE
        found = self._custom.get(words[0])
        if found is None:
            found = self._custom[words[0]] = ResourceType(words[0], "", words[0], namespaced=len(words) == 2)
        return Place(found, words[1] if len(words) == 2 else "")

    # Custom resources

    def _custom_type(self, group: str, plural: str) -> ResourceType:
        """A custom resource; its definition is read when more than group and plural is asked for."""
        path = f"{group}/{plural}"
        found = self._custom.get(path)
        if found is None:
            found = self._custom[path] = CustomType(group, plural, lambda: self._defined_type(group, plural))
        return found

    def _defined_type(self, group: str, plural: str) -> ResourceType:
        """What the definition says, where the source has one that can be read."""
        path, name = f"{group}/{plural}", f"{plural}.{group}"
        found = None
        try:
            stored = self.source.get(self.start(DEFINITIONS) + name.encode("utf-8", "surrogateescape"), self.revision)
            if stored is not None:
                found = self._definition(stored.value, name)
        except CodecError:
            self._unreadable.add(name)
        return ResourceType(path, group, plural) if found is None or found.path != path else found

    def _definition(self, raw: bytes, name: str) -> ResourceType | None:
        """What a stored CustomResourceDefinition says; None where it cannot be read."""
        try:
            spec = _tree(raw).get("spec")
        except CodecError:
            self._unreadable.add(name)
            return None
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            return None
        group, plural = _text(spec.get("group")), _text(names.get("plural"))
        others = (_text(names.get("singular")), *_texts(names.get("shortNames")))
        return ResourceType(
            f"{group}/{plural}",
            group,
            plural,
            _text(names.get("kind")),
            spec.get("scope") != "Cluster",
            tuple(other.lower() for other in others),
            _texts(names.get("categories")),
        )

    def definition(self, group: str, plural: str) -> Message | None:
        """The CustomResourceDefinition of a resource, None where the source has none that can be read.

        What a newer cluster, or a fault, put in that its class does not know is left out: it is read, not written.
        """
        from codec.storage import decode, form_of
        from codec.text.objects import from_json

        stored = self.source.get(
            self.start(DEFINITIONS) + f"{plural}.{group}".encode("utf-8", "surrogateescape"), self.revision
        )
        if stored is None:
            return None
        try:
            is_json = form_of(stored.value) == "json"
            found: Any = from_json(stored.value, allow_unknown=True) if is_json else decode(stored.value)
        except CodecError:
            return None
        return found if found.kind == "CustomResourceDefinition" and hasattr(found, "spec") else None

    def defined(self) -> list[tuple[str, str]]:
        """Plural and group of each CustomResourceDefinition: its name says both."""
        if self._defined is None:
            start = self.start(DEFINITIONS)
            self._defined = []
            for key in self.source.keys(start, self.revision):
                plural, _, group = key[len(start) :].decode("utf-8", "surrogateescape").partition(".")
                self._defined.append((plural, group))
        return self._defined

    @property
    def definitions(self) -> Definitions:
        """The CustomResourceDefinitions, by group and plural; each is read when it is asked for."""
        return Definitions(self)

    # Word → types

    def find(self, word: str) -> list[ResourceType]:
        """The types that a word means: a plural, singular or short name, `plural.group`, or a category such as `all`.

        SelectionError for a word that means none, or that means several of different groups.
        """
        name, dot, group = word.lower().partition(".")
        found = [each for each in builtin().values() if name in each.names and _is_of_group(each, dot, group)]
        custom = [
            self._custom_type(of_group, plural)
            for plural, of_group in self.defined()
            if plural == name and (not dot or _is_group(of_group, group))
        ]
        if custom:
            found = [each for each in found if self._is_served(each)]
        if found or custom:
            return [_single(word, found + custom)]
        if not dot:
            found = [each for each in builtin().values() if name in each.categories]
            found += [each for each in self._read_definitions(name) if name in each.categories]
            if found:
                order = [*CATEGORIES.get(name, ())]
                return sorted(found, key=lambda each: order.index(each.plural) if each.plural in order else len(order))
        found = [
            each
            for each in self._read_definitions(name)
            if name in each.names and (not dot or _is_group(each.group, group))
        ]
        if not found:
            found = [each for each in self._held() if each.plural == name and (not dot or _is_group(each.group, group))]
        if not found:
            raise SelectionError(self._unknown(word))
        return [_single(word, found)]

    def _is_served(self, found: ResourceType) -> bool:
        """Whether a cluster has a built-in type. An alpha or beta one, such as podgroups, is taken to be there only if
        there are objects of it: custom resources often had the name first."""
        row = at(found.path)
        if row is None or not ("alpha" in row.api_version or "beta" in row.api_version):
            return True
        return next(iter(self.source.keys(self.start(found.path), self.revision)), None) is not None

    def _read_definitions(self, name: str) -> list[ResourceType]:
        """The types of the definitions that name a word anywhere."""
        found = []
        for stored in self.source.list(self.start(DEFINITIONS), self.revision):
            raw = stored.value
            if name.encode("utf-8", "surrogateescape") in raw.lower():
                key = stored.key or b""
                defined = self._definition(raw, key.rpartition(b"/")[2].decode("utf-8", "replace"))
                if defined is not None:
                    found.append(self._custom.setdefault(defined.path, defined))
        return found

    def _held(self) -> list[ResourceType]:
        """The types that only keys tell of."""
        for directory in self._directories():
            self.place(directory)
        return [*self._custom.values()]

    def _directories(self) -> Iterator[bytes]:
        last = b""
        for key in self.source.keys(f"{self.prefix}/".encode("utf-8", "surrogateescape"), self.revision):
            directory = key.rpartition(b"/")[0]
            if directory != last:
                yield directory
                last = directory

    def _unknown(self, word: str) -> str:
        from difflib import get_close_matches

        known = {name for each in (*builtin().values(), *self._custom.values()) for name in each.names if len(name) > 3}
        known.update(plural for plural, _ in self.defined())
        near = get_close_matches(word.lower().partition(".")[0], sorted(known), 1)
        text = f"no resource type {printable(word)!r} here"
        if near:
            return f"{text}: did you mean {near[0]}?"
        if self._unreadable:
            text += f"; the names in {len(self._unreadable)} CustomResourceDefinition(s) cannot be read"
        return text


class Definitions(_Mapping):
    """A mapping of group and plural to the CustomResourceDefinition. One that cannot be read is as good as none."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._read: dict[tuple[str, str], Message | None] = {}

    def get(self, key: Any, default: Any = None) -> Any:
        """The definition, or the default."""
        if key not in self._read:
            self._read[key] = self._catalog.definition(*key)
        found = self._read[key]
        return default if found is None else found

    def __getitem__(self, key: tuple[str, str]) -> Message:
        found: Message | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((group, plural) for plural, group in self._catalog.defined())

    def __len__(self) -> int:
        return len(self._catalog.defined())

    def __bool__(self) -> bool:
        return True  # not asked for to find out


def _is_of_group(found: ResourceType, dot: str, group: str) -> bool:
    """Whether a built-in type is meant by a name with this group, which may be one that shares its storage."""
    if not dot:
        return True
    candidates = {group.rstrip(".")}
    version, _, rest = group.partition(".")
    if _is_version(version):
        candidates.add(rest)
    return any(
        each == found.group or ((row := of_kind(f"{each}/v1" if each else "v1", found.kind)) and row.path == found.path)
        for each in candidates
    )


def _is_group(group: str, asked: str) -> bool:
    """Whether `stable.example.com` or `v1.stable.example.com` asks for a group."""
    version, _, rest = asked.partition(".")
    return group == asked or (_is_version(version) and group == rest)


def _is_version(word: str) -> bool:
    """`v1`, `v1beta1`."""
    return word[:1] == "v" and word[1:2].isdecimal()


def _single(word: str, found: list[ResourceType]) -> ResourceType:
    """The one type. Several are told apart by their groups, which the error lists."""
    different = {each.path: each for each in found}
    if len(different) > 1:
        listed = ", ".join(each.full if each.group else f"{each.plural}." for each in different.values())
        raise SelectionError(f"resource type {printable(word)!r} is ambiguous: name one of {listed}")
    return found[0]


def _tree(raw: bytes) -> dict[str, Any]:
    """A definition as dicts and lists. API servers store it as JSON, which may be large."""
    import json

    from codec.storage import form_of

    if form_of(raw) != "json":
        from codec.storage.transcode import storage_to_json

        raw = storage_to_json(raw)
    try:
        tree = json.loads(raw.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"the value is no JSON: {error}") from None
    return tree if isinstance(tree, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
