"""Which engine runs: the compiled twin, where it was built for this release, or the readable one alone.

K8S_CODEC_ENGINE=python forces the readable one; =compiled makes a missing twin an ImportError. A road asks the twin
first and goes on by itself where the answer is None: what is rare, and every error, is the readable engine's.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def _load() -> ModuleType | None:
    from os import environ

    wanted = environ.get("K8S_CODEC_ENGINE", "")
    if wanted == "python":
        return None
    try:
        from codec._compiled import roads
    except ImportError:
        if wanted == "compiled":
            raise
        return None
    from codec import __version__

    # An extension that an older release left behind is not taken.
    if roads.VERSION == __version__:
        return roads
    if wanted == "compiled":
        raise ImportError(f"the compiled engine is of release {roads.VERSION}, not {__version__}")
    return None


twin = _load()
engine = "python" if twin is None else "compiled"
