"""Sockets for requests to strangers: they connect to public addresses and limit what is read."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from index.ingest.http.address_policy import ALLOWED_PORTS, is_address_allowed, is_loopback
from index.ingest.http.failures import SEND_TEXT, invalid_url_error
from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_BYTES = 1_024
"""Maximum number of bytes read at once. The event loop parses them in one step, and the smallest
responses and chunks cost the most: about a microsecond a byte."""
MAX_HEAD_BYTES = 64 * 1_024
"""Bytes of the TLS handshake, informational responses (1xx) and the head of the final response."""
MAX_FRAMING_BYTES = 128 * 1_024
"""Bytes of a response beyond its content and `_FRAMING_SHARE` of it, such as the sizes of chunks
and the headers of TLS records. They include content that has come and not been counted yet."""
_FRAMING_SHARE = 0.25


class SocketGuard:
    """Creates the sockets of one request, for allowed addresses and ports only.

    It checks the very address that is connected to, after the lookup, so that DNS rebinding between
    check and connection is impossible. A connection is broken off when it has delivered more than
    `MAX_HEAD_BYTES` before the final response, or more than `MAX_FRAMING_BYTES` beyond its content:
    with endless informational responses or tiny chunks a site would occupy the event loop.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self.rejection: SourceRejected | None = None
        """Why the last connection was refused or broken off."""
        self.received_bytes = 0
        self._max_received_bytes = MAX_HEAD_BYTES
        self._allow_loopback = allow_loopback

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        """Create a socket for an address as `getaddrinfo` returns it."""
        self._check_received_bytes()  # aiohttp connects once more when a connection breaks
        family, kind, protocol, _, (host, port, *_) = info
        if not is_address_allowed(host, allow_loopback=self._allow_loopback):
            self.rejection = SourceRejected(
                RejectReason.PRIVATE_ADDRESS,
                "the address leads to this machine or into a private network",
                "Only pages on the public web can be fetched. Send the article's text instead",
            )
            raise PermissionError("blocked address")
        if port not in ALLOWED_PORTS and not is_loopback(host):
            self.rejection = invalid_url_error(f"no pages are fetched from port {port}")
            raise PermissionError("blocked port")
        return _GuardedSocket(self, family, kind, protocol)

    def start_body(self) -> None:
        """Allow for the framing of the body: the head of the final response has come."""
        self._max_received_bytes += MAX_FRAMING_BYTES

    def count_content(self, size: int) -> None:
        """Allow for `size` bytes of the body that have come, and for their framing."""
        self._max_received_bytes += size + int(size * _FRAMING_SHARE)

    def count_received(self, size: int) -> None:
        """Count bytes of the connection. Raises `ConnectionAbortedError` if there are too many."""
        self.received_bytes += size
        self._check_received_bytes()

    def _check_received_bytes(self) -> None:
        if self.received_bytes > self._max_received_bytes:
            self.rejection = SourceRejected(
                RejectReason.SITE_ERROR,
                "the site's response has more headers or smaller pieces than are read",
                SEND_TEXT,
            )
            raise ConnectionAbortedError("too many bytes without content")


class _GuardedSocket(socket.socket):
    """A socket whose reads are small, and counted by its guard.

    asyncio reads through `recv` and, for TLS, `recv_into`.
    """

    def __init__(self, guard: SocketGuard, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._guard = guard

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        data = super().recv(min(bufsize, READ_BYTES), flags)
        self._guard.count_received(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        size = min(nbytes or memoryview(buffer).nbytes, READ_BYTES)
        received = super().recv_into(buffer, size, flags)
        self._guard.count_received(received)
        return received
