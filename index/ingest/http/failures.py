"""What goes wrong on the way to a page, in words for whoever asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.ingest.rejections import Refusal, Refused

if TYPE_CHECKING:
    from yarl import URL

SEND_TEXT = "Send the article's text, or the page as a file, instead"
_CHECK = "Check the address, and that it opens in a browser"
_NOT_THERE = frozenset({404, 410})
_NOT_ALLOWED = frozenset({401, 402, 403, 407, 451})
_TOO_MANY_REQUESTS = 429


class SiteRefused(Refused):
    """A site's own answer that it gives no page."""

    def __init__(
        self,
        refusal: Refusal,
        message: str,
        remedy: str,
        *,
        url: str,
        status: int,
        wait: str | None,
    ) -> None:
        super().__init__(refusal, message, remedy)
        self.url = url
        """Where it was answered, after redirects."""
        self.status = status
        self.wait = wait
        """What it said of when to come back (Retry-After): seconds, or a date of HTTP."""


def bad_address(message: str) -> Refused:
    """Return the refusal of an address that cannot be one of a page."""
    return Refused(Refusal.BAD_ADDRESS, message, _CHECK)


def refused_by_site(url: str, status: int, wait: str | None) -> SiteRefused:
    """Return what an HTTP status other than a success means."""
    if status in _NOT_THERE:
        said = Refusal.NOT_THERE, f"the page does not exist ({status})", _CHECK
    elif status in _NOT_ALLOWED:
        said = Refusal.NOT_ALLOWED, f"the site does not show this page to us ({status})", SEND_TEXT
    else:
        later = status == _TOO_MANY_REQUESTS or status >= 500
        remedy = f"{'Try again in a few minutes. ' if later else ''}{SEND_TEXT}"
        said = Refusal.SITE_FAILED, f"the site answered with an error ({status})", remedy
    return SiteRefused(*said, url=url, status=status, wait=wait)


def failure(error: Exception, url: URL) -> Refused:
    """Return what an error on the way to a page means."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Refused(Refusal.NO_ANSWER, f"there is no site {_site(url)}", _CHECK)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Refused(Refusal.SITE_FAILED, "the site's certificate is not valid", SEND_TEXT)
    if isinstance(error, aiohttp.ClientSSLError):
        return Refused(Refusal.SITE_FAILED, "the site takes no secure connection", SEND_TEXT)
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return bad_address("the address is not well formed")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Refused(
            Refusal.NO_ANSWER, f"nobody answers at {_site(url)}", f"Try again later. {_CHECK}"
        )
    return Refused(
        Refusal.NO_ANSWER,
        "the site broke off, or answered what is no web page",
        f"Try again later. {SEND_TEXT}",
    )


def _site(url: URL) -> str | None:
    """Return a host as people read it, or as it is written where it is no name of IDNA."""
    try:
        return url.host
    except UnicodeError:
        return url.raw_host
