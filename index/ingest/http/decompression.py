"""A compressed page, unpacked as it comes and never beyond a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from index.ingest.rejections import RejectReason, SourceRejected

_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_MARK = b"\x1f\x8b"
_MAX_MEMBERS = 100
"""Of a gzip made of several: an ordinary one has one."""
_SEND_TEXT = "Send the article's text, or the page as a file, instead"


class Decompressor:
    """Takes a body's chunks, returns them unpacked, and refuses what grows beyond `largest` bytes.

    `encodings` are the values of Content-Encoding. Both forms of deflate are read, with zlib's
    wrapper (RFC 1950) as the standard says and without it (RFC 1951) as some servers send it.
    """

    def __init__(self, encodings: Iterable[str], largest: int) -> None:
        named = [each.strip().lower() for value in encodings for each in value.split(",")]
        packed = [each for each in named if each not in ("", "identity")]
        if len(packed) > 1 or not {*packed} <= {*_GZIP, "deflate"}:
            raise SourceRejected(
                RejectReason.SITE_FAILED,
                "the site sends its pages packed in a way that was not asked for",
                _SEND_TEXT,
            )
        self._packing = packed[0] if packed else None
        self._largest = largest
        self._came = 0
        self._made = 0
        self._members = 0
        self._member: zlib._Decompress | None = None

    def __call__(self, chunk: bytes) -> bytes:
        """Return what this chunk unpacks to. Raises `SourceRejected` (too large, damaged)."""
        self._came += len(chunk)
        try:
            made = self._unpacked(chunk) if self._packing else chunk
        except zlib.error:
            raise SourceRejected(
                RejectReason.DAMAGED, "the page came damaged", f"Try again later. {_SEND_TEXT}"
            ) from None
        self._made += len(made)
        if max(self._came, self._made) > self._largest:
            raise SourceRejected(
                RejectReason.TOO_LARGE,
                f"the page is larger than {self._largest / 1e6:.0f} MB",
                _SEND_TEXT,
            )
        return made

    def end(self) -> None:
        """Raise `SourceRejected` if what came is only a part."""
        if self._member and not self._member.eof:
            raise SourceRejected(
                RejectReason.NO_ANSWER, "the page broke off", f"Try again later. {_SEND_TEXT}"
            )

    def _unpacked(self, data: bytes) -> bytes:
        made = bytearray()
        while data and self._made + len(made) <= self._largest:
            if self._member is None or self._member.eof:
                if self._member and not (self._packing in _GZIP and data.startswith(_GZIP_MARK)):
                    break  # filling after the end, which browsers leave out too
                self._member = self._begun(data[0])
            made += self._member.decompress(data, self._largest + 1 - self._made - len(made))
            data = self._member.unused_data
        return bytes(made)

    def _begun(self, first: int) -> zlib._Decompress:
        """Return what unpacks a member that begins with this byte."""
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise zlib.error("too many members")
        if self._packing in _GZIP:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        wrapped = first & 0x0F == zlib.DEFLATED  # how no block of bare deflate begins
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
