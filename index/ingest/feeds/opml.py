"""Read and write OPML, the lists of feeds that feed readers exchange."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html.entities import html5
from typing import TYPE_CHECKING

from index.ingest.charset import decode
from index.ingest.feeds.opml_outline import (
    NAMESPACE,
    FeedOutline,
    OpmlFeeds,
    clean_xml_text,
    feed_address,
    no_feed_reason,
    outline_attributes,
    parse_outline,
)
from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_OPML_BYTES = 2_000_000
"""The maximum size of a list: ten times the longest known one."""
MAX_OUTLINES = 5_000
"""The maximum number of feeds, rejected ones included."""
MAX_DEPTH = 600
"""The maximum nesting of outlines; a folder path of 1,000 characters has fewer levels."""
_MAX_FOLDER_LENGTH = 1_000
"""The maximum length of a folder path, that of a `SingleLine`."""
_FOLDER_SEPARATOR = " / "
_OPML_START = re.compile(r"<(?:opml|outline)(?=[\s/>])", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};)|)")
_MAX_LABEL_LENGTH = 200
"""The maximum length of the label of a rejected outline."""


def read_opml(content: bytes) -> OpmlFeeds:
    """Return the feeds of an OPML list in any encoding, valid or broken, as far as readable.

    The document type is ignored, so its entities are not expanded, and no URL is fetched. Raises
    `SourceRejected`: TOO_LARGE beyond 2 MB or 5,000 feeds, NO_FEED if it is no OPML or lists
    nothing, DAMAGED if it cannot be parsed.

    Use `sandbox.read_opml_in_sandbox` for untrusted lists: time and memory are not limited here.
    """
    from lxml import etree

    if len(content) > MAX_OPML_BYTES:
        raise _too_large(
            f"has {len(content) / 1e6:.1f} MB, and {MAX_OPML_BYTES / 1e6:.0f} MB is the most"
        )
    text = _decode_list(content)
    start = _OPML_START.search(text)
    if not start:
        raise SourceRejected(
            RejectReason.NO_FEED,
            "it is no OPML, the list of feeds that readers export",
            "Export the feeds of your reader as OPML and send that",
        )
    handler = _OpmlHandler()
    parser = etree.XMLParser(
        target=handler,
        encoding="utf-8",
        recover=True,
        resolve_entities="internal",  # otherwise "&" arrives as "&#38;"; no entities are declared
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # the limits above replace those of libxml2
    )
    body = _REFERENCE.sub(_escape_reference, text[start.start() :])
    try:
        document = f'<list xmlns:briefing="{NAMESPACE}">{body}</list>'
        etree.fromstring(document.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        raise _damaged("it cannot be taken apart") from None
    if not handler.outlines and not handler.rejected:
        raise SourceRejected(
            RejectReason.NO_FEED,
            "it lists no feeds",
            "Send a list that has at least one feed in it",
        )
    return OpmlFeeds(outlines=tuple(handler.outlines.values()), rejected=tuple(handler.rejected))


def write_opml(outlines: Iterable[FeedOutline], *, title: str, created_at: datetime) -> bytes:
    """Return these feeds as OPML 2.0 in UTF-8, grouped by folder.

    Control characters, which XML does not allow, are removed.
    """
    from lxml import etree

    root = etree.Element("opml", {"version": "2.0"}, nsmap={"briefing": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = clean_xml_text(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(created_at)
    folders: dict[str, _Element] = {"": etree.SubElement(root, "body")}
    for outline in outlines:
        parent, path = folders[""], ""
        folder = clean_xml_text(outline.folder or "")
        for name in folder.split(_FOLDER_SEPARATOR) if outline.folder else ():
            path = f"{path}{_FOLDER_SEPARATOR}{name}"
            if path not in folders:
                folders[path] = etree.SubElement(parent, "outline", {"text": name, "title": name})
            parent = folders[path]
        etree.SubElement(parent, "outline", outline_attributes(outline))
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return xml


@dataclass
class _OpenOutline:
    """An outline element that is not closed yet."""

    folder: str | None
    """The folder path of its children."""
    unread_attributes: dict[str, str] | None = None
    """Its attributes if they name no feed and no child was seen yet; it may be a folder."""


class _OpmlHandler:
    """A parser target that collects feeds from outline elements without building a tree."""

    def __init__(self) -> None:
        self.outlines: dict[str, FeedOutline] = {}
        self.rejected: list[tuple[str, RejectReason]] = []
        self._open_outlines: list[_OpenOutline] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Read an outline that is a feed, and remember any other until its end tag."""
        if not _is_outline(tag):
            return
        if len(self._open_outlines) == MAX_DEPTH:
            raise _damaged("its folders are nested too deeply")
        folder = None
        if self._open_outlines:
            self._open_outlines[-1].unread_attributes = None
            folder = self._open_outlines[-1].folder
        normalised = {
            _normalise_attribute(name): value.strip() for name, value in attributes.items()
        }
        address = feed_address(normalised)
        if address:
            self._add(address, normalised, folder)
            self._open_outlines.append(_OpenOutline(folder))
        else:
            self._open_outlines.append(
                _OpenOutline(_join_folder(folder, _outline_name(normalised)), normalised)
            )

    def end(self, tag: str) -> None:
        """Reject a childless outline without a feed, unless it is an empty folder."""
        if _is_outline(tag) and self._open_outlines:
            attributes = self._open_outlines.pop().unread_attributes
            reason = None if attributes is None else no_feed_reason(attributes)
            if attributes is not None and reason:
                self._reject(_outline_name(attributes) or attributes.get("htmlurl") or "?", reason)

    def data(self, text: str) -> None:
        """Ignore text: OPML keeps its data in attributes."""

    def close(self) -> None:
        """Close the outlines that are still open if the list is truncated."""
        while self._open_outlines:
            self.end("outline")

    def _add(self, address: str, attributes: dict[str, str], folder: str | None) -> None:
        if address in self.outlines:
            return
        outline = parse_outline(address, attributes, folder)
        if outline is None:
            self._reject(_outline_name(attributes) or address, RejectReason.INVALID_URL)
            return
        self.outlines[address] = outline
        self._check_limit()

    def _reject(self, name: str, reason: RejectReason) -> None:
        self.rejected.append((" ".join(name.split())[:_MAX_LABEL_LENGTH], reason))
        self._check_limit()

    def _check_limit(self) -> None:
        if len(self.outlines) + len(self.rejected) > MAX_OUTLINES:
            raise _too_large(f"names more than {MAX_OUTLINES:,} feeds, and that is the most")


def _decode_list(content: bytes) -> str:
    """Return the list as text: decoded as UTF-8 if possible, whatever it declares."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return clean_xml_text(decode(content))
    return clean_xml_text(decode(content) if "\x00" in text else text)


def _escape_reference(reference: re.Match[str]) -> str:
    """Return an HTML reference as one that XML allows without a document type.

    An ampersand that starts no known reference is escaped.
    """
    text = reference[0]
    if not reference[1] or reference[1] in html5:
        text = clean_xml_text(html.unescape(text))
    return html.escape(text)


def _is_outline(tag: str) -> bool:
    return tag.rpartition("}")[2].lower() == "outline"


def _normalise_attribute(name: str) -> str:
    """Return an attribute's name in lower case; names in `NAMESPACE` get a colon as prefix."""
    namespace, _, local = name.rpartition("}")
    if not namespace:
        return local.lower()
    return f":{local.lower()}" if namespace == f"{{{NAMESPACE}" else name


def _outline_name(attributes: dict[str, str]) -> str:
    return attributes.get("title") or attributes.get("text") or ""


def _join_folder(folder: str | None, name: str) -> str | None:
    """Return the path of a folder in a folder; a path that is too long stays the parent's."""
    path = (
        " ".join(f"{folder}{_FOLDER_SEPARATOR}{name}".split())
        if folder and name
        else name or folder
    )
    return path if path and len(path) <= _MAX_FOLDER_LENGTH else folder


def _too_large(detail: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_LARGE, f"the list {detail}", "Cut it into several and send each"
    )


def _damaged(detail: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.DAMAGED,
        f"the list is damaged: {detail}",
        "Export it anew from your reader, or add its feeds one by one",
    )
