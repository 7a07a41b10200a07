"""Compare the bot's HTTP transport (aiohttp) with python-telegram-bot's own (httpx).

Each arm sends the same messages to a stand-in for Telegram in another process, in a process of its
own; the arms take turns. A table gives medians over the rounds: calls per second, processor time
per call of the sending process, and its peak memory. A second table gives the exceptions that each
transport raises for calls that certainly did not leave and for calls whose fate is unknown.

    python -m bench.load.transport [--calls 2000] [--concurrency 16] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from multiprocessing.connection import Connection
from statistics import median
from typing import Any, cast

from telegram.error import TelegramError
from telegram.request import BaseRequest, HTTPXRequest

from bot.telegram.api import TelegramApi
from bot.telegram.call_limiter import CallLimiter, CallOptions, Priority
from bot.telegram.rate_limits import SendRateLimiter
from bot.telegram.transport import AiohttpRequest
from tests.fakes.telegram.server import Double

_TIMEOUT_SECONDS = 15.0
_SHORT_TIMEOUT_SECONDS = 0.5
_TEXT = "نوران: " + "ميناء الرمال مفتوح منذ الثلاثاء. " * 20


def _aiohttp(connections: int, timeout: float) -> BaseRequest:
    return AiohttpRequest(connections, timeout)


def _httpx(connections: int, timeout: float) -> BaseRequest:
    return HTTPXRequest(
        connections,
        read_timeout=timeout,
        write_timeout=timeout,
        connect_timeout=timeout,
        pool_timeout=timeout,
    )


ARMS: dict[str, Callable[[int, float], BaseRequest]] = {"aiohttp": _aiohttp, "httpx": _httpx}


def main() -> None:
    options = _parse_options()
    if options.arm:
        print(json.dumps(_send_messages(options)))
        return
    with _start_server() as (base_url, token, chat_id):
        command = [
            *(sys.executable, "-m", "bench.load.transport"),
            *("--calls", str(options.calls), "--concurrency", str(options.concurrency)),
            *("--base-url", base_url, "--token", token, "--chat", str(chat_id)),
        ]
        rounds: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
        for _ in range(options.rounds):
            for arm in ARMS:
                done = subprocess.run(
                    [*command, "--arm", arm], check=True, stdout=subprocess.PIPE, text=True
                )
                rounds[arm].append(json.loads(done.stdout))
    for arm, results in rounds.items():
        for name in results[0]:
            values = [result[name] for result in results]
            print(f"{arm:8} {name:32} {median(values):9.2f}  {min(values):9.2f}-{max(values):.2f}")
    for arm in ARMS:
        for case, described in asyncio.run(_describe_errors(arm)).items():
            print(f"{arm:8} {case:32} {described}")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    for hidden in ("--arm", "--base-url", "--token"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--chat", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def _start_server() -> Iterator[tuple[str, str, int]]:
    """Run a stand-in for Telegram in a process; give its address, the token and a chat's id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(connection: Connection) -> None:
    with Double(check=False, keep_journal=False) as double:
        connection.send((double.base_url, double.token, double.private(double.user()).id))
        connection.recv()


def _send_messages(options: argparse.Namespace) -> dict[str, float]:
    return asyncio.run(_send_all(options))


def _build_api(arm: str, connections: int, timeout: float, **urls: str) -> TelegramApi:
    build = ARMS[arm]
    calls, polling = (cast("Any", build(count, timeout)) for count in (connections, 1))
    limiter = CallLimiter(SendRateLimiter(0))
    return TelegramApi(urls.pop("token"), calls, polling, limiter, **urls)


async def _send_all(options: argparse.Namespace) -> dict[str, float]:
    api = _build_api(
        options.arm,
        options.concurrency,
        _TIMEOUT_SECONDS,
        token=options.token,
        base_url=options.base_url,
    )
    await api.initialize()
    try:
        await _send(api, options.chat, options.calls // 10, options.concurrency)
        started_at, cpu_started_at = time.perf_counter(), time.process_time()
        await _send(api, options.chat, options.calls, options.concurrency)
        seconds = time.perf_counter() - started_at
        cpu_seconds = time.process_time() - cpu_started_at
    finally:
        await api.shutdown()
    return {
        "calls per second": options.calls / seconds,
        "processor time per call, ms": 1_000 * cpu_seconds / options.calls,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


async def _send(api: TelegramApi, chat_id: int, count: int, concurrency: int) -> None:
    remaining = iter(repeat(None, count))

    async def send_remaining() -> None:
        for _ in remaining:
            await api.post_message(CallOptions(Priority.REPLY), chat_id=chat_id, text=_TEXT)

    await asyncio.gather(*(send_remaining() for _ in range(concurrency)))


async def _describe_errors(arm: str) -> dict[str, str]:
    """Return how the transport reports each kind of failure."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = f"http://127.0.0.1:{unused.getsockname()[1]}/bot"
    described = {
        "not sent: refused": await _describe_error(arm, refused),
        "not sent: no such host": await _describe_error(arm, "http://nowhere.invalid/bot"),
    }
    with Double(check=False) as double:
        chat_id = double.private(double.user()).id
        for case, fault in {
            "unknown: cut before the answer": "cut_after",
            "unknown: no answer in time": "hang_after",
            "unknown: a gateway's 502": "502",
            "not sent: Telegram's own 500": "500",
        }.items():
            double.faults.add(fault, "sendMessage")
            described[case] = await _describe_error(arm, double.base_url, double.token, chat_id)
        double.release()
    return described


async def _describe_error(arm: str, base_url: str, token: str = "1:TEST", chat_id: int = 1) -> str:
    api = _build_api(arm, 1, _SHORT_TIMEOUT_SECONDS, token=token, base_url=base_url)
    await api.request.initialize()
    try:
        await api.post_message(chat_id=chat_id, text=_TEXT)
    except TelegramError as error:
        cause = error.__cause__
        described = f"{type(error).__name__}: {error}"
        return f"{described} <- {type(cause).__name__}" if cause else described
    finally:
        await api.request.shutdown()
    return "sent"


if __name__ == "__main__":
    main()
