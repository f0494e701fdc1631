"""What all tests share: where the repository stands, and that nothing is skipped where everything must run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

import codec

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_GO = "K8S_CODEC_REQUIRE_GO"  # set by CI, where a test that skips for want of Go is a failure


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return ROOT / "fixtures"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Says which package and which engine is tested; also where the report's own header is left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        version = platform.python_version()
        reporter.write_line(f"codec {codec.__version__}, engine {codec.engine}, Python {version}, {codec.__file__}")


def unwanted(call: pytest.CallInfo[None]) -> bool:
    """Whether the test is one of the compiled engine, and the readable one was asked for."""
    reason = str(call.excinfo.value) if call.excinfo else ""
    return os.environ.get("K8S_CODEC_ENGINE") == "python" and "the compiled engine" in reason


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if os.environ.get(REQUIRE_GO) and report.skipped and not hasattr(report, "wasxfail") and not unwanted(call):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and {REQUIRE_GO} is set: {call.excinfo and call.excinfo.value}"
    return report
