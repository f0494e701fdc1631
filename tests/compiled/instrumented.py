"""Builds of the compiled engine that watch themselves: allocations that fail on demand, sanitizers, branches taken.

Each lies in a folder of its own under .cache/, so that the engine of everyday use stays what it was.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOOKS = Path(__file__).resolve().with_name("hooks.c")
CACHE = ROOT / ".cache"
WRAPPED = ("malloc", "calloc", "realloc", "free")

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
PLAIN_FLAGS = ("-O1", "-g", "-fno-omit-frame-pointer")


class CannotBuild(Exception):
    """There is no compiler, or no Cython, or no sanitizer, that such a build needs."""


def compiler() -> list[str]:
    """The C compiler's command."""
    return (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()


def missing(sanitize: bool = False) -> str:
    """What such a build lacks here; "" if it can be made."""
    command = compiler()
    if not shutil.which(command[0]):
        return f"there is no C compiler {command[0]}"
    if not (ROOT / "setup.py").exists():
        return "the repository is not here"
    for module in ("Cython", "setuptools"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    if sanitize:
        try:
            address_library()
        except CannotBuild as error:
            return str(error)
    return ""


def address_library() -> str:
    """The library of AddressSanitizer, which has to be there before the interpreter's own first allocation."""
    if not sys.platform.startswith("linux"):
        raise CannotBuild("the sanitizers are built for Linux only")
    found = subprocess.run(
        [*compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not os.path.isabs(found):
        raise CannotBuild(f"the compiler {compiler()[0]} has no shared AddressSanitizer (libasan.so)")
    return os.path.realpath(found)


def build(*, sanitize: bool = False, coverage: bool = False) -> Path:
    """Builds the engine, if anything changed, and returns the folder to lay before the package's own (see `use`)."""
    flags = [*PLAIN_FLAGS, *(SANITIZERS if sanitize else ())]
    made_of = hashlib.sha256(f"{compiler()} {flags} {coverage} {sys.version}".encode() + HOOKS.read_bytes())
    folder = CACHE / f"instrumented-{made_of.hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    hooks = folder / "hooks.o"
    include = f"-I{sysconfig.get_path('include')}"
    _run([*compiler(), *flags, include, "-fPIC", "-Wall", "-Wextra", "-c", str(HOOKS), "-o", str(hooks)])
    link = [str(hooks), *(f"-Wl,--wrap={name}" for name in WRAPPED), *(SANITIZERS if sanitize else ())]
    environment = os.environ | {
        "K8S_CODEC_BUILD": "compiled",
        "K8S_CODEC_CFLAGS": " ".join([*flags, *(["-fsanitize-coverage=trace-pc"] if coverage else [])]),
        "K8S_CODEC_LDFLAGS": " ".join(link),
    }
    # No preloaded sanitizer watches the compiler.
    environment.pop("LD_PRELOAD", None)
    _run(
        [sys.executable, "setup.py", "build_ext", "--build-lib", str(folder), "--build-temp", str(folder / "objects")],
        environment,
    )
    return folder / "codec"


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def environment_of(sanitize: bool) -> dict[str, str]:
    """What the process needs that uses a sanitized build.

    Leaks are not looked for at its end, where the tables, which live as long as the process, would be among them: the
    hooks count what is held after each case.
    """
    if not sanitize:
        return dict(os.environ)
    return os.environ | {
        "LD_PRELOAD": address_library(),
        "PYTHONMALLOC": "malloc",  # so that every object has an allocation, and a guarded one, of its own
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:malloc_context_size=10:quarantine_size_mb=32",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


class Hooks:
    """The functions of hooks.c in the engine that this process uses."""

    def __init__(self, library: str) -> None:
        self._library = ctypes.CDLL(library)
        for name in ("asked", "live", "held", "most", "news", "branches", "python_asked"):
            function = getattr(self._library, f"codec_hooks_{name}")
            function.restype = ctypes.c_long
            function.argtypes = []
        self._library.codec_hooks_reset.argtypes = [ctypes.c_long, ctypes.c_long]
        self._library.codec_hooks_reset.restype = None
        self._python = ctypes.PyDLL(library).codec_hooks_python
        self._python.argtypes = [ctypes.c_long, ctypes.c_long]
        self._python.restype = None

    def reset(self, fail_from: int = 0, count: int = 1) -> None:
        """Counts afresh; allocation fail_from, from 1 on, fails, and as many as count from there on; 0 for none."""
        self._library.codec_hooks_reset(fail_from, count)

    def python(self, fail_from: int = 0, count: int = 1) -> None:
        """As reset, for the allocations of Python itself; the first few are those of returning from here."""
        self._python(fail_from, count)

    def python_asked(self) -> int:
        """Allocations of Python since then."""
        return int(self._library.codec_hooks_python_asked())

    def asked(self) -> int:
        """Allocations since the reset."""
        return int(self._library.codec_hooks_asked())

    def live(self) -> int:
        """Places that the engine has not freed."""
        return int(self._library.codec_hooks_live())

    def held(self) -> int:
        """Bytes that the engine has not freed."""
        return int(self._library.codec_hooks_held())

    def most(self) -> int:
        """Bytes that it held at the worst since the reset."""
        return int(self._library.codec_hooks_most())

    def news(self) -> int:
        """Branches that no case before took; a new case begins."""
        return int(self._library.codec_hooks_news())

    def branches(self) -> int:
        """All branches that were taken."""
        return int(self._library.codec_hooks_branches())


def use(folder: Path) -> Hooks:
    """Takes the engine of that folder for this process, which must not have asked for one before."""
    import codec

    if "codec._compiled" in sys.modules:
        raise RuntimeError("this process has a compiled engine already")
    codec.__path__.insert(0, str(folder))
    os.environ["K8S_CODEC_ENGINE"] = "compiled"
    twin = codec.twin
    assert twin is not None
    assert twin.__file__ is not None
    if Path(twin.__file__).parent != folder:
        raise RuntimeError(f"{twin.__file__} was taken, not that of {folder}")
    return Hooks(twin.__file__)
