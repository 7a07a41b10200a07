"""Compare the unpacking of bodies here with aiohttp's own, case by case.

    python -m bench.ingest.decompression

Each body is served by a local server with a Content-Encoding, and read once with `Decompressor` and
once with aiohttp's `auto_decompress`. Prints what was read, or the error.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib

import aiohttp
from aiohttp import web

from index.errors import InvalidInputError
from index.ingest.http.decompression import Decompressor

MAX_BYTES = 10_000_000
TIMEOUT = 20
TEXT = b"<p>The port of Noran is open again.</p>" * 500


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CASES = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "deflate with zlib's header": ("deflate", zlib.compress(TEXT)),
    "deflate without it": ("deflate", raw_deflate(TEXT)),
    "two gzip members": ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)),
    "gzip with padding": ("gzip", gzip.compress(TEXT) + b"\0\0\0"),
    "half of a gzip": ("gzip", gzip.compress(TEXT)[:60]),
    "half of a deflate": ("deflate", zlib.compress(TEXT)[:60]),
    "no gzip at all": ("gzip", TEXT),
    "1,000 empty members": ("gzip", gzip.compress(b"") * 1_000),
    "bomb of 200 MB": ("gzip", gzip.compress(bytes(200_000_000), 9)),
    "empty blocks without end": ("deflate", b"\0\0\0\xff\xff" * 2_100_000),
    "two codings": ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
    "brotli, not asked for": ("br", TEXT),
}


async def read(url: str, *, own: bool) -> str:
    async with (
        aiohttp.ClientSession(auto_decompress=not own) as session,
        session.get(url) as response,
    ):
        unpack = Decompressor(response.headers.getall("Content-Encoding", []), MAX_BYTES)
        size = 0
        async for chunk in response.content.iter_any():
            size += sum(map(len, unpack.decompress(chunk))) if own else len(chunk)
            if size > MAX_BYTES:
                return "stopped at the limit"
        if own:
            unpack.finish()
        return f"{size:,} bytes"


async def serve(request: web.BaseRequest) -> web.Response:
    coding, body = list(CASES.values())[int(request.path[1:])]
    return web.Response(body=body, headers={"Content-Encoding": coding})


async def main() -> None:
    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    for number, (name, (_, body)) in enumerate(CASES.items()):
        print(f"{name} ({len(body):,} bytes)")
        for own in (True, False):
            try:
                outcome = await asyncio.wait_for(
                    read(f"http://127.0.0.1:{port}/{number}", own=own), TIMEOUT
                )
            except TimeoutError:
                outcome = f"no end within {TIMEOUT} seconds"
            except (InvalidInputError, aiohttp.ClientError, ValueError) as error:
                outcome = f"{type(error).__name__}: {error}"
            print(f"    {'own' if own else 'aiohttp'}: {outcome}")
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
