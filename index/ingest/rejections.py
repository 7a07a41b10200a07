"""Why something that an editor brought does not become an article."""

from __future__ import annotations

from enum import StrEnum

from index.errors import InvalidInputError


class RejectReason(StrEnum):
    """What was wrong; each has its sentence in every language that the bot speaks."""

    INVALID_URL = "bad address"
    """It is no http or https address."""
    PRIVATE_ADDRESS = "private address"
    """It leads to this machine or into its own network."""
    NOT_FOUND = "not there"
    """The site says that the page does not exist (404, 410)."""
    FORBIDDEN = "not allowed"
    """The site shows the page to nobody without rights (401, 402, 403, 451)."""
    SITE_ERROR = "site failed"
    """The site answered with another error."""
    UNREACHABLE = "no answer"
    """The site cannot be found, or nobody answers there, or breaks off."""
    TIMED_OUT = "too slow"
    TOO_LARGE = "too large"
    TOO_MANY_REDIRECTS = "too many redirects"
    UNSUPPORTED_TYPE = "unknown kind"
    """It is none of the kinds of documents that can be read: a picture, a film, an archive."""
    NO_STORY = "no story"
    """A page, or a document, without an article in it."""
    NO_FEED = "no feed"
    """Neither a feed, nor a sitemap, nor a page that lists articles."""
    DISALLOWED_BY_ROBOTS = "not for programs"
    """The site's robots.txt asks programs to leave it alone."""
    NO_TEXT = "no text"
    """A file without words, or a PDF of pictures."""
    UNREADABLE_GLYPHS = "unreadable glyphs"
    """A PDF whose signs do not say which letters they are."""
    PASSWORD_PROTECTED = "locked"  # noqa: S105 - no secret
    """A document that takes a password."""
    MACROS = "macros"
    """A document with a program in it."""
    DAMAGED = "damaged"
    INVALID_LINE = "bad line"
    """A line of a .jsonl that is no article."""
    TOO_LONG = "too long"
    """A story of more characters than are published from a message."""
    TOO_MANY_LINKS = "too many"
    """More links than are followed at once."""
    DOWNLOAD_FAILED = "not delivered"
    """Telegram did not give the file."""
    TOO_COMPLEX = "too complex"
    """Reading it took more time or memory than a document may take."""


class SourceRejected(InvalidInputError):
    """Something that cannot be read; nothing of it was kept."""

    def __init__(self, reason: RejectReason, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.reason = reason
