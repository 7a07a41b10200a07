"""A guard of the memory that the tests take, registered with pytest by `tests/conftest.py`."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path
from typing import Any

import pytest

LIMIT = 2_000_000_000
"""Bytes of memory that a process of the tests may take at its peak."""


def peak_of_this_process() -> int:
    """Return the most bytes of memory that this process has had so far (its peak RSS)."""
    status = Path("/proc/self/status")  # `ru_maxrss` begins with the peak of the parent process
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8")) if status.exists() else None
    if found:
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class PeakMemory:
    """A pytest plugin that fails the session when a process of it took more than `limit` bytes.

    Each worker of pytest-xdist, or the only process where there are none, reads its peak after
    every test and keeps the file of the test that raised it. A worker hands both to the process
    that started it. That one lists them in its summary, and ends with exit status 1 where one is
    above the limit. Processes that the tests start are not counted.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._own = (0, "")
        self._peaks: dict[str, tuple[int, str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        self._note("collecting the tests")

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        self._note(item.nodeid.split("::")[0])

    def _note(self, where: str) -> None:
        peak = peak_of_this_process()
        if peak > self._own[0]:
            self._own = (peak, where)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over a worker's peak; one that crashed has none."""
        found = getattr(node, "workeroutput", {}).get("peak_memory")
        if found:
            self._peaks[node.gateway.id] = tuple(found)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["peak_memory"] = self._own
            return
        if not self._peaks:
            self._peaks["the only process"] = self._own
        if self._excess and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("peak memory")
        for name, (peak, where) in sorted(self._peaks.items()):
            terminalreporter.line(f"{name}: {peak / 1e6:,.0f} MB, reached in {where}")
        for line in self._excess:
            terminalreporter.line(f"ERROR: {line}", red=True)

    @property
    def _excess(self) -> list[str]:
        return [
            f"{name} took {(peak - self._limit) / 1e6:,.0f} MB more memory than the "
            f"{self._limit / 1e6:,.0f} MB it may, in {where}"
            for name, (peak, where) in sorted(self._peaks.items())
            if peak > self._limit
        ]
