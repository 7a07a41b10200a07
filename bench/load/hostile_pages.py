"""How long pages without end stop the event loop: `python -m bench.load.hostile_pages`.

A server in a process of its own answers with a body or a head that never ends. Per kind of answer,
a number of links is fetched at once, while a task measures how long it waits for its next turn.
Printed are the longest such wait, the longest time that the loop's thread computed in between
(which other programs on the machine do not lengthen), how many turns the task got beside those of
an idle loop, and the time until the last link was given up.

    informational   100 and 103 responses, without a final one
    chunks          a chunked body in chunks of one byte
    headers         a head of many long headers
    segments        a body, each byte of which is sent by itself
    bomb            a gzip body that grows a thousandfold
    endless         a body as fast as it is read
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import threading
import zlib
from contextlib import suppress
from multiprocessing.connection import Connection
from time import perf_counter, thread_time
from typing import Any

import aiohttp  # noqa: F401 - loading it is not measured

from index.ingest.http.fetcher import fetch
from index.ingest.rejections import SourceRejected

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
BLOCK = 65_536


def _bomb() -> bytes:
    compressor = zlib.compressobj(wbits=31)
    return compressor.compress(bytes(100_000_000)) + compressor.flush(zlib.Z_FULL_FLUSH)


ANSWERS: dict[str, tuple[bytes, bytes]] = {
    "informational": (b"", EARLY_HINTS * (BLOCK // len(EARLY_HINTS))),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * (BLOCK // 6)),
    "headers": (OK, (b"X-Name: " + b"a" * 1_000 + b"\r\n") * (BLOCK // 1_010)),
    "segments": (OK + b"Content-Length: 9000000\r\n\r\n", b"a"),
    "bomb": (OK + b"Content-Encoding: gzip\r\n\r\n", _bomb()),
    "endless": (OK + b"\r\n", b"a" * BLOCK),
}
"""The beginning of each answer, and what is sent after it again and again."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", choices=[*ANSWERS, []], help="all by default")
    parser.add_argument("--links", type=int, default=20, help="fetched at once")
    parser.add_argument("--seconds", type=float, default=20.0, help="the limit of time of a link")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = {}
    for kind in options.kinds or ANSWERS:
        report[kind] = _measure(kind, options.links, options.seconds)
        if not options.json:
            print(kind)
            for name, value in report[kind].items():
                print(f"    {name:36}{value}")
    if options.json:
        print(json.dumps(report, indent=2))


def _measure(kind: str, links: int, seconds: float) -> dict[str, object]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(kind, theirs), daemon=True)
    server.start()
    try:
        return asyncio.run(_fetch_all(f"http://127.0.0.1:{ours.recv()}/", links, seconds))
    finally:
        server.kill()
        server.join()


async def _fetch_all(url: str, links: int, seconds: float) -> dict[str, object]:
    idle = await _probe(asyncio.create_task(asyncio.sleep(1)))
    started = perf_counter()
    tasks = [asyncio.create_task(_outcome(url, seconds)) for _ in range(links)]
    waits = await _probe(asyncio.gather(*tasks))
    took = perf_counter() - started
    outcomes = sorted({task.result() for task in tasks})
    return {
        "longest wait, ms": round(1000 * max(wait for wait, _ in waits), 1),
        "longest wait of an idle loop, ms": round(1000 * max(wait for wait, _ in idle), 1),
        "longest work between two turns, ms": round(1000 * max(work for _, work in waits), 1),
        "turns, % of those of an idle loop": round(100 * len(waits) / took / len(idle), 1),
        "given up after, s": round(took, 2),
        "outcome": "; ".join(outcomes),
    }


async def _outcome(url: str, seconds: float) -> str:
    try:
        page = await fetch(url, allow_loopback=True, timeout=seconds)
    except SourceRejected as rejection:
        return f"{rejection.reason.value}: {rejection.message}"
    return f"{len(page.content):,} bytes"


async def _probe(work: asyncio.Future[Any]) -> list[tuple[float, float]]:
    """Return the wait for each turn, beyond a millisecond, and its work, until `work` is done."""
    turns = []
    while not work.done():
        asked_at, worked = perf_counter(), thread_time()
        await asyncio.sleep(0.001)
        turns.append((perf_counter() - asked_at - 0.001, thread_time() - worked))
    return turns


def _serve(kind: str, port: Connection) -> None:
    """Answer every connection on a thread of its own, without end.

    The process has the lowest priority: a real server has a machine of its own.
    """
    os.nice(19)
    start, block = ANSWERS[kind]
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        port.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, start, block), daemon=True).start()


def _answer(connection: socket.socket, start: bytes, block: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, suppress(OSError):
        connection.recv(BLOCK)
        connection.sendall(start)
        while True:
            connection.sendall(block)


if __name__ == "__main__":
    main()
