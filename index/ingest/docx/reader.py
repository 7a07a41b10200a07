"""A Word document (.docx) becomes the story in it: what a reader sees, in its order.

Left out are what was deleted in a revision, hidden text, the codes of fields, comments, headers and
footers, and the numbers that Word puts before the items of a list, which are not in the document.
"""

from __future__ import annotations

from typing import NamedTuple

from index.ingest.docx.body import BodyHandler, DocxParagraph
from index.ingest.docx.package import DocxPackage, XmlHandler, damaged, part_named
from index.ingest.extracted_article import ExtractedArticle, build_extracted_article
from index.ingest.metadata_filters import plausible_author, plausible_title
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.text.plain_text import could_be_a_title

_CORE = "docProps/core.xml"
_TITLE_STYLES = frozenset(("title", "heading 1"))


class _Link(NamedTuple):
    kind: str
    target: str
    external: bool


class _Relationships(XmlHandler):
    """The relationships of a part; their kinds are without the namespace."""

    def __init__(self) -> None:
        self.found: list[_Link] = []

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("}Relationship"):
            kind = attributes.get("Type", "").rpartition("/")[2]
            external = attributes.get("TargetMode", "").lower() == "external"
            self.found.append(_Link(kind, attributes.get("Target", ""), external))


class _Properties(XmlHandler):
    """The text of each element of a flat part, by its local name."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._name = ""

    def begins(self, tag: str, _attributes: dict[str, str]) -> None:
        self._name = tag.rpartition("}")[2]

    def data(self, text: str) -> None:
        self.found[self._name] = self.found.get(self._name, "") + text

    def end(self, _tag: str) -> None:
        self._name = ""


class _Styles(XmlHandler):
    """The ids of the styles for titles, whatever they are in the language of that Word."""

    def __init__(self) -> None:
        self.titles: set[str] = set()
        self._id = ""

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        named = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if local == "style":
            self._id = named.get("styleId", "")
        elif local == "name" and named.get("val", "").lower() in _TITLE_STYLES:
            self.titles.add(self._id)


def read_word(content: bytes, *, url: str | None = None) -> ExtractedArticle:
    """Return the story in a .docx. Its date is not told: a file says when it was written.

    Raises `SourceRejected`: UNKNOWN_KIND for another archive, LOCKED, MACROS, DAMAGED, TOO_COMPLEX,
    NO_TEXT.
    """
    with DocxPackage(content) as parts:
        parts.require_no_macros()
        main = _main_part(parts)
        links = _links(parts, main)
        if any(
            link.external and link.kind in {"subDocument", "aFChunk", "frame"} for link in links
        ):
            raise damaged("parts of its text lie elsewhere")
        text = BodyHandler()
        parts.parse(main, text)
        notes = [*text.paragraphs, *_notes(parts, links, main)]
        titles = _title_styles(parts, links, main)
        properties = _Properties()
        if _CORE in parts.names:
            parts.parse(_CORE, properties)
    return _told(notes, titles, properties.found, url)


def _links(parts: DocxPackage, name: str) -> list[_Link]:
    folder, _, file = name.rpartition("/")
    part = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
    links = _Relationships()
    if part in parts.names:
        parts.parse(part, links)
    return links.found


def _main_part(parts: DocxPackage) -> str:
    for link in _links(parts, ""):
        if link.kind != "officeDocument":
            continue
        if link.external:
            raise damaged("its text lies elsewhere")
        if (name := part_named(link.target, "")) in parts.names:
            return name
    if "word/document.xml" not in parts.names:
        raise damaged("its text is missing")
    return "word/document.xml"


def _notes(parts: DocxPackage, links: list[_Link], main: str) -> list[DocxParagraph]:
    """Return the footnotes and endnotes, which stand after the text."""
    found: list[DocxParagraph] = []
    for kind in ("footnotes", "endnotes"):
        for link in links:
            name = part_named(link.target, main)
            if link.kind == kind and not link.external and name in parts.names:
                text = BodyHandler()
                parts.parse(name, text)
                found += text.paragraphs
    return found


def _title_styles(parts: DocxPackage, links: list[_Link], main: str) -> set[str]:
    styles = _Styles()
    for link in links:
        name = part_named(link.target, main)
        if link.kind == "styles" and not link.external and name in parts.names:
            parts.parse(name, styles)
    return styles.titles


def _told(
    paragraphs: list[DocxParagraph], styles: set[str], properties: dict[str, str], url: str | None
) -> ExtractedArticle:
    written = [paragraph for paragraph in paragraphs if paragraph.text.strip()]
    if not any(char.isalnum() for paragraph in written for char in paragraph.text):
        raise SourceRejected(
            RejectReason.NO_TEXT, "the Word document has no text in it", "Send one that has text"
        )
    title = plausible_title(properties.get("title"))
    first, rest = written[0], written[1:]
    if rest and (first.style in styles or could_be_a_title(first.text, rest[0].text)):
        title, written = first.text, rest
    return build_extracted_article(
        "\n".join(paragraph.text.strip() for paragraph in written),
        title=title,
        author=plausible_author(properties.get("creator")),
        url=url,
    )
