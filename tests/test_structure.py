"""The rooms of the package and who may import whom; sizes and names of files. Read from the sources with ast."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import codec

PACKAGE = Path(codec.__file__).resolve().parent
MAX_LINES = 600
FORBIDDEN_WORDS = frozenset(
    ["blob", "common", "handle", "handler", "helper", "helpers", "manager", "misc", "process", "util", "utils"]
)

# room → the rooms that its modules may import. A name in capitals is a floor.
GROUND = frozenset(("errors", "wire", "schema", "types"))
MESSAGE = GROUND | {"api", "message"}
TEXT = MESSAGE | {"text"}
STORAGE = TEXT | {"storage"}
MAY_IMPORT: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "types": frozenset(),
    "wire": frozenset(("errors",)),
    "schema": frozenset(("errors", "wire")),
    "api": frozenset(("types",)),
    "message": MESSAGE,
    "text": TEXT,
    "storage": STORAGE,
    "endpoints": STORAGE,
    "source": STORAGE,
    "query": STORAGE | {"source"},
    "change": STORAGE,
    "cli": STORAGE | {"endpoints", "source", "query", "change"},
}
# Rooms whose modules are loaded on roads without objects.
LEAN = GROUND | {"message", "text", "storage"}
SLOW = frozenset(
    [
        "typing",
        "enum",
        "dataclasses",
        "pathlib",
        "logging",
        "json",
        "re",
        "importlib",
        "datetime",
        "decimal",
        "msgspec",
        "yaml",
    ]
)
# Modules of these rooms that are loaded where classes are made, and nowhere else.
OF_CLASSES = frozenset(("message.runtime_classes", "types.constants"))
# Only these rooms open anything; the tables beside codec.schema are a part of the program.
OPENING = frozenset(("source", "cli"))
WORLD = frozenset(
    [
        "os",
        "io",
        "pathlib",
        "shutil",
        "socket",
        "subprocess",
        "ssl",
        "tempfile",
        "urllib",
        "http",
        "grpc",
        "sys.stdin",
        "sys.stdout",
    ]
)
# How many cores there are is asked where there is work for them.
COUNTING = frozenset(["os.process_cpu_count", "os.cpu_count", "os.sched_getaffinity"])

MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """The module's name behind `codec.`; "" for the package itself."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def room_of(module: str) -> str:
    return module.partition(".")[0]


def imports(path: Path, whole: bool = True) -> Iterator[str]:
    """The names that a module imports, absolute; without those that only type checkers see.

    whole: inside functions too, not only when the module is loaded.
    """
    module = f"codec.{name_of(path)}".removesuffix(".")
    return imports_in(path.read_text(), module if path.name == "__init__.py" else module.rpartition(".")[0], whole)


def imports_in(source: str, package: str, whole: bool) -> Iterator[str]:
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: -(node.level - 1) or None] if node.level else []
            yield from (".".join(filter(None, (*parts, node.module, alias.name))) for alias in node.names)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and "TYPE_CHECKING" in node.test.id:
            pending += node.orelse
        elif whole or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)


def test_the_rooms_are_those_of_the_design() -> None:
    assert {room_of(name_of(path)) for path in MODULES} <= {"", *MAY_IMPORT}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_follow_the_arrow(room: str) -> None:
    wrong = []
    for path in MODULES:
        module = name_of(path)
        if room_of(module) != room:
            continue
        for name in imports(path):
            first, _, rest = name.partition(".")
            imported = room_of(rest)
            # Names of the package itself (`codec.overload`) are no room.
            if first == "codec" and imported in MAY_IMPORT and imported not in MAY_IMPORT[room] | {room}:
                wrong.append(f"codec.{module} imports {name}")
    assert wrong == []


def test_the_package_itself_imports_nothing() -> None:
    assert {name.partition(".")[0] for name in imports(PACKAGE / "__init__.py", whole=False)} <= {"__future__"}
    # Which engine runs is asked on first use.
    assert set(imports(PACKAGE / "__init__.py")) - {"__future__.annotations"} == {"os.environ", "codec._compiled"}


def test_the_compiled_engine_follows_the_arrow(root: Path) -> None:
    sources = sorted((root / "codec" / "compiled").glob("*.p[yx]*"))
    assert sources
    text = "\n".join(path.read_text() for path in sources)
    assert set(re.findall(r"^from (codec.*)$", text, re.MULTILINE)) == {
        "codec import types",
        "codec.schema import builtin",
    }
    rooms = {module.partition(".")[0] for module in re.findall(r"^\s*from codec\.(\S+) import ", text, re.MULTILINE)}
    assert rooms <= {"schema", "types", "text", "storage"}


def test_imports_are_read_right() -> None:
    """The reader of this file sees what it must see."""
    source = (
        "import a.b\nfrom .number import x\nfrom . import y\nfrom ..types import z\n"
        "if TYPE_CHECKING:\n    import hidden\nelse:\n    import seen\n"
        "def f():\n    from codec.api import Message\n"
    )
    found = {"a.b", "codec.text.number.x", "codec.text.y", "codec.types.z", "seen", "codec.api.Message"}
    assert set(imports_in(source, "codec.text", whole=True)) == found
    assert set(imports_in(source, "codec.text", whole=False)) == found - {"codec.api.Message"}


@pytest.mark.parametrize("room", sorted(LEAN))
def test_no_slow_import_when_a_room_is_loaded(room: str) -> None:
    wrong = [
        f"codec.{name_of(path)} imports {name}"
        for path in MODULES
        if room_of(name_of(path)) == room and name_of(path) not in OF_CLASSES
        for name in imports(path, whole=False)
        if name.partition(".")[0] in SLOW
    ]
    assert wrong == []


def test_only_source_and_cli_touch_the_world() -> None:
    wrong = []
    for path in MODULES:
        module = name_of(path)
        if room_of(module) in OPENING or not module:  # the package asks the environment which engine is wanted
            continue
        wrong += [
            f"codec.{module} imports {name}"
            for name in imports(path)
            if name.partition(".")[0] in WORLD and name not in COUNTING
        ]
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if module != "schema" and any(
            isinstance(called, ast.Name) and called.id in ("open", "print") for called in calls
        ):
            wrong.append(f"codec.{module} opens or prints")
    assert wrong == []


def test_public_names_are_there_and_typed() -> None:
    """What type checkers see of the package is what it resolves, and each name is found."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    seen = {
        alias.asname or alias.name
        for guard in tree.body
        if isinstance(guard, ast.If)
        for node in guard.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("codec.")
        for alias in node.names
    }
    assert seen == set(codec.__all__) - {"engine"}
    for name in codec.__all__:
        assert getattr(codec, name) is not None


def written_by_hand(root: Path) -> Iterator[Path]:
    """The source files of the repository, but for those that a program of ours wrote."""
    for folder in ("codec", "scripts", "tests"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix in (".py", ".go", ".sh", ".pyx", ""):
                head = path.read_bytes()[:200].lower()
                if b"generated by" not in head:
                    yield path


def test_no_file_is_long(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for path in written_by_hand(root)
        if (lines := path.read_bytes().count(b"\n")) > MAX_LINES
    }
    assert long == {}


def test_files_are_named_for_what_they_hold(root: Path) -> None:
    wrong = [
        str(path.relative_to(root))
        for path in written_by_hand(root)
        if FORBIDDEN_WORDS & set(path.stem.lower().replace("-", "_").split("_"))
    ]
    assert wrong == []


def test_every_module_says_what_it_is_for(root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in written_by_hand(root)
        if path.suffix == ".py" and path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []
