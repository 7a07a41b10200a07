"""Extract plain text from an entry's markup, and detect whether the text was truncated."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NamedTuple

from index.ingest.charset import to_printable
from index.ingest.feeds.models import MAX_ENTRY_TEXT_LENGTH
from index.ingest.html.dom import parse_html, visible_lines
from index.text.boilerplate import (
    MAX_SITE_LINE_LENGTH,
    BoilerplateMatcher,
    BoilerplateRules,
    strip_leading_marks,
)
from index.text.normalise import fold
from index.text.segmentation.paragraphs import split_paragraphs

MIN_WHOLE_WORDS = 120
"""A text with fewer words is a summary, not the whole article."""
_MAX_LINE_LENGTH = 1_000
_TAIL_LENGTH = 400
"""Characters at the end of a line in which a "read more" mark is searched."""
_MAX_UNESCAPES = 2
"""How often text is unescaped again because its markup was escaped too often."""
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figcaption"
    r"|figure|font|h[1-6]|hr|i|iframe|img|ins|li|mark|ol|p|pre|q|s|script|section|small|span|strong"
    r"|style|sub|sup|svg|table|tbody|td|th|tr|tt|u|ul|video|wbr)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
"""A tag of HTML; «x <y> z» does not match."""
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,24});")
_SYNDICATION_LINE = re.compile(
    r"(?:the post .* (?:appeared first|first appeared) on|this (?:post|article) first appeared on"
    r"|(?:l['’]article|cet article) .*est apparu en premier sur"
    r"|(?:ظهرت|ظهر) (?:هذه |هذا )?(?:ال)?(?:مقاله|تدوينه|مقال|خبر|مشاركه)"
    r" .*(?:اولا|لاول مره) (?:علي|في))"
    r" .*"
)
"""In folded text, the line that publishing systems append, with the article's title and the
site's name."""
_ELLIPSIS = r"(?:…|\.{3,}|[\[(]\s*(?:…|\.{3})\s*[\])])"
_PUNCTUATION = (".", "!", "?", "؟", "،", ",", ":", "»", "”", '"')
_ELLIPSIS_AT_END = re.compile(rf"\s*{_ELLIPSIS}\s*\Z")
_READ_MORE = (
    r"(?:continue reading|read (?:more|on)|read the (?:rest|full|whole)|keep reading"
    r"|view (?:full|more)|lire la suite|lire plus|lire l['’]article|en savoir plus"
    r"|continuer la lecture"
    r"|[اإأ]قر[اأ] المزيد|قراءة المزيد|لقراءة المزيد|[أا]كمل القراءة|متابعة القراءة|تابع القراءة"
    r"|مواصلة القراءة|تابع قراءة|للمزيد|المزيد)"
)
_ELLIPSIS_THEN_READ_MORE = re.compile(
    rf"\s*{_ELLIPSIS}\s*[\[(]?{_READ_MORE}(?!\w)[^\n]{{0,300}}\Z", re.IGNORECASE
)
_READ_MORE_AT_END = re.compile(
    rf"(?:\A|(?<=[.!?؟:»”\"\]]))\s*[\[(]?{_READ_MORE}\s*[\W_]{{0,10}}\Z", re.IGNORECASE
)
_READ_MORE_LINE = re.compile(rf"\W*{_READ_MORE}(?!\w)[^.!?؟]{{0,300}}\Z", re.IGNORECASE)


class EntryText(NamedTuple):
    """A text of an entry: its paragraphs, and whether it is marked as truncated."""

    paragraphs: tuple[str, ...]
    is_truncated: bool

    @property
    def word_count(self) -> int:
        """The number of words in all paragraphs."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)

    @property
    def is_whole(self) -> bool:
        """Whether it can be the whole article."""
        return not self.is_truncated and self.word_count >= MIN_WHOLE_WORDS

    def text(self) -> str | None:
        """Return the paragraphs joined by blank lines, or None if there are none.

        Paragraphs beyond `MAX_ENTRY_TEXT_LENGTH` characters are left out.
        """
        parts: list[str] = []
        length = 0
        for paragraph in self.paragraphs:
            length += len(paragraph) + 2
            if length > MAX_ENTRY_TEXT_LENGTH + 2:
                break
            parts.append(paragraph)
        if self.paragraphs and not parts:
            parts = [self.paragraphs[0][:MAX_ENTRY_TEXT_LENGTH]]
        return "\n\n".join(parts) or None


EMPTY_TEXT = EntryText((), is_truncated=False)


def clean_line(value: object) -> str | None:
    """Return a title or a name on one line without markup; None if it has no letter or digit."""
    if not isinstance(value, str):
        return None
    line = value[: 10 * _MAX_LINE_LENGTH]
    for _ in range(1 + _MAX_UNESCAPES):
        line = _TAG.sub(" ", line) if "<" in line else line
        if not _ENTITY.search(line):
            break
        line = html.unescape(line)
    line = " ".join(to_printable(line).split())[:_MAX_LINE_LENGTH].strip()
    return line if any(char.isalnum() for char in line) else None


class EntryTextExtractor:
    """Extracts the texts of one feed's entries without the boilerplate that sites add."""

    def __init__(self, rules: BoilerplateRules) -> None:
        self._boilerplate = BoilerplateMatcher(rules)

    def extract(self, value: object, *, is_markup: bool = True) -> EntryText:
        """Return the text of HTML, or of plain text if `is_markup` is false.

        Plain text that contains HTML tags is read as HTML. Raises what lxml raises.
        """
        if not isinstance(value, str) or not value.strip():
            return EMPTY_TEXT
        text = to_printable(value)
        lines = _split_lines(text, is_markup=is_markup)
        for _ in range(_MAX_UNESCAPES):
            joined = "\n".join(lines)
            if not _TAG.search(joined) and not (is_markup and _ENTITY.search(joined)):
                break
            lines = _split_lines(joined, is_markup=True)
        return self._trim(lines)

    def _trim(self, lines: Iterable[str]) -> EntryText:
        kept_lines = [
            line
            for line in lines
            if not self._boilerplate.is_boilerplate_in_page(strip_leading_marks(line))
        ]
        is_truncated = False
        while kept_lines:
            last = kept_lines[-1]
            if len(last) <= MAX_SITE_LINE_LENGTH and (
                _SYNDICATION_LINE.fullmatch(fold(last))
                or self._boilerplate.is_boilerplate(strip_leading_marks(last))
            ):
                kept_lines.pop()
                continue
            head, tail = last[:-_TAIL_LENGTH], last[-_TAIL_LENGTH:]
            if (match := _ELLIPSIS_THEN_READ_MORE.search(tail)) or (
                match := _ELLIPSIS_AT_END.search(tail)
            ):
                is_truncated = True
                if head := (head + tail[: match.start()]).strip():
                    kept_lines[-1] = f"{head} …" if head.endswith(_PUNCTUATION) else f"{head}…"
                    break
                kept_lines.pop()
            elif match := _READ_MORE_AT_END.search(tail):
                is_truncated = True
                head = (head + tail[: match.start()]).strip()
                kept_lines[-1:] = [head] if head else []
            elif len(kept_lines) > 1 and len(last) < 200 and _READ_MORE_LINE.match(last):
                is_truncated = True
                kept_lines.pop()
            else:
                break
        return EntryText(tuple(kept_lines), is_truncated)


def _split_lines(text: str, *, is_markup: bool) -> list[str]:
    if (is_markup and "<" in text) or _TAG.search(text):
        tree = parse_html(text)
        lines = [] if tree is None else [line.text for line in visible_lines(tree)]
        return [line for line in lines if line]
    if is_markup and "&" in text:
        text = html.unescape(text)
    lines = [" ".join(span.slice(text).split()) for span in split_paragraphs(text)]
    return [line for line in lines if any(char.isalnum() for char in line)]
