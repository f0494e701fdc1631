"""Reads and writes what a Kubernetes API server stores in etcd: protobuf values, their JSON and YAML, typed objects.

    obj = codec.decode(raw)
    raw = codec.encode(obj)

Names are resolved on first use, so that `import codec` costs next to nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import overload as overload

    from codec.api import Message as Message
    from codec.api import Unregistered as Unregistered
    from codec.api import Unstructured as Unstructured
    from codec.errors import CodecError as CodecError
    from codec.errors import DecodeError as DecodeError
    from codec.errors import EncodeError as EncodeError
    from codec.errors import EncryptedError as EncryptedError
    from codec.errors import NotRegisteredError as NotRegisteredError
    from codec.errors import SourceError as SourceError
    from codec.errors import UnknownFieldsWarning as UnknownFieldsWarning
    from codec.schema import kinds as kinds
    from codec.schema.registration import register as register
    from codec.source.opening import open as open
    from codec.storage import decode as decode
    from codec.storage import encode as encode
    from codec.storage.keys import key as key
    from codec.storage.keys import parse_key as parse_key
    from codec.storage.many import storage_to_json_many as storage_to_json_many
    from codec.storage.transcode import json_to_storage as json_to_storage
    from codec.storage.transcode import storage_to_json as storage_to_json
    from codec.storage.transcode import storage_to_yaml as storage_to_yaml
    from codec.text.objects import from_dict as from_dict
    from codec.text.objects import from_json as from_json
    from codec.text.objects import from_yaml as from_yaml
    from codec.text.objects import from_yaml_all as from_yaml_all
    from codec.text.objects import to_dict as to_dict
    from codec.text.objects import to_json as to_json
    from codec.text.objects import to_yaml as to_yaml

    engine: str  # "compiled", or "python" where the readable engine runs alone
    twin: ModuleType | None  # the compiled engine; a road goes on by itself where it answers None

else:

    def overload(function):
        """typing's own would be a slow import; what stands under it is for type checkers alone."""
        return function


# module → the public names it holds
_HOMES = {
    "codec.api": ("Message", "Unregistered", "Unstructured"),
    "codec.errors": (
        "CodecError",
        "DecodeError",
        "EncodeError",
        "EncryptedError",
        "NotRegisteredError",
        "SourceError",
        "UnknownFieldsWarning",
    ),
    "codec.schema": ("kinds",),
    "codec.schema.registration": ("register",),
    "codec.source.opening": ("open",),
    "codec.storage": ("decode", "encode"),
    "codec.storage.keys": ("key", "parse_key"),
    "codec.storage.many": ("storage_to_json_many",),
    "codec.storage.transcode": ("json_to_storage", "storage_to_json", "storage_to_yaml"),
    "codec.text.objects": ("from_dict", "from_json", "from_yaml", "from_yaml_all", "to_dict", "to_json", "to_yaml"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["engine", *_HOME_OF]  # noqa: PLE0604 - names, each a str


def _choose_engine() -> None:
    """Sets `engine` and `twin`: the compiled engine where it was built for this release, unless it is unwanted.

    K8S_CODEC_ENGINE=python keeps to the readable one; =compiled makes a missing twin an ImportError.
    """
    from os import environ

    found: ModuleType | None = None
    wanted = environ.get("K8S_CODEC_ENGINE", "")
    if wanted != "python":
        try:
            from codec import _compiled

            found = _compiled
        except ImportError:
            if wanted == "compiled":
                raise
        # An extension that an older release left behind is not taken.
        if found is not None and __version__ != found.VERSION:
            if wanted == "compiled":
                raise ImportError(f"the compiled engine is of release {found.VERSION}, not {__version__}")
            found = None
    globals().update(engine="python" if found is None else "compiled", twin=found)


def __getattr__(name: str) -> object:
    if name in ("engine", "twin"):
        _choose_engine()
        return globals()[name]
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'codec' has no attribute {name!r}")
    value = getattr(__import__(module, fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
