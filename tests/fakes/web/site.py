"""A web site on this machine: real pages, redirects, encodings and faults, as tests want them."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

from aiohttp import web

Serve = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
HTML = "text/html; charset=utf-8"


class Asked(NamedTuple):
    """A request that came."""

    path: str
    """With its query, as it was written."""
    headers: Mapping[str, str]


class Site:
    """Serves what was put under its paths, on a free port of 127.0.0.1; a context manager.

    Pages can be put and changed at any time, from any thread. A path with a query goes before the
    same path without one; what is under no path is answered with 404.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None, *, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.port = port
        self._certificate = certificate
        self._served: dict[str, Serve] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.ServerRunner | None = None
        self._closing = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the address of a path; `host` is any name or notation of this machine."""
        return f"http{'s' if self._certificate else ''}://{host}:{self.port}{path}"

    def page(
        self,
        path: str,
        body: str | bytes,
        content_type: str | None = HTML,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        packed: str | None = None,
    ) -> str:
        """Serve a body; `packed` is gzip, deflate, or raw for deflate without its wrapper."""
        content = body.encode() if isinstance(body, str) else body
        sent = dict(headers or {})
        if content_type:
            sent["Content-Type"] = content_type
        if packed:
            content = pack(content, packed)
            sent["Content-Encoding"] = "deflate" if packed == "raw" else packed

        async def serve(request: web.BaseRequest) -> web.StreamResponse:
            response = web.Response(body=content, status=status, headers=sent)
            if content_type is None:
                response.headers.popall("Content-Type", None)
            return response

        return self.put(path, serve)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        """Send on to an address, or to a path of this site."""
        return self.page(path, "", status=status, headers={"Location": to})

    def trickle(self, path: str, seconds: float = 0.02) -> str:
        """Serve a page without end, a letter at a time."""
        return self._stream(path, b"a", pause=seconds)

    def endless(self, path: str) -> str:
        """Serve a page without end, as fast as it is read."""
        return self._stream(path, b"a" * 65_536)

    def bomb(self, path: str) -> str:
        """Serve zeros packed a thousand to one, without end: every megabyte unfolds to a gigabyte."""
        packer = zlib.compressobj(wbits=31)
        start = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
        block = packer.compress(b"\0" * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
        return self._stream(path, block, start=start, headers={"Content-Encoding": "gzip"})

    def silent(self, path: str) -> str:
        """Take the request and never answer."""

        async def serve(request: web.BaseRequest) -> web.StreamResponse:
            await self._closing.wait()
            return web.Response()

        return self.put(path, serve)

    def raw(self, path: str, answer: bytes) -> str:
        """Write these bytes for an answer, whatever they are, and close the connection."""

        async def serve(request: web.BaseRequest) -> web.StreamResponse:
            transport = request.transport
            assert isinstance(transport, asyncio.Transport)
            transport.write(answer)
            transport.close()
            return web.Response()

        return self.put(path, serve)

    def broken(self, path: str) -> str:
        """Promise a thousand bytes, send ten, and close the connection."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
        return self.raw(path, head + b"<p>He came")

    def put(self, path: str, serve: Serve) -> str:
        """Serve a path in a way of the test's own; return its address."""
        self._served[path] = serve
        return self.url(path)

    def _stream(
        self,
        path: str,
        block: bytes,
        *,
        start: bytes = b"",
        pause: float = 0.0,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        async def serve(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": HTML, **(headers or {})})
            await response.prepare(request)
            with suppress(ConnectionError):  # whoever asked has had enough
                await response.write(start + block)
                while not self._closing.is_set():
                    await asyncio.sleep(pause)
                    await response.write(block)
            return response

        return self.put(path, serve)

    async def _open(self) -> None:
        server = web.Server(self._serve, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=1)
        await self._runner.setup()
        place = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._certificate)
        await place.start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(Asked(request.raw_path, dict(request.headers)))
        served = self._served.get(request.path_qs) or self._served.get(request.path)
        return await served(request) if served else web.Response(status=404)


def pack(content: bytes, packing: str) -> bytes:
    """Return the content as a server would pack it; any other name than these leaves it as it is."""
    if packing == "gzip":
        return gzip.compress(content)
    if packing in ("deflate", "raw"):
        packer = zlib.compressobj(wbits=15 if packing == "deflate" else -15)
        return packer.compress(content) + packer.flush()
    return content
