"""Lists of feeds as readers exchange them: OPML of any version and make, in and out."""

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
    address_of,
    attributes_of,
    clean,
    outline_of,
    why_no_feed,
)
from index.ingest.rejections import RejectReason, SourceRejected

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_OPML_BYTES = 2_000_000
"""The most bytes of a list: ten times those of the longest that is known."""
MAX_OUTLINES = 5_000
MAX_DEPTH = 600
"""The most folders in folders: a folder's whole name of 1,000 characters has fewer."""
_MAX_NAME_LENGTH = 1_000
_BETWEEN = " / "
_BEGINS = re.compile(r"<(?:opml|outline)(?=[\s/>])", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};)|)")
_NAMED = 200
"""The most characters by which an outline is named that cannot be used."""


def read_opml(content: bytes) -> OpmlFeeds:
    """Return the feeds that a list names.

    Whatever its encoding, and however a reader has broken it: what of it can be read is read. No
    document type is looked at, and so no entity of its own; no address is followed. Raises
    `SourceRejected`: TOO_LARGE beyond 2 MB or 5,000 outlines, NO_FEED where it is no OPML or lists
    nothing, DAMAGED where it cannot be taken apart.
    """
    from lxml import etree

    if len(content) > MAX_OPML_BYTES:
        raise _too_large(f"has {len(content) / 1e6:.1f} MB, and {MAX_OPML_BYTES / 1e6:.0f} MB is")
    text = _text(content)
    begins = _BEGINS.search(text)
    if not begins:
        raise SourceRejected(
            RejectReason.NO_FEED,
            "it is no OPML, the list of feeds that readers export",
            "Export the feeds of your reader as OPML and send that",
        )
    reader = _OpmlHandler()
    parser = etree.XMLParser(
        target=reader,
        encoding="utf-8",
        recover=True,
        resolve_entities="internal",  # else "&" comes as "&#38;"; there are none to resolve
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # its other limits are those above
    )
    body = _REFERENCE.sub(_escaped, text[begins.start() :])
    try:
        whole = f'<list xmlns:briefing="{NAMESPACE}">{body}</list>'
        etree.fromstring(whole.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        raise _damaged("it cannot be taken apart") from None
    if not reader.outlines and not reader.bad:
        raise SourceRejected(
            RejectReason.NO_FEED,
            "it lists no feeds",
            "Send a list that has at least one feed in it",
        )
    return OpmlFeeds(outlines=tuple(reader.outlines.values()), bad=tuple(reader.bad))


def write_opml(outlines: Iterable[FeedOutline], *, title: str, made: datetime) -> bytes:
    """Return the list of these feeds as OPML 2.0 in UTF-8, those of one folder together.

    Control characters, which XML cannot hold, are left out.
    """
    from lxml import etree

    root = etree.Element("opml", {"version": "2.0"}, nsmap={"briefing": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = clean(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(made)
    folders: dict[str, _Element] = {"": etree.SubElement(root, "body")}
    for outline in outlines:
        inside, path = folders[""], ""
        for name in clean(outline.folder or "").split(_BETWEEN) if outline.folder else ():
            path = f"{path}{_BETWEEN}{name}"
            if path not in folders:
                folders[path] = etree.SubElement(inside, "outline", {"text": name, "title": name})
            inside = folders[path]
        etree.SubElement(inside, "outline", attributes_of(outline))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


@dataclass
class _OpenOutline:
    """An outline that is not closed yet."""

    inside: str | None
    """The folder that what is in it belongs to."""
    unread: dict[str, str] | None = None
    """What it says of itself, where that names no address; it may be a folder."""


class _OpmlHandler:
    """Takes notice of the elements of a list, one after the other; no tree is made of them."""

    def __init__(self) -> None:
        self.outlines: dict[str, FeedOutline] = {}
        self.bad: list[tuple[str, RejectReason]] = []
        self._open: list[_OpenOutline] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Read an outline that is a feed, and remember the others until they end."""
        if not _is_outline(tag):
            return
        if len(self._open) == MAX_DEPTH:
            raise _damaged("its folders are nested too deeply")
        folder = None
        if self._open:
            self._open[-1].unread = None
            folder = self._open[-1].inside
        said = {_known_as(name): value.strip() for name, value in attributes.items()}
        address = address_of(said)
        if address:
            self._read(address, said, folder)
            self._open.append(_OpenOutline(folder))
        else:
            self._open.append(_OpenOutline(_within(folder, _name(said)), said))

    def end(self, tag: str) -> None:
        """Tell an outline without a feed from an empty folder."""
        if _is_outline(tag) and self._open:
            said = self._open.pop().unread
            refusal = None if said is None else why_no_feed(said)
            if said is not None and refusal:
                self._refuse(_name(said) or said.get("htmlurl") or "?", refusal)

    def data(self, text: str) -> None:
        """Pass over text: what lists say stands in attributes."""

    def close(self) -> None:
        """Read what is still open where the list breaks off."""
        while self._open:
            self.end("outline")

    def _read(self, address: str, said: dict[str, str], folder: str | None) -> None:
        if address in self.outlines:
            return
        outline = outline_of(address, said, folder)
        if outline is None:
            self._refuse(_name(said) or address, RejectReason.BAD_ADDRESS)
            return
        self.outlines[address] = outline
        self._count()

    def _refuse(self, name: str, refusal: RejectReason) -> None:
        self.bad.append((" ".join(name.split())[:_NAMED], refusal))
        self._count()

    def _count(self) -> None:
        if len(self.outlines) + len(self.bad) > MAX_OUTLINES:
            raise _too_large(f"names more than {MAX_OUTLINES:,} feeds, and that is")


def _text(content: bytes) -> str:
    """Return the list's letters: UTF-8 where it can be that, whatever it says."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return clean(decode(content))
    return clean(decode(content) if "\x00" in text else text)


def _escaped(reference: re.Match[str]) -> str:
    """Return a reference as XML knows it without a document type, or an ampersand for itself."""
    known = reference[0]
    if not reference[1] or reference[1] in html5:
        known = clean(html.unescape(known))
    return html.escape(known)


def _is_outline(tag: str) -> bool:
    return tag.rpartition("}")[2].lower() == "outline"


def _known_as(name: str) -> str:
    """Return an attribute's name without regard to case; those of the desk begin with a colon."""
    space, _, local = name.rpartition("}")
    if not space:
        return local.lower()
    return f":{local.lower()}" if space == f"{{{NAMESPACE}" else name


def _name(said: dict[str, str]) -> str:
    return said.get("title") or said.get("text") or ""


def _within(folder: str | None, name: str) -> str | None:
    """Return the folder's name with those of the folders that it is in, as far as a line goes."""
    path = " ".join(f"{folder}{_BETWEEN}{name}".split()) if folder and name else name or folder
    return path if path and len(path) <= _MAX_NAME_LENGTH else folder


def _too_large(what: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.TOO_LARGE, f"the list {what} the most", "Cut it into several and send each"
    )


def _damaged(why: str) -> SourceRejected:
    return SourceRejected(
        RejectReason.DAMAGED,
        f"the list is damaged: {why}",
        "Export it anew from your reader, or add its feeds one by one",
    )
