"""Declares the compiled twin, and what becomes of it where there is no C compiler.

K8S_CODEC_BUILD: `python` leaves it out (the wheel is then py3-none-any), `compiled` makes a failing compiler an
error, `auto`, which is the default, installs the package without it where the compiler fails.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

MODES = ("auto", "compiled", "python")
FOLDER = "codec/compiled"
MODE = os.environ.get("K8S_CODEC_BUILD") or "auto"
if MODE not in MODES:
    sys.exit(f"K8S_CODEC_BUILD is one of {', '.join(MODES)}, not {MODE!r}")


class BuildExtension(build_ext):
    """Optimised where the compiler is known; a failure in mode `auto` only leaves the extension out."""

    def build_extensions(self) -> None:
        if self.compiler.compiler_type in ("unix", "mingw32"):
            for extension in self.extensions:
                extension.extra_compile_args += ["-O3", "-fno-plt", "-Wno-unreachable-code"]
                extension.extra_compile_args += os.environ.get("K8S_CODEC_CFLAGS", "").split()
                extension.extra_link_args += os.environ.get("K8S_CODEC_LDFLAGS", "").split()
        super().build_extensions()


def extensions() -> list[Any]:
    """The extension, or none where this build goes without it."""
    if MODE == "python":
        return []
    sources = sorted(str(path) for end in ("pxi", "h") for path in Path(FOLDER).glob(f"*.{end}"))
    declared = Extension(
        "codec._compiled",
        [f"{FOLDER}/roads.pyx"],
        depends=sources,
        include_dirs=[FOLDER],
        optional=MODE == "auto",
    )
    try:
        from Cython.Build import cythonize

        found: list[Any] = cythonize([declared], build_dir="build/cython")
    except Exception as error:
        if MODE == "compiled":
            raise
        print(f"k8s-codec: no compiled engine: {error}", file=sys.stderr)
        return []
    return found


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtension})
