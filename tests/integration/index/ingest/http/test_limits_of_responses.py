"""Responses with much around little content: what is read of them, and in which steps."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from aiohttp import web

from index.ingest.http.fetcher import fetch
from index.ingest.http.guarded_sockets import (
    MAX_FRAMING_BYTES,
    MAX_HEAD_BYTES,
    READ_BYTES,
    SocketGuard,
)
from index.ingest.rejections import RejectReason
from tests.fakes.web.site import Site
from tests.fixtures.fetching import LONG, STORY, read, refusal

INFORMATIONAL = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(STORY.encode()), STORY.encode())


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as open_site:
        yield open_site


def test_a_page_after_a_few_informational_responses_is_read(site: Site) -> None:
    address = site.raw("/hinted", INFORMATIONAL * 5 + PAGE)
    assert read(address).content == STORY.encode()


def test_a_page_after_thousands_of_informational_responses_is_refused(site: Site) -> None:
    count = MAX_HEAD_BYTES // len(INFORMATIONAL) + 1
    assert refusal(site.raw("/hints", INFORMATIONAL * count + PAGE)) == RejectReason.SITE_ERROR


def test_a_page_with_a_head_of_a_hundred_long_headers_is_refused(site: Site) -> None:
    header = b"X-Name: " + b"a" * 1_000 + b"\r\n"
    answer = PAGE.replace(b"Content-Length", header * 100 + b"Content-Length")
    assert refusal(site.raw("/headers", answer)) == RejectReason.SITE_ERROR


@pytest.mark.parametrize(
    ("size", "count", "expected"),
    [(1, 5_000, None), (1, MAX_FRAMING_BYTES // 3, RejectReason.SITE_ERROR), (1_000, 9_000, None)],
)
def test_a_page_in_very_many_chunks_of_a_byte_is_refused(
    site: Site, size: int, count: int, expected: RejectReason | None
) -> None:
    chunks = b"%x\r\n%b\r\n" % (size, b"a" * size) * count + b"0\r\n\r\n"
    address = site.raw("/chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    if expected:
        assert refusal(address) == expected
    else:
        assert read(address).content == b"a" * size * count


def test_no_more_is_received_of_a_refused_response_than_the_limit_and_one_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards: list[SocketGuard] = []
    create = SocketGuard.__init__

    def note(guard: SocketGuard, *, allow_loopback: bool) -> None:
        guards.append(guard)
        create(guard, allow_loopback=allow_loopback)

    monkeypatch.setattr(SocketGuard, "__init__", note)

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        while not transport.is_closing():
            transport.write(INFORMATIONAL * 100)
            await asyncio.sleep(0)
        return web.Response()

    assert refusal(site.put("/endless-hints", serve)) == RejectReason.SITE_ERROR
    assert guards[0].received_bytes <= MAX_HEAD_BYTES + READ_BYTES


def test_a_socket_gives_little_at_a_time(site: Site) -> None:
    guard = SocketGuard(allow_loopback=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with guard((socket.AF_INET, socket.SOCK_STREAM, 0, "", address)) as ours:
            ours.connect(address)
            theirs, _ = listener.accept()
            with theirs:
                theirs.sendall(b"a" * 5 * READ_BYTES)
                assert len(ours.recv(65_536)) <= READ_BYTES
                assert ours.recv_into(bytearray(65_536)) <= READ_BYTES


def test_only_the_beginning_of_a_page_is_read_where_no_more_is_wanted(site: Site) -> None:
    async def beginning(address: str) -> bytes:
        return (await fetch(address, allow_loopback=True, timeout=LONG, max_bytes=1_000)).content

    assert asyncio.run(beginning(site.endless("/endless"))) == b"a" * 1_000
    assert asyncio.run(beginning(site.bomb("/bomb"))) == b"\0" * 1_000
    assert asyncio.run(beginning(site.page("/short", STORY))) == STORY.encode()
