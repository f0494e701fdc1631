"""The README's figures are those that scripts/bench wrote, and every section of it was measured."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def report(root: Path) -> ModuleType:
    sys.path.insert(0, str(root / "scripts"))
    try:
        from benchmark import report
    finally:
        sys.path.pop(0)
    return report


def test_the_readme_shows_the_committed_figures(report: ModuleType) -> None:
    figures = json.loads(report.FIGURES.read_text(encoding="utf-8"))
    readme = report.README.read_text(encoding="utf-8")
    assert readme.count(report.BEGIN) == readme.count(report.END) == 1
    assert report.with_section(readme, report.markdown(figures)) == readme


def test_every_road_of_every_input_was_measured(report: ModuleType) -> None:
    figures = json.loads(report.FIGURES.read_text(encoding="utf-8"))
    rows = figures["roads"]
    assert len({row["input"] for row in rows}) == 9
    assert len({(row["input"], row["road"]) for row in rows}) == 9 * len(report.ROADS) == len(rows)
    assert all(row["codec_us"] > 0 and row["go_us"] > 0 for row in rows)
    assert {row["library"] for row in figures["libraries"]} == {
        "google.protobuf",
        "betterproto2",
        "kubernetes",
        "lightkube-models",
    }
    assert [row["addresses"] for row in figures["growth"]] == [10, 100, 1000, 10_000, 100_000]
    assert figures["engine"] == "compiled"


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(1.234, "1.23 µs"), (99.94, "99.9 µs"), (123.4, "123 µs"), (1234.5, "1.23 ms"), (2_500_000, "2.5 s")],
)
def test_amounts(report: ModuleType, microseconds: float, text: str) -> None:
    assert report.amount(microseconds) == text


def test_an_unknown_section_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "road"])
    monkeypatch.setattr(sys, "path", [str(root / "scripts"), *sys.path])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(root / "scripts" / "bench"), run_name="__main__")
