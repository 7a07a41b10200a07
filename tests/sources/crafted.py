"""Documents made by hand, byte by byte, for the tests that read them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from index.sources.documents import Given
from index.text.story import BoilerplateRules

NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)
NEWS = "وصل الوفد إلى مرسى النور صباح اليوم."
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def known(**facts: str) -> Given:
    return Given(now=NOW, rules=BoilerplateRules(), **facts)


def packed(parts: Mapping[str, str | bytes | Iterable[str]]) -> bytes:
    """Return a zip file; a part that is given in pieces is never whole in memory."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if isinstance(content, str | bytes):
                archive.writestr(name, content)
                continue
            with archive.open(name, "w") as part:
                part.writelines(piece.encode() for piece in content)
    return file.getvalue()


def links(*found: tuple[str, str], mode: str = "Internal") -> str:
    inside = "".join(
        f'<Relationship Id="r{number}" Type="{LINK}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for number, (kind, target) in enumerate(found)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'


def word(body: str | Iterable[str], **parts: str | bytes) -> bytes:
    """Return a .docx with this body, whole or in pieces; `parts` are its other parts by name."""
    start, end = f'<w:document xmlns:w="{WORD}"><w:body>', "</w:body></w:document>"
    document = f"{start}{body}{end}" if isinstance(body, str) else (start, *body, end)
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **parts})


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"
