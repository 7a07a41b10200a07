"""The lifecycle of the process: a single instance, signals, and a deadline for its exit."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.storage.archive_folder import PRIVATE_FILE_MODE

logger = logging.getLogger(__name__)

_EXIT_SECONDS = 4.0
"""Time from a signal to a forced exit. That is safe, because the inbox records what was sent."""


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """Exit on SIGTERM until the event loop installs its handlers, even as process 1."""
    previous_handler = signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous_handler)


@contextmanager
def single_instance(data_dir: Path, token: str) -> Iterator[None]:
    """Hold the lock of a bot on an archive; wait while another process holds it."""
    name = hashlib.sha256(token.encode()).hexdigest()[:12]
    lock = FileLock(data_dir / f"bot-{name}.lock", mode=PRIVATE_FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.warning("Another process runs this bot on this archive: waiting for its end.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM and SIGINT set; force an exit `_EXIT_SECONDS` later."""
    stop_event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def request_stop() -> None:
        if not stop_event.is_set():
            stop_event.set()
            exit_timer = threading.Timer(_EXIT_SECONDS, os._exit, (0,))
            exit_timer.daemon = True
            exit_timer.start()

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, request_stop)
    try:
        yield stop_event
    finally:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(signal_number)


async def run_until(stop_event: asyncio.Event, main: asyncio.Task[None]) -> None:
    """Wait for `main`, and cancel it when `stop_event` is set. Raises what `main` raises."""
    stop_task = asyncio.create_task(stop_event.wait())
    await asyncio.wait({main, stop_task}, return_when=asyncio.FIRST_COMPLETED)
    for task in (main, stop_task):
        task.cancel()
    await asyncio.gather(stop_task, return_exceptions=True)
    try:
        await main
    except asyncio.CancelledError:
        logger.info("Stopped.")


async def run_together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run `coroutines` until all end or one fails; then cancel the others and raise its error."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
