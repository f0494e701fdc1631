"""Object ⇄ etcd key: `/registry/<resource>/<namespace>/<name>`, with the spellings that the first releases chose.

Source: apiserver pkg/registry/generic/registry/store.go (NamespaceKeyFunc, NoNamespaceKeyFunc); resources.py.
"""

from __future__ import annotations

from codec.errors import DecodeError, EncodeError, NotRegisteredError
from codec.storage.resources import OWN_RECORDS, at, group_of, of_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.api import Message

PREFIX = "/registry"  # --etcd-prefix of the API server


class Key:
    """The parts of an etcd key.

    group: of the resource; for a built-in one the group that stores it. resource: its plural, as in API paths.
    kind: "" for a custom resource, whose key does not tell it. namespace: "" where the key has none.
    """

    __slots__ = ("group", "kind", "name", "namespace", "prefix", "resource")

    def __init__(self, prefix: str, group: str, resource: str, namespace: str, name: str, kind: str = "") -> None:
        self.prefix = prefix
        self.group = group
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return all(getattr(self, part) == getattr(other, part) for part in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.prefix, self.group, self.resource, self.namespace, self.name))

    def __repr__(self) -> str:
        return (
            f"Key(prefix={self.prefix!r}, group={self.group!r}, resource={self.resource!r}, "
            f"namespace={self.namespace!r}, name={self.name!r}, kind={self.kind!r})"
        )


def parse_key(key: str, prefix: str = "") -> Key:
    """An etcd key → its parts. Without `prefix`, the first word of the path is taken for it.

    DecodeError for a key that is not that of an object, as `compact_rev_key` is none.
    """
    prefix = prefix.rstrip("/") or "/" + key.removeprefix("/").partition("/")[0]
    if not key.startswith(prefix + "/"):
        raise DecodeError(f"the key does not begin with {prefix}/")
    words = key[len(prefix) + 1 :].split("/")
    if len(words) < 2 or not all(words):
        raise DecodeError("not the key of an object: /<prefix>/<resource>[/<namespace>]/<name>")
    if words[0] in OWN_RECORDS and len(words) == 2:
        return Key(prefix, "", words[0], "", words[1], "Endpoints")
    for length in (2, 1):
        resource = at("/".join(words[:length]))
        place = words[length:]
        if resource is not None and len(place) == 1 + resource.namespaced:
            namespace = place[0] if resource.namespaced else ""
            return Key(prefix, resource.group, resource.name, namespace, place[-1], resource.kind)
    # A custom resource: its group has a dot, which no built-in resource's name has.
    if "." not in words[0] or len(words) not in (3, 4):
        raise DecodeError("not the key of an object that this release knows, nor of a custom resource")
    return Key(prefix, words[0], words[1], words[2] if len(words) == 4 else "", words[-1])


def key(obj: Message, prefix: str = PREFIX, *, resource: str = "") -> str:
    """The etcd key of an object.

    resource: the plural of a custom resource, which only its CustomResourceDefinition tells; without it, the plural
    is formed as apimachinery does where it has nothing to go by (meta.UnsafeGuessKindToResource).

    EncodeError where the object has no name, or a namespaced kind no namespace; NotRegisteredError for a kind that
    API servers do not store.
    """
    api_version, kind = getattr(obj, "apiVersion", ""), getattr(obj, "kind", "")
    namespace, name = _named(obj)
    return key_of(api_version, kind, namespace, name, prefix, resource=resource)


def key_of(api_version: str, kind: str, namespace: str, name: str, prefix: str = PREFIX, *, resource: str = "") -> str:
    """The etcd key of what these name; see `key`."""
    if not kind:
        raise NotRegisteredError("an object without a kind has no key")
    for part, text in (("name", name), ("namespace", namespace)):
        if "/" in text or text in (".", ".."):
            raise EncodeError(f"{text!r} cannot stand in a key", f"{kind}.metadata.{part}")
    if not name:
        raise EncodeError("an object without a name has no key", f"{kind}.metadata.name")
    builtin = of_kind(api_version, kind)
    if builtin is None:
        group = group_of(api_version)
        if not is_custom(api_version, kind):
            raise NotRegisteredError(f"{api_version} {kind} is not stored: it has no key")
        path = f"{group}/{resource or plural(kind)}"
        return "/".join(part for part in (prefix.rstrip("/"), path, namespace, name) if part)
    if builtin.namespaced and not namespace:
        raise EncodeError(f"a {kind} without a namespace has no key", f"{kind}.metadata.namespace")
    if namespace and not builtin.namespaced:
        raise EncodeError(f"a {kind} has no namespace", f"{kind}.metadata.namespace")
    return "/".join(part for part in (prefix.rstrip("/"), builtin.path, namespace, name) if part)


def is_custom(api_version: str, kind: str) -> bool:
    """Whether a kind can only be a custom resource: a group of its own, that no built-in message is registered in."""
    from codec.schema import builtin

    return "." in group_of(api_version) and builtin().find(api_version, kind) is None


def plural(kind: str) -> str:
    """The plural of a kind, by rule; apimachinery pkg/api/meta/restmapper.go UnsafeGuessKindToResource."""
    name = kind.lower()
    if name.endswith("s"):
        return name + "es"
    return name[:-1] + "ies" if name.endswith("y") else name + "s"


def _named(obj: Any) -> tuple[str, str]:
    """Namespace and name of an object of any class."""
    from codec.api import Unregistered, Unstructured

    if isinstance(obj, Unregistered):
        raise NotRegisteredError(f"{obj.apiVersion} {obj.kind} is not registered: its name is not known")
    if isinstance(obj, Unstructured):
        metadata = obj.content.get("metadata")
        if not isinstance(metadata, dict):
            return "", ""
        found = [metadata.get(part, "") for part in ("namespace", "name")]
        return found[0] if isinstance(found[0], str) else "", found[1] if isinstance(found[1], str) else ""
    metadata = getattr(obj, "metadata", None)
    return getattr(metadata, "namespace", ""), getattr(metadata, "name", "")
