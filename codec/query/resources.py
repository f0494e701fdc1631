"""What a resource type is, how people name the built-in ones, and the place of keys that share a directory.

Built-in types come from codec.storage.resources; what else a source holds is found by codec.query.catalog.
"""

from __future__ import annotations

from codec.query.names import CATEGORIES, SHORT_NAMES
from codec.storage.resources import OWN_RECORDS, all_resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class ResourceType:
    """One resource type. path: what stands between the prefix and the namespace or name in its keys.

    group: "" is the core group. plural: the resource, as in API paths. kind: "" where only its keys are known.
    namespaced: None where not even that is known. names: what else it is called, in small letters; categories: the
    words that mean it together with others.
    """

    __slots__ = ("categories", "group", "kind", "names", "namespaced", "path", "plural")

    def __init__(
        self,
        path: str,
        group: str,
        plural: str,
        kind: str = "",
        namespaced: bool | None = None,
        names: tuple[str, ...] = (),
        categories: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.group = group
        self.plural = plural
        self.kind = kind
        self.namespaced = namespaced
        self.names = frozenset((plural, kind.lower(), *names)) - {""}
        self.categories = frozenset(categories)

    @property
    def full(self) -> str:
        """`deployments.apps`: the name that is like no other's."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        """`deployment.apps`: as `kubectl get -o name` says it."""
        name = self.kind.lower() or self.plural
        return f"{name}.{self.group}" if self.group else name

    def __repr__(self) -> str:
        return f"ResourceType({self.full!r})"


class CustomType(ResourceType):
    """A custom resource, of which group and plural are known, and the rest is read when it is asked for."""

    __slots__ = ("_read",)

    def __init__(self, group: str, plural: str, read: Callable[[], ResourceType]) -> None:
        self.path = f"{group}/{plural}"
        self.group = group
        self.plural = plural
        self._read = read

    def __getattr__(self, name: str) -> object:
        # Python asks here for what no slot holds yet.
        if name not in _READ:
            raise AttributeError(name)
        found = self._read()
        for each in _READ:
            setattr(self, each, getattr(found, each))
        return object.__getattribute__(self, name)


_READ = ("kind", "namespaced", "names", "categories")


class Place:
    """Where keys stand that differ in the name alone: their type and namespace. type: None for keys of no object."""

    __slots__ = ("namespace", "type")

    def __init__(self, type: ResourceType | None, namespace: str = "") -> None:
        self.type = type
        self.namespace = namespace


NOWHERE = Place(None)

_builtin: dict[str, ResourceType] = {}  # by path


def builtin() -> dict[str, ResourceType]:
    """The built-in types, by path."""
    if not _builtin:
        for row in all_resources():
            categories = tuple(word for word, plurals in CATEGORIES.items() if row.name in plurals)
            _builtin[row.path] = ResourceType(
                row.path, row.group, row.name, row.kind, row.namespaced, SHORT_NAMES.get(row.name, ()), categories
            )
        for path in OWN_RECORDS:
            own = ResourceType(path, "", path, "Endpoints", False)
            own.names = frozenset((path,))
            _builtin[path] = own
    return _builtin
