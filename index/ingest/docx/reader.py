"""Extract the article in a Word document (.docx): its visible text in document order.

Deleted revisions, hidden text, field codes, comments, headers and footers are left out. The numbers
of list items are missing because Word computes them and does not store them.
"""

from __future__ import annotations

from typing import NamedTuple

from index.ingest.docx.body import BodyHandler, DocxParagraph
from index.ingest.docx.package import DocxPackage, XmlHandler, damaged_error, resolve_part_name
from index.ingest.extracted_article import ExtractedArticle, build_extracted_article
from index.ingest.metadata_filters import plausible_author, plausible_title
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.text.plain_text import looks_like_title

_CORE_PROPERTIES = "docProps/core.xml"
_TITLE_STYLES = frozenset(("title", "heading 1"))


class _Link(NamedTuple):
    kind: str
    target: str
    external: bool


class _Relationships(XmlHandler):
    """Collects the relationships of a part, with their types without the namespace."""

    def __init__(self) -> None:
        self.links: list[_Link] = []

    def handle_start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("}Relationship"):
            kind = attributes.get("Type", "").rpartition("/")[2]
            external = attributes.get("TargetMode", "").lower() == "external"
            self.links.append(_Link(kind, attributes.get("Target", ""), external))


class _Properties(XmlHandler):
    """Collects the text of each element of a flat part, by local name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._name = ""

    def handle_start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._name = tag.rpartition("}")[2]

    def data(self, text: str) -> None:
        self.values[self._name] = self.values.get(self._name, "") + text

    def end(self, _tag: str) -> None:
        self._name = ""


class _Styles(XmlHandler):
    """Collects the ids of title styles; ids depend on Word's language, names do not."""

    def __init__(self) -> None:
        self.title_style_ids: set[str] = set()
        self._style_id = ""

    def handle_start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        local_attributes = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if local == "style":
            self._style_id = local_attributes.get("styleId", "")
        elif local == "name" and local_attributes.get("val", "").lower() in _TITLE_STYLES:
            self.title_style_ids.add(self._style_id)


def read_docx(content: bytes, *, url: str | None = None) -> ExtractedArticle:
    """Return the article in a .docx file. It has no date: the file's dates are those of writing.

    Raises `SourceRejected`: UNSUPPORTED_TYPE for another archive, PASSWORD_PROTECTED, MACROS,
    DAMAGED, TOO_COMPLEX or NO_TEXT.
    """
    with DocxPackage(content) as package:
        package.require_no_macros()
        main_part = _find_main_part(package)
        links = _read_links(package, main_part)
        if any(
            link.external and link.kind in {"subDocument", "aFChunk", "frame"} for link in links
        ):
            raise damaged_error("parts of its text lie elsewhere")
        body = BodyHandler()
        package.parse(main_part, body)
        paragraphs = [*body.paragraphs, *_read_notes(package, links, main_part)]
        title_style_ids = _read_title_style_ids(package, links, main_part)
        properties = _Properties()
        if _CORE_PROPERTIES in package.part_names:
            package.parse(_CORE_PROPERTIES, properties)
    return _build_article(paragraphs, title_style_ids, properties.values, url)


def _read_links(package: DocxPackage, part_name: str) -> list[_Link]:
    folder, _, file = part_name.rpartition("/")
    rels_part = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
    relationships = _Relationships()
    if rels_part in package.part_names:
        package.parse(rels_part, relationships)
    return relationships.links


def _find_main_part(package: DocxPackage) -> str:
    for link in _read_links(package, ""):
        if link.kind != "officeDocument":
            continue
        if link.external:
            raise damaged_error("its text lies elsewhere")
        if (name := resolve_part_name(link.target, "")) in package.part_names:
            return name
    if "word/document.xml" not in package.part_names:
        raise damaged_error("its text is missing")
    return "word/document.xml"


def _read_notes(package: DocxPackage, links: list[_Link], main_part: str) -> list[DocxParagraph]:
    """Return the paragraphs of footnotes and endnotes, which follow the text."""
    paragraphs: list[DocxParagraph] = []
    for kind in ("footnotes", "endnotes"):
        for link in links:
            name = resolve_part_name(link.target, main_part)
            if link.kind == kind and not link.external and name in package.part_names:
                body = BodyHandler()
                package.parse(name, body)
                paragraphs += body.paragraphs
    return paragraphs


def _read_title_style_ids(package: DocxPackage, links: list[_Link], main_part: str) -> set[str]:
    styles = _Styles()
    for link in links:
        name = resolve_part_name(link.target, main_part)
        if link.kind == "styles" and not link.external and name in package.part_names:
            package.parse(name, styles)
    return styles.title_style_ids


def _build_article(
    paragraphs: list[DocxParagraph],
    title_style_ids: set[str],
    properties: dict[str, str],
    url: str | None,
) -> ExtractedArticle:
    non_empty = [paragraph for paragraph in paragraphs if paragraph.text.strip()]
    if not any(char.isalnum() for paragraph in non_empty for char in paragraph.text):
        raise SourceRejected(
            RejectReason.NO_TEXT, "the Word document has no text in it", "Send one that has text"
        )
    title = plausible_title(properties.get("title"))
    first, rest = non_empty[0], non_empty[1:]
    if rest and (first.style in title_style_ids or looks_like_title(first.text, rest[0].text)):
        title, non_empty = first.text, rest
    return build_extracted_article(
        "\n".join(paragraph.text.strip() for paragraph in non_empty),
        title=title,
        author=plausible_author(properties.get("creator")),
        url=url,
    )
