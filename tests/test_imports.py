"""What each road imports: start-up is part of speed. Read from sys.modules of processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import codec

# What costs time to import, and what no road without objects may need.
SLOW = frozenset(
    [
        "msgspec",
        "typing",
        "enum",
        "dataclasses",
        "pathlib",
        "logging",
        "json",
        "re",
        "importlib.resources",
        "importlib.metadata",
        "datetime",
        "decimal",
        "functools",
        "collections",
        "inspect",
        "yaml",
    ]
)
MAX_MODULES = 15  # of ours that decode may load
PATHS = [str(Path(module.__file__).resolve().parents[1]) for module in (codec, msgspec) if module.__file__]
PROGRAM = """
import sys
sys.path[:0] = {paths!r}
before = set(sys.modules)
import codec
def read(path):
    with open(path, "rb") as file:
        return file.read()
{statements}
print(*(set(sys.modules) - before), sep="\\n")
"""


def loaded(statements: str) -> set[str]:
    """The modules that `import codec` and the statements load, in an interpreter that has loaded nothing else."""
    program = PROGRAM.format(paths=PATHS, statements=statements)
    # -S: a site-packages folder may import much on its own.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "codec"}


def objects(modules: set[str]) -> set[str]:
    return {name for name in modules if name == "codec.api" or name.startswith("codec.api.")}


def test_import_codec_loads_nothing_else() -> None:
    assert loaded("") - {"__future__"} == {"codec"}


def test_names_that_need_no_room() -> None:
    modules = loaded("codec.__version__, dir(codec)")
    assert ours(modules) == {"codec"}


def test_errors_load_no_room() -> None:
    assert ours(loaded("codec.CodecError, codec.DecodeError, codec.UnknownFieldsWarning")) == {"codec", "codec.errors"}


@pytest.mark.parametrize(
    "statement",
    [
        "codec.storage_to_json(read(stem + '.pb'))",
        "codec.storage_to_json(read(stem + '.pb'), indent=2)",
        "codec.storage_to_yaml(read(stem + '.pb'))",
        "codec.json_to_storage(read(stem + '.json'))",
    ],
)
def test_roads_without_objects(statement: str, fixtures: Path) -> None:
    stems = sorted(str(path.with_suffix("")) for path in (fixtures / "daily").glob("*.pb"))
    modules = loaded(f"for stem in {stems!r}: {statement}")
    assert modules & SLOW == set()
    assert objects(modules) == set()


def test_kinds_and_errors_without_objects(fixtures: Path) -> None:
    path = str(fixtures / "daily" / "core.v1.Endpoints.pb")
    modules = loaded(
        f"""
codec.kinds()
for raw in (b"", read({path!r})[:-30], b"k8s:enc:aescbc:v1:key1:", b"k8s\\0"):
    for road in (codec.storage_to_json, codec.storage_to_yaml):
        try:
            road(raw)
        except codec.CodecError:
            continue
        raise SystemExit("no error")
"""
    )
    assert modules & SLOW == set()
    assert objects(modules) == set()


def test_decode_loads_few_modules(fixtures: Path) -> None:
    modules = loaded(f"codec.decode(read({str(fixtures / 'daily' / 'core.v1.Endpoints.pb')!r}))")
    found = ours(modules)
    assert {"codec.api.core.v1", "codec.storage"} <= found
    assert len(found) <= MAX_MODULES, sorted(found)


def test_objects_load_only_their_own_classes(fixtures: Path) -> None:
    modules = loaded(f"codec.decode(read({str(fixtures / 'daily' / 'core.v1.Endpoints.pb')!r}))")
    assert objects(modules) == {
        "codec.api",
        "codec.api.core",
        "codec.api.core.v1",
        "codec.api.meta",
        "codec.api.meta.v1",
    }


def test_objects_are_written_without_reading_yaml(fixtures: Path) -> None:
    path = str(fixtures / "daily" / "core.v1.Endpoints.pb")
    modules = loaded(f"obj = codec.decode(read({path!r})); codec.to_yaml(obj); codec.to_json(obj); codec.encode(obj)")
    assert modules & {"yaml", "json"} == set()
