"""A page from the web, fetched safely: what may be reached, how far, how long, how much."""

from __future__ import annotations

import asyncio
import re
import socket
import string
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from index.ingest.http.address_policy import PORTS, is_loopback, is_plain_host, may_be_reached
from index.ingest.http.failures import SEND_TEXT, bad_address, failure, refused_by_site
from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.abc import AbstractResolver
    from yarl import URL

MAX_PAGE_BYTES = 10_000_000
"""The most bytes of one page or document, before and after it is unpacked."""
MAX_WAIT_SECONDS = 20.0
"""Seconds for everything: finding the site, every redirect, and the last byte."""
MAX_REDIRECTS = 5
MAX_URL_LENGTH = 8_000

_ADDRESS = re.compile(r"(?i:https?)://[^\s\x00-\x20\x7f-\x9f]+")
_AROUND = string.whitespace + "\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"
"""What comes along when an address is copied out of Arabic text."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_UNCHANGED = 304
_CONDITIONS = frozenset(("If-None-Match", "If-Modified-Since"))
_MAX_VALIDATOR_LENGTH = 1_000
_PLAIN = re.compile(r"[ -~]+")
_FOR_AN_EDITOR = "reads one page on an editor's behalf"
_MAX_HEADER_LENGTH = 32_768
"""Bytes of one header: some sites' Content-Security-Policy is longer than aiohttp's own limit."""
_MAX_HEADERS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})")


class RequestSlot(Protocol):
    """Says when a site may be asked, and raises `SourceRejected` where it may not."""

    def __call__(self, url: str) -> AbstractAsyncContextManager[None]:
        """Return what is held while `url` is asked for; entering it may wait."""


@asynccontextmanager
async def _at_once(url: str) -> AsyncIterator[None]:  # noqa: ARG001 - any site, at any time
    yield


class CacheValidators(NamedTuple):
    """What a site said of the page when it last gave it, by which it tells that it is the same."""

    etag: str | None = None
    modified: str | None = None


NOTHING_KNOWN = CacheValidators()


class FetchResult(BaseModel):
    """What a site gave: bytes, and what it said of them, which need not be true."""

    model_config = ConfigDict(frozen=True)

    url: str
    """The last address, after redirects, without a fragment."""
    content: bytes
    """Unpacked, at most `MAX_PAGE_BYTES` bytes."""
    content_type: str | None = None
    """The bare media type, in lower case; None where the site named none."""
    charset: str | None = None
    known: CacheValidators = NOTHING_KNOWN
    unchanged: bool = False
    """The page is as it was `known`, and was not sent again."""
    moved: bool = False
    """It was sent on from the address that was asked for, and the site says: for good."""


async def fetch(
    address: str,
    *,
    allow_loopback: bool = False,
    seconds: float = MAX_WAIT_SECONDS,
    resolver: AbstractResolver | None = None,
    visit: RequestSlot = _at_once,
    known: CacheValidators = NOTHING_KNOWN,
    agent: str = "",
) -> FetchResult:
    """Return what lies at an http(s) address.

    Only public addresses are connected to, at every hop, on the ports of pages; `allow_loopback`
    lets this machine in too, on any port. `resolver` finds hosts in place of the system's; `visit`
    is entered for every hop, and what it waits is none of the `seconds`. With `known`, a page that
    has not changed is not sent again. `agent` says on whose behalf it is asked. Raises `SourceRejected`
    for whatever goes wrong, `SiteRefused` where the site's own answer says so.
    """
    headers = _request_headers(agent or _FOR_AN_EDITOR) | _conditions(known)
    try:
        return await _followed(
            _FetchOptions(address, allow_loopback, seconds, resolver, visit, headers)
        )
    except TimeoutError:
        raise SourceRejected(
            RejectReason.TOO_SLOW,
            f"the page did not come within {seconds:g} seconds",
            f"Try again later. {SEND_TEXT}",
        ) from None


def fetch_now(address: str, *, allow_loopback: bool = False) -> FetchResult:
    """Return what lies at an address, for callers without an event loop; like `fetch`."""
    return asyncio.run(fetch(address, allow_loopback=allow_loopback))


class _FetchOptions(NamedTuple):
    """What is the same at every hop."""

    address: str
    allow_loopback: bool
    seconds: float
    resolver: AbstractResolver | None
    visit: RequestSlot
    headers: dict[str, str]


class _Redirect(NamedTuple):
    """Where a page sends on to."""

    url: URL
    for_good: bool


async def _followed(way: _FetchOptions) -> FetchResult:
    """Follow an address to its page. Raises `TimeoutError` when the time is up."""
    url, left, moved = _checked(way.address), way.seconds, True
    for hop in range(MAX_REDIRECTS + 1):
        async with way.visit(str(url)), asyncio.timeout(left):
            began = monotonic()
            found = await _hop(url, way)
            left -= monotonic() - began
        if isinstance(found, FetchResult):
            return found.model_copy(update={"moved": moved and hop > 0})
        url, moved = found.url, moved and found.for_good
    raise SourceRejected(
        RejectReason.TOO_MANY_REDIRECTS,
        f"the address sends on more than {MAX_REDIRECTS} times",
        "Open it in a browser, and send the address where it ends",
    )


async def _hop(url: URL, way: _FetchOptions) -> FetchResult | _Redirect:
    """Return the page at this address, or the address that it sends on to."""
    import aiohttp
    from aiohttp.http_exceptions import HttpProcessingError

    from index.ingest.http.resolver import ThreadedResolver

    gate = _GuardedSocketFactory(allow_loopback=way.allow_loopback)
    connector = aiohttp.TCPConnector(
        resolver=way.resolver or ThreadedResolver(),
        use_dns_cache=False,
        force_close=True,
        socket_factory=gate,
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=way.headers,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_MAX_HEADER_LENGTH,
                max_field_size=_MAX_HEADER_LENGTH,
                max_headers=_MAX_HEADERS,
            ) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            return await _answered(url, response)
    except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
        raise gate.refused or failure(error, url) from None


class _GuardedSocketFactory:
    """Makes the sockets of one hop, and only towards what may be reached.

    It sees the very address that is connected to, after every lookup: there is no moment between
    check and connection in which a name could come to mean another address.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self.refused: SourceRejected | None = None
        self._allow_loopback = allow_loopback

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = info
        if not may_be_reached(host, allow_loopback=self._allow_loopback):
            self.refused = SourceRejected(
                RejectReason.PRIVATE_ADDRESS,
                "the address leads to this machine or into a closed network",
                "Only pages on the public web can be fetched. Send the article's text instead",
            )
            raise PermissionError("a closed address")
        if port not in PORTS and not is_loopback(host):
            self.refused = bad_address(f"no pages are fetched from port {port}")
            raise PermissionError("a closed port")
        return socket.socket(family, kind, protocol)


def _checked(address: str) -> URL:
    """Return the address taken apart, without its fragment."""
    from yarl import URL

    address = address.strip(_AROUND)
    if len(address) > MAX_URL_LENGTH:
        raise bad_address(f"the address has more than {MAX_URL_LENGTH:,} characters")
    if not _ADDRESS.fullmatch(address):
        raise bad_address("it is no http or https address")
    try:
        url = URL(address).with_fragment(None)
        host = url.raw_host
        port = url.port
    except (ValueError, IndexError):  # yarl 1.25 looks for a letter in the host of http://[]@
        raise bad_address("the address is not well formed") from None
    if url.scheme not in ("http", "https") or not host or not port or not is_plain_host(host):
        raise bad_address("the address names no site")
    if url.raw_user is not None or url.raw_password is not None:
        raise bad_address("the address has a name or a password in it")
    return url


async def _answered(url: URL, response: ClientResponse) -> FetchResult | _Redirect:
    status, headers = response.status, response.headers
    if status in _REDIRECTS and "Location" in headers:
        return _Redirect(_sent_on(url, headers["Location"]), status in _FOR_GOOD)
    known = CacheValidators(_said(headers.get("ETag")), _said(headers.get("Last-Modified")))
    if status == _UNCHANGED and not _CONDITIONS.isdisjoint(response.request_info.headers):
        return FetchResult(url=str(url), content=b"", known=known, unchanged=True)
    if not 200 <= status < 300:
        raise refused_by_site(str(url), status, headers.get("Retry-After"))
    said = headers.get("Content-Type", "").lower()
    media_type = said.partition(";")[0].strip()
    charset = _CHARSET.search(said)
    return FetchResult(
        url=str(url),
        content=await _content(response),
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
        charset=charset[1] if charset else None,
        known=known,
    )


def _said(header: str | None) -> str | None:
    """Return a header that can be sent back as it came."""
    plain = header and len(header) <= _MAX_VALIDATOR_LENGTH and _PLAIN.fullmatch(header)
    return header if plain else None


def _conditions(known: CacheValidators) -> dict[str, str]:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in conditions.items() if value}


def _sent_on(url: URL, location: str) -> URL:
    """Return where a redirect leads; letters beyond ASCII are taken as the bytes they came as."""
    from yarl import URL

    written = quote(location.strip().encode("utf-8", "surrogateescape"), safe=string.punctuation)
    try:
        return _checked(str(url.join(URL(written))))
    except (ValueError, IndexError):
        raise bad_address("the page sends on to an address that is not well formed") from None


async def _content(response: ClientResponse) -> bytes:
    from index.ingest.http.decompression import Decompressor

    unpack = Decompressor(response.headers.getall("Content-Encoding", []), MAX_PAGE_BYTES)
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += unpack(chunk)
    unpack.end()
    return bytes(content)


def _request_headers(purpose: str) -> dict[str, str]:
    """Return what is said of this program, and of what it can read, to every site."""
    return {
        "User-Agent": f"libya-briefing/{_version()} (news archive; {purpose})",
        "Accept": "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.5",
        "Accept-Language": "ar,en;q=0.8,fr;q=0.6",
        "Accept-Encoding": "gzip, deflate",
    }


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("libya-briefing")
    except PackageNotFoundError:  # run from the sources
        return "0"
