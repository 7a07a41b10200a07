"""What goes wrong on the way to a page, in words for whoever asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from yarl import URL

SEND_TEXT = "Send the article's text, or the page as a file, instead"
_CHECK_URL = "Check the address, and that it opens in a browser"
_NOT_FOUND_STATUSES = frozenset({404, 410})
_FORBIDDEN_STATUSES = frozenset({401, 402, 403, 407, 451})
_TOO_MANY_REQUESTS = 429


class HttpStatusRejected(SourceRejected):
    """A site's own answer that it gives no page."""

    def __init__(
        self,
        reason: RejectReason,
        message: str,
        remedy: str,
        *,
        url: str,
        status: int,
        retry_after: str | None,
    ) -> None:
        super().__init__(reason, message, remedy)
        self.url = url
        """Where it was answered, after redirects."""
        self.status = status
        self.retry_after = retry_after
        """What it said of when to come back (Retry-After): seconds, or a date of HTTP."""


def invalid_url_error(message: str) -> SourceRejected:
    """Return the refusal of an address that cannot be one of a page."""
    return SourceRejected(RejectReason.INVALID_URL, message, _CHECK_URL)


def http_status_error(url: str, status: int, retry_after: str | None) -> HttpStatusRejected:
    """Return what an HTTP status other than a success means."""
    if status in _NOT_FOUND_STATUSES:
        rejection = RejectReason.NOT_FOUND, f"the page does not exist ({status})", _CHECK_URL
    elif status in _FORBIDDEN_STATUSES:
        rejection = (
            RejectReason.FORBIDDEN,
            f"the site does not show this page to us ({status})",
            SEND_TEXT,
        )
    else:
        may_recover = status == _TOO_MANY_REQUESTS or status >= 500
        remedy = f"{'Try again in a few minutes. ' if may_recover else ''}{SEND_TEXT}"
        rejection = RejectReason.SITE_ERROR, f"the site answered with an error ({status})", remedy
    return HttpStatusRejected(*rejection, url=url, status=status, retry_after=retry_after)


def fetch_error(error: Exception, url: URL) -> SourceRejected:
    """Return what an error on the way to a page means."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceRejected(
            RejectReason.UNREACHABLE, f"there is no site {_display_host(url)}", _CHECK_URL
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return SourceRejected(
            RejectReason.SITE_ERROR, "the site's certificate is not valid", SEND_TEXT
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return SourceRejected(
            RejectReason.SITE_ERROR, "the site takes no secure connection", SEND_TEXT
        )
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return invalid_url_error("the address is not well formed")
    if isinstance(error, aiohttp.ClientConnectorError):
        return SourceRejected(
            RejectReason.UNREACHABLE,
            f"nobody answers at {_display_host(url)}",
            f"Try again later. {_CHECK_URL}",
        )
    return SourceRejected(
        RejectReason.UNREACHABLE,
        "the site broke off, or answered what is no web page",
        f"Try again later. {SEND_TEXT}",
    )


def _display_host(url: URL) -> str | None:
    """Return a host as people read it, or as it is written where it is no name of IDNA."""
    try:
        return url.host
    except UnicodeError:
        return url.raw_host
