"""A page from the web, fetched safely: what may be reached, how far, how long, how much."""

from __future__ import annotations

import asyncio
import re
import socket
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from index.sources.addresses import PORTS, is_loopback, is_plain_host, may_be_reached
from index.sources.refusals import Refusal, Refused

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.abc import AbstractResolver
    from yarl import URL

LARGEST_PAGE = 10_000_000
"""The most bytes of one page or document, before and after it is unpacked."""
LONGEST_WAIT = 20.0
"""Seconds for everything: finding the site, every redirect, and the last byte."""
MOST_REDIRECTS = 5
LONGEST_ADDRESS = 8_000

_ADDRESS = re.compile(r"(?i:https?)://[^\s\x00-\x20\x7f-\x9f]+")
_AROUND = string.whitespace + "\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"
"""What comes along when an address is copied out of Arabic text."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_THERE = frozenset({404, 410})
_NOT_ALLOWED = frozenset({401, 402, 403, 407, 451})
_TOO_MANY_REQUESTS = 429
_LONGEST_HEADER = 32_768
"""Bytes of one header: some sites' Content-Security-Policy is longer than aiohttp's own limit."""
_MOST_HEADERS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})")

_SEND_TEXT = "Send the article's text, or the page as a file, instead"
_CHECK = "Check the address, and that it opens in a browser"


class Fetched(BaseModel):
    """What a site gave: bytes, and what it said of them, which need not be true."""

    model_config = ConfigDict(frozen=True)

    url: str
    """The last address, after redirects, without a fragment."""
    content: bytes
    """Unpacked, at most `LARGEST_PAGE` bytes."""
    content_type: str | None = None
    """The bare media type, in lower case; None where the site named none."""
    charset: str | None = None


async def fetch(
    address: str,
    *,
    allow_loopback: bool = False,
    seconds: float = LONGEST_WAIT,
    resolver: AbstractResolver | None = None,
) -> Fetched:
    """Return what lies at an http(s) address.

    Only public addresses are connected to, at every hop, on the ports of pages; `allow_loopback`
    lets this machine in too, on any port. `resolver` finds hosts in place of the system's. Raises
    `Refused` for whatever goes wrong.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _followed(address, allow_loopback=allow_loopback, resolver=resolver)
    except TimeoutError:
        raise Refused(
            Refusal.TOO_SLOW,
            f"the page did not come within {seconds:g} seconds",
            f"Try again later. {_SEND_TEXT}",
        ) from None


def fetch_now(address: str, *, allow_loopback: bool = False) -> Fetched:
    """Return what lies at an address, for callers without an event loop; like `fetch`."""
    return asyncio.run(fetch(address, allow_loopback=allow_loopback))


async def _followed(
    address: str, *, allow_loopback: bool, resolver: AbstractResolver | None
) -> Fetched:
    url = _checked(address)
    for _ in range(MOST_REDIRECTS + 1):
        found = await _hop(url, allow_loopback=allow_loopback, resolver=resolver)
        if isinstance(found, Fetched):
            return found
        url = found
    raise Refused(
        Refusal.TOO_MANY_REDIRECTS,
        f"the address sends on more than {MOST_REDIRECTS} times",
        "Open it in a browser, and send the address where it ends",
    )


async def _hop(
    url: URL, *, allow_loopback: bool, resolver: AbstractResolver | None
) -> Fetched | URL:
    """Return the page at this address, or the address that it sends on to."""
    import aiohttp
    from aiohttp.http_exceptions import HttpProcessingError

    from index.sources.resolving import Resolver

    gate = _Gate(allow_loopback=allow_loopback)
    connector = aiohttp.TCPConnector(
        resolver=resolver or Resolver(),
        use_dns_cache=False,
        force_close=True,
        socket_factory=gate,
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_request_headers(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_LONGEST_HEADER,
                max_field_size=_LONGEST_HEADER,
                max_headers=_MOST_HEADERS,
            ) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            return await _answered(url, response)
    except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
        raise gate.refused or _failure(error, url) from None


class _Gate:
    """Makes the sockets of one hop, and only towards what may be reached.

    It sees the very address that is connected to, after every lookup: there is no moment between
    check and connection in which a name could come to mean another address.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self.refused: Refused | None = None
        self._allow_loopback = allow_loopback

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = info
        if not may_be_reached(host, allow_loopback=self._allow_loopback):
            self.refused = Refused(
                Refusal.PRIVATE_ADDRESS,
                "the address leads to this machine or into a closed network",
                "Only pages on the public web can be fetched. Send the article's text instead",
            )
            raise PermissionError("a closed address")
        if port not in PORTS and not is_loopback(host):
            self.refused = _bad_address(f"no pages are fetched from port {port}")
            raise PermissionError("a closed port")
        return socket.socket(family, kind, protocol)


def _checked(address: str) -> URL:
    """Return the address taken apart, without its fragment."""
    from yarl import URL

    address = address.strip(_AROUND)
    if len(address) > LONGEST_ADDRESS:
        raise _bad_address(f"the address has more than {LONGEST_ADDRESS:,} characters")
    if not _ADDRESS.fullmatch(address):
        raise _bad_address("it is no http or https address")
    try:
        url = URL(address).with_fragment(None)
        host = url.raw_host
        port = url.port
    except (ValueError, IndexError):  # yarl 1.25 looks for a letter in the host of http://[]@
        raise _bad_address("the address is not well formed") from None
    if url.scheme not in ("http", "https") or not host or not port or not is_plain_host(host):
        raise _bad_address("the address names no site")
    if url.raw_user is not None or url.raw_password is not None:
        raise _bad_address("the address has a name or a password in it")
    return url


def _bad_address(message: str) -> Refused:
    return Refused(Refusal.BAD_ADDRESS, message, _CHECK)


async def _answered(url: URL, response: ClientResponse) -> Fetched | URL:
    status = response.status
    if status in _REDIRECTS and "Location" in response.headers:
        return _sent_on(url, response.headers["Location"])
    if not 200 <= status < 300:
        raise _refused_by_site(status)
    said = response.headers.get("Content-Type", "").lower()
    media_type = said.partition(";")[0].strip()
    charset = _CHARSET.search(said)
    return Fetched(
        url=str(url),
        content=await _content(response),
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
        charset=charset[1] if charset else None,
    )


def _sent_on(url: URL, location: str) -> URL:
    """Return where a redirect leads; letters beyond ASCII are taken as the bytes they came as."""
    from yarl import URL

    written = quote(location.strip().encode("utf-8", "surrogateescape"), safe=string.punctuation)
    try:
        return _checked(str(url.join(URL(written))))
    except (ValueError, IndexError):
        raise _bad_address("the page sends on to an address that is not well formed") from None


def _refused_by_site(status: int) -> Refused:
    if status in _NOT_THERE:
        return Refused(Refusal.NOT_THERE, f"the page does not exist ({status})", _CHECK)
    if status in _NOT_ALLOWED:
        return Refused(
            Refusal.NOT_ALLOWED, f"the site does not show this page to us ({status})", _SEND_TEXT
        )
    wait = "Try again in a few minutes. " if status == _TOO_MANY_REQUESTS or status >= 500 else ""
    return Refused(
        Refusal.SITE_FAILED, f"the site answered with an error ({status})", wait + _SEND_TEXT
    )


async def _content(response: ClientResponse) -> bytes:
    from index.sources.unpacking import Unpacker

    unpack = Unpacker(response.headers.getall("Content-Encoding", []), LARGEST_PAGE)
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += unpack(chunk)
    unpack.end()
    return bytes(content)


def _failure(error: Exception, url: URL) -> Refused:
    """Return what an error on the way to a page means for whoever asked for it."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Refused(Refusal.NO_ANSWER, f"there is no site {url.host}", _CHECK)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Refused(Refusal.SITE_FAILED, "the site's certificate is not valid", _SEND_TEXT)
    if isinstance(error, aiohttp.ClientSSLError):
        return Refused(Refusal.SITE_FAILED, "the site takes no secure connection", _SEND_TEXT)
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return _bad_address("the address is not well formed")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Refused(
            Refusal.NO_ANSWER, f"nobody answers at {url.host}", f"Try again later. {_CHECK}"
        )
    return Refused(
        Refusal.NO_ANSWER,
        "the site broke off, or answered what is no web page",
        f"Try again later. {_SEND_TEXT}",
    )


def _request_headers() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("libya-briefing")
    except PackageNotFoundError:  # run from the sources
        number = "0"
    return {
        "User-Agent": f"libya-briefing/{number} "
        "(news archive; reads one page on an editor's behalf)",
        "Accept": "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.5",
        "Accept-Language": "ar,en;q=0.8,fr;q=0.6",
        "Accept-Encoding": "gzip, deflate",
    }
