"""What is built, and of what: every mode, with a compiler and without, from a checkout that older builds left dirty.

And which extension is taken: none that was made of other sources, or for another release.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import codec

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
GARBAGE = b"no extension at all"
BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
ENGINE = """
import sys
sys.path.insert(0, sys.argv[1])
import codec
with open(sys.argv[2], "rb") as file:
    raw = file.read()
assert codec.encode(codec.decode(raw)) == raw
print(codec.engine, codec.__file__.startswith(sys.argv[1]))
"""


def build(folder: Path, what: str, into: Path, mode: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Builds a wheel or an sdist of a folder; the last word of its output is the file's name."""
    into.mkdir(exist_ok=True)
    # Not optimised: it is quicker to build.
    chosen = {"K8S_CODEC_BUILD": mode, "K8S_CODEC_CFLAGS": "-O0", **environment}
    return subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{what}", str(into)],
        cwd=folder,
        env=os.environ | chosen,
        capture_output=True,
        text=True,
    )


def built(done: subprocess.CompletedProcess[str], into: Path) -> Path:
    assert done.returncode == 0, done.stdout + done.stderr
    return into / done.stdout.split()[-1]


def unpacked(wheel: Path, into: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    return into


def engine(package: Path, root: Path, wanted: str = "") -> subprocess.CompletedProcess[str]:
    """Which engine a package takes, asked of a process of its own."""
    value = root / "fixtures" / "daily" / "core.v1.Pod.pb"
    return subprocess.run(
        [sys.executable, "-c", ENGINE, str(package), str(value)],
        cwd=package.parent,
        env=os.environ | {"K8S_CODEC_ENGINE": wanted, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, with what other builds leave behind."""
    folder = tmp_path_factory.mktemp("checkout") / "k8s-codec"
    folder.mkdir()
    for name in ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md"):
        shutil.copy(root / name, folder)
    shutil.copytree(root / "codec", folder / "codec", ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    (folder / "tests").mkdir()
    (folder / "tests" / "test_nothing.py").write_text("")
    (folder / "codec" / f"_compiled{SUFFIX}").write_bytes(GARBAGE)
    (folder / "codec" / "_compiled.so").write_bytes(GARBAGE)
    (folder / "codec" / "old_module.pyc").write_bytes(GARBAGE)
    platform = f"lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}"
    for library in ("lib", platform):
        left = folder / "build" / library / "codec"
        left.mkdir(parents=True)
        (left / f"_compiled{SUFFIX}").write_bytes(GARBAGE)
        (left / "left_over.py").write_text("")
    listed = folder / "k8s_codec.egg-info"
    listed.mkdir()
    (listed / "SOURCES.txt").write_text(f"codec/_compiled{SUFFIX}\nbuild/lib/codec/left_over.py\nsetup.py\n")
    return folder


@pytest.fixture(scope="module")
def sdist(checkout: Path) -> Path:
    into = checkout.parent / "sdist"
    return built(build(checkout, "sdist", into, "auto"), into)


@pytest.fixture(scope="module")
def compiled_wheel(sdist: Path) -> Path:
    """Built from the sdist, as pip builds it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(sdist.parent, filter="data")
    folder = sdist.parent / sdist.name.removesuffix(".tar.gz")
    into = sdist.parent / "wheel"
    return built(build(folder, "wheel", into, "compiled"), into)


def names(archive: Path) -> set[str]:
    """The files of a wheel or an sdist, without the folder that all of an sdist stands in."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


def leftovers(found: set[str]) -> set[str]:
    endings = (".so", ".pyd", ".pyc", "left_over.py", "test_nothing.py", ".c", ".o")
    return {name for name in found if name.endswith(endings) or name.startswith("build/")}


def test_an_sdist_holds_the_sources_and_nothing_built(sdist: Path, root: Path) -> None:
    found = names(sdist)
    assert leftovers(found) == set()
    sources = {str(path.relative_to(root)) for path in (root / "codec" / "compiled").iterdir() if path.is_file()}
    assert len(sources) > 10
    assert sources | {"setup.py", "codec/_compiled.pyi", "codec/schema/tables.txt", "codec/py.typed"} <= found


def test_a_compiled_wheel(compiled_wheel: Path, root: Path, tmp_path: Path) -> None:
    found = names(compiled_wheel)
    assert "none-any" not in compiled_wheel.name
    assert leftovers(found) == {f"codec/_compiled{SUFFIX}"}
    assert {"codec/_compiled.pyi", "codec/py.typed", "codec/schema/tables.txt"} <= found
    assert not any(name.startswith("codec/compiled/") for name in found)
    package = unpacked(compiled_wheel, tmp_path / "installed")
    for wanted, taken in (("", "compiled"), ("compiled", "compiled"), ("python", "python")):
        done = engine(package, root, wanted)
        assert (done.stdout, done.stderr) == (f"{taken} True\n", "")


def test_a_readable_wheel(checkout: Path, root: Path, tmp_path: Path) -> None:
    done = build(checkout, "wheel", tmp_path / "python", "python")
    wheel = built(done, tmp_path / "python")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert leftovers(names(wheel)) == set()
    package = unpacked(wheel, tmp_path / "installed")
    assert engine(package, root).stdout == "python True\n"
    refused = engine(package, root, "compiled")
    assert refused.returncode == 1
    assert "ImportError" in refused.stderr


@pytest.mark.parametrize("compiler", ["/bin/false", "/nowhere/cc"])
def test_without_a_compiler_the_package_is_built_all_the_same(
    checkout: Path, root: Path, tmp_path: Path, compiler: str
) -> None:
    done = build(checkout, "wheel", tmp_path / "auto", "auto", CC=compiler)
    wheel = built(done, tmp_path / "auto")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert leftovers(names(wheel)) == set()
    assert (done.stdout + done.stderr).count("without the compiled engine") == 1
    assert engine(unpacked(wheel, tmp_path / "installed"), root).stdout == "python True\n"


def test_a_compiler_that_fails_is_an_error_where_the_engine_is_demanded(checkout: Path, tmp_path: Path) -> None:
    done = build(checkout, "wheel", tmp_path / "compiled", "compiled", CC="/bin/false")
    assert done.returncode != 0
    assert "/bin/false" in done.stdout + done.stderr
    assert list((tmp_path / "compiled").glob("*.whl")) == []


def test_an_unknown_mode_is_refused(checkout: Path, tmp_path: Path) -> None:
    done = build(checkout, "wheel", tmp_path / "none", "fast")
    assert done.returncode != 0
    assert "K8S_CODEC_BUILD is one of auto, compiled, python, not 'fast'" in done.stderr


def test_an_extension_of_other_sources_is_not_taken(
    compiled_wheel: Path, checkout: Path, root: Path, tmp_path: Path
) -> None:
    """In a checkout: what was built from these sources is taken, and after a change it is not, with a warning."""
    package = tmp_path / "checkout"
    shutil.copytree(checkout / "codec", package / "codec")
    (package / "codec" / "_compiled.so").unlink()
    with zipfile.ZipFile(compiled_wheel) as archive:
        archive.extract(f"codec/_compiled{SUFFIX}", package)
    done = engine(package, root, "compiled")
    assert (done.stdout, done.stderr) == ("compiled True\n", "")

    source = package / "codec" / "compiled" / "buffer.pxi"
    text = source.read_bytes()
    for changed in (text + b"# more\n", text[:-1], text.replace(b"1024", b"1025", 1)):
        assert changed != text
        source.write_bytes(changed)
        done = engine(package, root)
        assert done.stdout == "python True\n"
        assert done.stderr.count("RuntimeWarning: the compiled engine was built from other sources") == 1
        done = engine(package, root, "compiled")
        assert done.returncode == 1
        assert "ImportError: the compiled engine was built from other sources" in done.stderr
    source.write_bytes(text)
    (added := source.with_name("more.pxi")).write_bytes(b"")
    assert engine(package, root).stdout == "python True\n"
    added.unlink()
    assert engine(package, root).stdout == "compiled True\n"


def test_an_extension_of_another_release_is_not_taken(compiled_wheel: Path, root: Path, tmp_path: Path) -> None:
    package = unpacked(compiled_wheel, tmp_path / "installed")
    module = package / "codec" / "__init__.py"
    module.write_text(module.read_text().replace(f'__version__ = "{codec.__version__}"', '__version__ = "99.0"'))
    assert engine(package, root).stdout == "python True\n"
    refused = engine(package, root, "compiled")
    assert f"the compiled engine is of release {codec.__version__}, not 99.0" in refused.stderr


def test_something_that_is_no_extension_is_not_taken(checkout: Path, root: Path) -> None:
    assert engine(checkout, root).stdout == "python True\n"
