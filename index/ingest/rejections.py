"""The reasons why a submitted page, document or feed is rejected."""

from __future__ import annotations

from enum import StrEnum

from index.errors import InvalidInputError


class RejectReason(StrEnum):
    """The reason of a rejection; the message catalogues have a text for each."""

    INVALID_URL = "bad address"
    """The text is no HTTP(S) URL."""
    PRIVATE_ADDRESS = "private address"
    """The URL leads to this machine or into a private network."""
    NOT_FOUND = "not there"
    """The site answered that the page does not exist (404, 410)."""
    FORBIDDEN = "not allowed"
    """The site requires authorisation or payment, or blocks the page (401, 402, 403, 407, 451)."""
    SITE_ERROR = "site failed"
    """The site answered with another error status."""
    UNREACHABLE = "no answer"
    """The host is unknown, refuses the connection or breaks it off."""
    TIMED_OUT = "too slow"
    TOO_LARGE = "too large"
    TOO_MANY_REDIRECTS = "too many redirects"
    UNSUPPORTED_TYPE = "unknown kind"
    """An unsupported file type: a picture, a film, an archive."""
    NO_STORY = "no story"
    """A page or a document without an article."""
    NO_FEED = "no feed"
    """No feed, no sitemap, and no page that lists articles."""
    TOO_MANY_SITES = "too many sites"
    """A feed leads to more new sites in a day than are asked."""
    DISALLOWED_BY_ROBOTS = "not for programs"
    """The site's robots.txt disallows the page."""
    NO_TEXT = "no text"
    """A file without words, or a PDF of pictures."""
    UNREADABLE_GLYPHS = "unreadable glyphs"
    """A PDF whose glyphs have no mapping to characters."""
    PASSWORD_PROTECTED = "locked"  # noqa: S105 - no secret
    """A document that requires a password."""
    MACROS = "macros"
    """A document with macros."""
    DAMAGED = "damaged"
    INVALID_LINE = "bad line"
    """A line of a .jsonl file that is no article."""
    TOO_LONG = "too long"
    """A text from a message or feed with more characters than are published."""
    TOO_MANY_LINKS = "too many"
    """More links in one message than are followed."""
    DOWNLOAD_FAILED = "not delivered"
    """Telegram did not deliver the file."""
    TOO_COMPLEX = "too complex"
    """Reading the document exceeded the limit of time or memory."""


class SourceRejected(InvalidInputError):
    """Raised for input that cannot be read; nothing of it is stored."""

    def __init__(self, reason: RejectReason, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.reason = reason
