"""Declares the compiled twin, and what becomes of it where there is no C compiler.

K8S_CODEC_BUILD: `python` leaves it out (the wheel is then py3-none-any), `compiled` makes a failing compiler an
error, `auto`, which is the default, installs the package without it where the compiler fails.
"""

from __future__ import annotations

import os
import shutil
import sys
from binascii import crc32
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext

MODES = ("auto", "compiled", "python")
FOLDER = Path("codec/compiled")
C_FOLDER = Path("build/cython")
# What the C file and the extension in `build` were made of; missing while they are made.
STAMP = C_FOLDER / "made-of"
MODE = os.environ.get("K8S_CODEC_BUILD") or "auto"
C_FLAGS = os.environ.get("K8S_CODEC_CFLAGS", "").split()
LINK_FLAGS = os.environ.get("K8S_CODEC_LDFLAGS", "").split()
if MODE not in MODES:
    sys.exit(f"K8S_CODEC_BUILD is one of {', '.join(MODES)}, not {MODE!r}")


def sources() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.suffix in (".pyx", ".pxi", ".h"))


def fingerprint() -> int:
    """Tells these sources from any others; roads.pyx says what for, and computes it in the same way."""
    found = 0
    for path in sources():
        found = crc32(path.read_bytes(), crc32(path.name.encode(), found))
    return found


def complain(error: BaseException) -> None:
    reason = str(error).partition("\n")[0][:100]
    print(f"k8s-codec: built without the compiled engine; all works, but slower. ({reason} …)", file=sys.stderr)


class Build(build):
    """Begins with an empty folder: a file that an earlier build left there would be packed too."""

    def run(self) -> None:
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class BuildExtension(build_ext):
    """Optimised where the compiler is known; a failure in mode `auto` only leaves the extension out."""

    def build_extensions(self) -> None:
        if self.compiler.compiler_type in ("unix", "mingw32"):
            for extension in self.extensions:
                extension.extra_compile_args += ["-O3", "-fno-plt", "-Wno-unreachable-code", "-g0", *C_FLAGS]
                extension.extra_link_args += LINK_FLAGS
        super().build_extensions()

    def build_extension(self, extension: Any) -> None:
        try:
            super().build_extension(extension)
        except Exception as error:
            if MODE == "compiled":
                raise
            complain(error)
            # What is left is no longer of this platform alone.
            extension.optional = True
            self.distribution.ext_modules = []
            wheel = self.distribution.command_obj.get("bdist_wheel")
            if wheel is not None:
                wheel.root_is_pure = True  # type: ignore[attr-defined]

    def copy_extensions_to_source(self) -> None:
        if self.distribution.ext_modules:
            super().copy_extensions_to_source()


def extensions() -> list[Any]:
    """The extension, or none where this build goes without it."""
    if MODE == "python":
        return []
    made_of = f"{fingerprint():08x} {C_FLAGS} {LINK_FLAGS}\n"
    try:
        from Cython.Build import cythonize

        fresh = not STAMP.exists() or STAMP.read_text() != made_of
        declared = Extension(
            "codec._compiled",
            [str(FOLDER / "roads.pyx")],
            depends=[str(path) for path in sources()],
            include_dirs=[str(FOLDER)],
            define_macros=[("CODEC_SOURCES", f"0x{fingerprint():08x}u")],
        )
        if fresh:
            STAMP.unlink(missing_ok=True)
        found: list[Any] = cythonize([declared], build_dir=str(C_FOLDER), force=fresh)
        if fresh:
            C_FOLDER.mkdir(parents=True, exist_ok=True)
            STAMP.write_text(made_of)
        found[0].depends.append(str(STAMP))
    except Exception as error:
        if MODE == "compiled":
            raise
        complain(error)
        return []
    return found


setup(ext_modules=extensions(), cmdclass={"build": Build, "build_ext": BuildExtension})
