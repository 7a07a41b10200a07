"""Bodies unpacked in pieces."""

from __future__ import annotations

import pytest

from index.ingest.http.decompression import MAX_PIECE_BYTES, Decompressor
from tests.fakes.web.site import pack


@pytest.mark.parametrize("size", [0, 1, MAX_PIECE_BYTES, 2 * MAX_PIECE_BYTES, 1_000_003])
@pytest.mark.parametrize("packed", ["gzip", "deflate", "raw"])
def test_a_body_that_unfolds_comes_whole_and_in_small_pieces(size: int, packed: str) -> None:
    decompressor = Decompressor(["gzip" if packed == "gzip" else "deflate"], max_bytes=2_000_000)
    pieces = list(decompressor.decompress(pack(b"a" * size, packed)))
    decompressor.finish()
    assert b"".join(pieces) == b"a" * size
    assert max(map(len, pieces)) <= MAX_PIECE_BYTES
