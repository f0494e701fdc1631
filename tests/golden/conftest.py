"""Says at the end of a run how much of the official golden data was compared."""

from __future__ import annotations

from collections import Counter

import pytest

compared: pytest.StashKey[Counter[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[compared] = Counter()


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Counter[str]:
    """Road → how many files went along it; printed when all tests are done."""
    return request.config.stash[compared]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = config.stash[compared]
    if counts:
        roads = ", ".join(f"{road} {number}" for road, number in counts.items())
        terminalreporter.write_line(f"official golden data, files compared: {roads}; {counts.total()} in all")
