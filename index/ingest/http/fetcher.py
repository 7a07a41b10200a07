"""Fetch web pages safely: with limits on addresses, redirects, time and size."""

from __future__ import annotations

import asyncio
import re
import string
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from index.ingest.http.address_policy import is_canonical_host
from index.ingest.http.failures import SEND_TEXT, fetch_error, http_status_error, invalid_url_error
from index.ingest.http.guarded_sockets import SocketGuard
from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.abc import AbstractResolver
    from yarl import URL

MAX_PAGE_BYTES = 10_000_000
"""Maximum size of a page or document in bytes, compressed and decompressed."""
MAX_WAIT_SECONDS = 20.0
"""Maximum seconds in total: DNS lookup, all redirects, and the whole body."""
MAX_REDIRECTS = 5
MAX_URL_LENGTH = 8_000

_HTTP_URL = re.compile(r"(?i:https?)://[^\s\x00-\x20\x7f-\x9f]+")
_STRIPPED_CHARACTERS = string.whitespace + "\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"
"""Whitespace and bidi marks that are copied along with a URL out of Arabic text."""
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_NOT_MODIFIED = 304
_CONDITIONAL_HEADERS = frozenset(("If-None-Match", "If-Modified-Since"))
_MAX_VALIDATOR_LENGTH = 1_000
_PRINTABLE_ASCII = re.compile(r"[ -~]+")
_DEFAULT_PURPOSE = "reads one page on an editor's behalf"
_MAX_HEADER_LENGTH = 32_768
"""Bytes of one header; some Content-Security-Policy headers exceed aiohttp's default limit."""
_MAX_HEADERS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})")


class RequestSlot(Protocol):
    """Waits until a site may be requested; raises `SourceRejected` if it may not be."""

    def __call__(self, url: str) -> AbstractAsyncContextManager[None]:
        """Return a context manager to hold during the request of `url`; entering it may wait."""


@asynccontextmanager
async def _no_wait(url: str) -> AsyncIterator[None]:  # noqa: ARG001 - of the protocol
    yield


class CacheValidators(NamedTuple):
    """The validators of the last response, for a conditional request (RFC 9110, 13)."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = CacheValidators()


class FetchResult(BaseModel):
    """The body of a response with its declared, not necessarily correct, metadata."""

    model_config = ConfigDict(frozen=True)

    url: str
    """The final URL after redirects, without a fragment."""
    content: bytes
    """Decompressed, at most `MAX_PAGE_BYTES` bytes, and no more than `fetch` was asked for."""
    content_type: str | None = None
    """The media type without parameters, in lower case; None if missing or malformed."""
    charset: str | None = None
    validators: CacheValidators = NO_VALIDATORS
    unchanged: bool = False
    """The page has not changed since `validators`, and `content` is empty."""
    moved: bool = False
    """All redirects were permanent: the requested URL should be replaced by `url`."""


async def fetch(
    address: str,
    *,
    allow_loopback: bool = False,
    timeout: float = MAX_WAIT_SECONDS,
    resolver: AbstractResolver | None = None,
    request_slot: RequestSlot = _no_wait,
    validators: CacheValidators = NO_VALIDATORS,
    purpose: str = "",
    max_bytes: int | None = None,
) -> FetchResult:
    """Fetch an HTTP(S) URL.

    At every hop only public addresses on `ALLOWED_PORTS` are connected to; `allow_loopback` allows
    this machine too, on any port. `resolver` replaces the system's; `request_slot` is entered for
    every hop, and its waiting time does not count towards `timeout` (seconds). With `validators`
    the request is conditional. `purpose` is stated in the User-Agent. Of a body longer than
    `max_bytes` the beginning is read and returned. Raises `SourceRejected` for any failure,
    `HttpStatusRejected` if the site answered with an error status.
    """
    headers = _request_headers(purpose or _DEFAULT_PURPOSE) | _conditional_headers(validators)
    try:
        return await _follow_redirects(
            _FetchOptions(
                address, allow_loopback, timeout, resolver, request_slot, headers, max_bytes
            )
        )
    except TimeoutError:
        raise SourceRejected(
            RejectReason.TIMED_OUT,
            f"the page did not load within {timeout:g} seconds",
            f"Try again later. {SEND_TEXT}",
        ) from None


def fetch_sync(address: str, *, allow_loopback: bool = False) -> FetchResult:
    """Fetch a URL as `fetch` does, for callers without an event loop."""
    return asyncio.run(fetch(address, allow_loopback=allow_loopback))


class _FetchOptions(NamedTuple):
    """The options that apply to every hop."""

    address: str
    allow_loopback: bool
    timeout: float
    resolver: AbstractResolver | None
    request_slot: RequestSlot
    headers: dict[str, str]
    max_bytes: int | None


class _Redirect(NamedTuple):
    """The target of a redirect."""

    url: URL
    is_permanent: bool


async def _follow_redirects(options: _FetchOptions) -> FetchResult:
    """Fetch a URL through its redirects. Raises `TimeoutError` after `options.timeout` seconds."""
    url, time_left, moved_permanently = _parse_url(options.address), options.timeout, True
    for hop in range(MAX_REDIRECTS + 1):
        async with options.request_slot(str(url)), asyncio.timeout(time_left):
            started = monotonic()
            result = await _request_hop(url, options)
            time_left -= monotonic() - started
        if isinstance(result, FetchResult):
            return result.model_copy(update={"moved": moved_permanently and hop > 0})
        url, moved_permanently = result.url, moved_permanently and result.is_permanent
    raise SourceRejected(
        RejectReason.TOO_MANY_REDIRECTS,
        f"the address redirects more than {MAX_REDIRECTS} times",
        "Open it in a browser, and send the final address",
    )


async def _request_hop(url: URL, options: _FetchOptions) -> FetchResult | _Redirect:
    """Request one URL and return its page, or the redirect that it answers with."""
    import aiohttp
    from aiohttp.http_exceptions import HttpProcessingError

    from index.ingest.http.resolver import ThreadedResolver

    guard = SocketGuard(allow_loopback=options.allow_loopback)
    connector = aiohttp.TCPConnector(
        resolver=options.resolver or ThreadedResolver(),
        use_dns_cache=False,
        force_close=True,
        socket_factory=guard,
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=options.headers,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_MAX_HEADER_LENGTH,
                max_field_size=_MAX_HEADER_LENGTH,
                max_headers=_MAX_HEADERS,
            ) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            guard.start_body()
            return await _read_response(url, response, guard, options.max_bytes)
    except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
        raise guard.rejection or fetch_error(error, url) from None


def _parse_url(address: str) -> URL:
    """Parse a URL and remove its fragment. Raises `SourceRejected` (INVALID_URL)."""
    from yarl import URL

    address = address.strip(_STRIPPED_CHARACTERS)
    if len(address) > MAX_URL_LENGTH:
        raise invalid_url_error(f"the address has more than {MAX_URL_LENGTH:,} characters")
    if not _HTTP_URL.fullmatch(address):
        raise invalid_url_error("it is no http or https address")
    try:
        url = URL(address).with_fragment(None)
        host = url.raw_host
        port = url.port
    except (ValueError, IndexError):  # yarl 1.25 looks for a letter in the host of http://[]@
        raise invalid_url_error("the address is not well formed") from None
    if url.scheme not in ("http", "https") or not host or not port or not is_canonical_host(host):
        raise invalid_url_error("the address names no site")
    if url.raw_user is not None or url.raw_password is not None:
        raise invalid_url_error("the address has a name or a password in it")
    return url


async def _read_response(
    url: URL, response: ClientResponse, guard: SocketGuard, max_bytes: int | None
) -> FetchResult | _Redirect:
    status, headers = response.status, response.headers
    if status in _REDIRECT_STATUSES and "Location" in headers:
        return _Redirect(_redirect_target(url, headers["Location"]), status in _PERMANENT_REDIRECTS)
    validators = CacheValidators(
        _reusable_header(headers.get("ETag")), _reusable_header(headers.get("Last-Modified"))
    )
    if status == _NOT_MODIFIED and not _CONDITIONAL_HEADERS.isdisjoint(
        response.request_info.headers
    ):
        return FetchResult(url=str(url), content=b"", validators=validators, unchanged=True)
    if not 200 <= status < 300:
        raise http_status_error(str(url), status, headers.get("Retry-After"))
    content_type = headers.get("Content-Type", "").lower()
    media_type = content_type.partition(";")[0].strip()
    charset = _CHARSET.search(content_type)
    return FetchResult(
        url=str(url),
        content=await _read_content(response, guard, max_bytes),
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
        charset=charset[1] if charset else None,
        validators=validators,
    )


def _reusable_header(header: str | None) -> str | None:
    """Return the header if it can be sent back unchanged, else None."""
    is_reusable = (
        header and len(header) <= _MAX_VALIDATOR_LENGTH and _PRINTABLE_ASCII.fullmatch(header)
    )
    return header if is_reusable else None


def _conditional_headers(validators: CacheValidators) -> dict[str, str]:
    conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _redirect_target(url: URL, location: str) -> URL:
    """Return the target of a redirect; characters beyond ASCII are percent-encoded as received."""
    from yarl import URL

    encoded_location = quote(
        location.strip().encode("utf-8", "surrogateescape"), safe=string.punctuation
    )
    try:
        return _parse_url(str(url.join(URL(encoded_location))))
    except (ValueError, IndexError):
        raise invalid_url_error(
            "the page redirects to an address that is not well formed"
        ) from None


async def _read_content(
    response: ClientResponse, guard: SocketGuard, max_bytes: int | None
) -> bytes:
    """Return the decompressed body, or its first `max_bytes` bytes."""
    from index.ingest.http.decompression import Decompressor

    decompressor = Decompressor(response.headers.getall("Content-Encoding", []), MAX_PAGE_BYTES)
    content = bytearray()
    async for chunk in response.content.iter_any():
        guard.count_content(len(chunk))
        for piece in decompressor.decompress(chunk):
            content += piece
            if max_bytes is not None and len(content) >= max_bytes:
                return bytes(content[:max_bytes])
            await asyncio.sleep(0)
    decompressor.finish()
    return bytes(content)


def _request_headers(purpose: str) -> dict[str, str]:
    """Return the headers that every request has: user agent and accepted formats."""
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
    except PackageNotFoundError:  # run from source, not installed
        return "0"
