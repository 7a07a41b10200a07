"""Convert HTTP statuses and network errors to rejections with a readable message."""

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
    """Raised when a site answers with an error status."""

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
        """The URL that was requested, after redirects."""
        self.status = status
        self.retry_after = retry_after
        """The Retry-After header: seconds or an HTTP date; None if it is missing."""


def invalid_url_error(message: str) -> SourceRejected:
    """Return the error for a URL that cannot be fetched."""
    return SourceRejected(RejectReason.INVALID_URL, message, _CHECK_URL)


def http_status_error(url: str, status: int, retry_after: str | None) -> HttpStatusRejected:
    """Return the error for an HTTP status other than success."""
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
    """Return the rejection for an exception raised while fetching `url`."""
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
            RejectReason.SITE_ERROR, "the site accepts no secure connection", SEND_TEXT
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
        "the site closed the connection, or its response is not valid HTTP",
        f"Try again later. {SEND_TEXT}",
    )


def _display_host(url: URL) -> str | None:
    """Return the host decoded from IDNA, or as written if it cannot be decoded."""
    try:
        return url.host
    except UnicodeError:
        return url.raw_host
