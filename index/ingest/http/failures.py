"""What goes wrong on the way to a page, in words for whoever asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from yarl import URL

SEND_TEXT = "Send the article's text, or the page as a file, instead"
_CHECK = "Check the address, and that it opens in a browser"
_NOT_THERE = frozenset({404, 410})
_NOT_ALLOWED = frozenset({401, 402, 403, 407, 451})
_TOO_MANY_REQUESTS = 429


class HttpStatusRejected(SourceRejected):
    """A site's own answer that it gives no page."""

    def __init__(
        self,
        refusal: RejectReason,
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


def bad_address(message: str) -> SourceRejected:
    """Return the refusal of an address that cannot be one of a page."""
    return SourceRejected(RejectReason.BAD_ADDRESS, message, _CHECK)


def refused_by_site(url: str, status: int, wait: str | None) -> HttpStatusRejected:
    """Return what an HTTP status other than a success means."""
    if status in _NOT_THERE:
        said = RejectReason.NOT_THERE, f"the page does not exist ({status})", _CHECK
    elif status in _NOT_ALLOWED:
        said = (
            RejectReason.NOT_ALLOWED,
            f"the site does not show this page to us ({status})",
            SEND_TEXT,
        )
    else:
        later = status == _TOO_MANY_REQUESTS or status >= 500
        remedy = f"{'Try again in a few minutes. ' if later else ''}{SEND_TEXT}"
        said = RejectReason.SITE_FAILED, f"the site answered with an error ({status})", remedy
    return HttpStatusRejected(*said, url=url, status=status, wait=wait)


def failure(error: Exception, url: URL) -> SourceRejected:
    """Return what an error on the way to a page means."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceRejected(RejectReason.NO_ANSWER, f"there is no site {_site(url)}", _CHECK)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return SourceRejected(
            RejectReason.SITE_FAILED, "the site's certificate is not valid", SEND_TEXT
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return SourceRejected(
            RejectReason.SITE_FAILED, "the site takes no secure connection", SEND_TEXT
        )
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return bad_address("the address is not well formed")
    if isinstance(error, aiohttp.ClientConnectorError):
        return SourceRejected(
            RejectReason.NO_ANSWER, f"nobody answers at {_site(url)}", f"Try again later. {_CHECK}"
        )
    return SourceRejected(
        RejectReason.NO_ANSWER,
        "the site broke off, or answered what is no web page",
        f"Try again later. {SEND_TEXT}",
    )


def _site(url: URL) -> str | None:
    """Return a host as people read it, or as it is written where it is no name of IDNA."""
    try:
        return url.host
    except UnicodeError:
        return url.raw_host
