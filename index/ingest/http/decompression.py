"""Decompress response bodies incrementally and within a size limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from index.ingest.rejections import RejectReason, SourceRejected

_GZIP_CODINGS = frozenset({"gzip", "x-gzip"})
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_MEMBERS = 100
"""Maximum number of members of a gzip; ordinary ones have one."""
MAX_PIECE_BYTES = 65_536
"""Maximum size of a decompressed piece, so that a caller on an event loop can pause between two."""
_SEND_TEXT = "Send the article's text, or the page as a file, instead"


class Decompressor:
    """Decompress the chunks of a body; reject it if it exceeds `max_bytes`.

    `encodings` are the values of Content-Encoding. Both forms of deflate are supported: with zlib's
    wrapper (RFC 1950), as the standard demands, and without it (RFC 1951), as some servers send it.
    """

    def __init__(self, encodings: Iterable[str], max_bytes: int) -> None:
        codings = [coding.strip().lower() for value in encodings for coding in value.split(",")]
        compressions = [coding for coding in codings if coding not in ("", "identity")]
        if len(compressions) > 1 or not {*compressions} <= {*_GZIP_CODINGS, "deflate"}:
            raise SourceRejected(
                RejectReason.SITE_ERROR,
                "the site compresses its pages in a way that was not requested",
                _SEND_TEXT,
            )
        self._compression = compressions[0] if compressions else None
        self._max_bytes = max_bytes
        self._received_bytes = 0
        self._output_bytes = 0
        self._member_count = 0
        self._member: zlib._Decompress | None = None

    def decompress(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decompressed chunk in pieces. Raises `SourceRejected`: TOO_LARGE or DAMAGED."""
        self._received_bytes += len(chunk)
        self._check_size(self._received_bytes)
        try:
            for piece in self._inflate(chunk) if self._compression else (chunk,):
                self._output_bytes += len(piece)
                self._check_size(self._output_bytes)
                yield piece
        except zlib.error:
            raise SourceRejected(
                RejectReason.DAMAGED,
                "the compressed page is damaged",
                f"Try again later. {_SEND_TEXT}",
            ) from None

    def finish(self) -> None:
        """Raise `SourceRejected` (UNREACHABLE) if the body is truncated."""
        if self._member and not self._member.eof:
            raise SourceRejected(
                RejectReason.UNREACHABLE, "the page broke off", f"Try again later. {_SEND_TEXT}"
            )

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise SourceRejected(
                RejectReason.TOO_LARGE,
                f"the page is larger than {self._max_bytes / 1e6:.0f} MB",
                _SEND_TEXT,
            )

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        has_more = bool(data)
        while has_more:
            if self._member is None or self._member.eof:
                if self._member and not (
                    self._compression in _GZIP_CODINGS and data.startswith(_GZIP_MAGIC)
                ):
                    return  # padding after the end, which browsers ignore too
                self._member = self._start_member(data[0])
            piece = self._member.decompress(data, MAX_PIECE_BYTES)
            data = self._member.unused_data or self._member.unconsumed_tail
            # Of a piece that is full, output may be left although all input was consumed.
            has_more = bool(data) or (len(piece) == MAX_PIECE_BYTES and not self._member.eof)
            yield piece

    def _start_member(self, first_byte: int) -> zlib._Decompress:
        """Return the decompressor for a member that begins with this byte."""
        self._member_count += 1
        if self._member_count > _MAX_MEMBERS:
            raise zlib.error("too many members")
        if self._compression in _GZIP_CODINGS:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        has_zlib_header = first_byte & 0x0F == zlib.DEFLATED  # raw deflate never begins so
        return zlib.decompressobj(zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS)
