"""The words of a feed's entry: plain text from whatever markup it is in, and whether it was cut."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NamedTuple

from index.ingest.charset import printable
from index.ingest.feeds.models import MAX_ENTRY_TEXT_LENGTH
from index.ingest.html.dom import lines_of, tree_of
from index.text.boilerplate import (
    MAX_SITE_LINE_LENGTH,
    BoilerplateMatcher,
    BoilerplateRules,
    strip_leading_marks,
)
from index.text.normalise import fold
from index.text.segmentation.paragraphs import paragraphs

WHOLE = 120
"""What has fewer words is told of an article, and is not the article."""
_MAX_LINE_LENGTH = 1_000
_ENDING = 400
"""Characters at the end of a line, in which it can say that it goes on elsewhere."""
_ESCAPES = 2
"""How often markup that was escaped once more than it should be is read again."""
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figcaption"
    r"|figure|font|h[1-6]|hr|i|iframe|img|ins|li|mark|ol|p|pre|q|s|script|section|small|span|strong"
    r"|style|sub|sup|svg|table|tbody|td|th|tr|tt|u|ul|video|wbr)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
"""A tag of HTML, which «x <y> z» is not."""
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,24});")
_WORDPRESS = re.compile(
    r"(?:the post .* (?:appeared first|first appeared) on|this (?:post|article) first appeared on"
    r"|(?:l['’]article|cet article) .*est apparu en premier sur"
    r"|(?:ظهرت|ظهر) (?:هذه |هذا )?(?:ال)?(?:مقاله|تدوينه|مقال|خبر|مشاركه)"
    r" .*(?:اولا|لاول مره) (?:علي|في))"
    r" .*"
)
"""Folded: the line that publishing systems put after a story, with its title and their name."""
_ELLIPSIS = r"(?:…|\.{3,}|[\[(]\s*(?:…|\.{3})\s*[\])])"
_STOPS = (".", "!", "?", "؟", "،", ",", ":", "»", "”", '"')
_ENDS_CUT = re.compile(rf"\s*{_ELLIPSIS}\s*\Z")
_GO_ON = (
    r"(?:continue reading|read (?:more|on)|read the (?:rest|full|whole)|keep reading"
    r"|view (?:full|more)|lire la suite|lire plus|lire l['’]article|en savoir plus"
    r"|continuer la lecture"
    r"|[اإأ]قر[اأ] المزيد|قراءة المزيد|لقراءة المزيد|[أا]كمل القراءة|متابعة القراءة|تابع القراءة"
    r"|مواصلة القراءة|تابع قراءة|للمزيد|المزيد)"
)
_AFTER_CUT = re.compile(rf"\s*{_ELLIPSIS}\s*[\[(]?{_GO_ON}(?!\w)[^\n]{{0,300}}\Z", re.IGNORECASE)
_GO_ON_ALONE = re.compile(
    rf"(?:\A|(?<=[.!?؟:»”\"\]]))\s*[\[(]?{_GO_ON}\s*[\W_]{{0,10}}\Z", re.IGNORECASE
)
_GO_ON_LINE = re.compile(rf"\W*{_GO_ON}(?!\w)[^.!?؟]{{0,300}}\Z", re.IGNORECASE)


class EntryText(NamedTuple):
    """A text of an entry: its paragraphs, and whether it says that it goes on elsewhere."""

    paragraphs: tuple[str, ...]
    cut: bool

    @property
    def size(self) -> int:
        """How many words it has."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)

    @property
    def is_whole(self) -> bool:
        """Whether it can be the article itself."""
        return not self.cut and self.size >= WHOLE

    def text(self) -> str | None:
        """Return it, a blank line between paragraphs, and at most `MAX_ENTRY_TEXT_LENGTH` characters."""
        kept: list[str] = []
        length = 0
        for paragraph in self.paragraphs:
            length += len(paragraph) + 2
            if length > MAX_ENTRY_TEXT_LENGTH + 2:
                break
            kept.append(paragraph)
        if self.paragraphs and not kept:
            kept = [self.paragraphs[0][:MAX_ENTRY_TEXT_LENGTH]]
        return "\n\n".join(kept) or None


NOTHING = EntryText((), cut=False)


def line_of(said: object) -> str | None:
    """Return a title or a name on one line, without markup; None where it has no words."""
    if not isinstance(said, str):
        return None
    line = said[: 10 * _MAX_LINE_LENGTH]
    for _ in range(1 + _ESCAPES):
        line = _TAG.sub(" ", line) if "<" in line else line
        if not _ENTITY.search(line):
            break
        line = html.unescape(line)
    line = " ".join(printable(line).split())[:_MAX_LINE_LENGTH].strip()
    return line if any(char.isalnum() for char in line) else None


class EntryTextExtractor:
    """Reads the texts of one feed's entries, by the rules of what sites put around a story."""

    def __init__(self, rules: BoilerplateRules) -> None:
        self._rules = BoilerplateMatcher(rules)

    def words(self, said: object, *, markup: bool = True) -> EntryText:
        """Return the words of a text of HTML, or where `markup` is false of plain text.

        Plain text with tags in it is HTML all the same. Raises what lxml raises.
        """
        if not isinstance(said, str) or not said.strip():
            return NOTHING
        text = printable(said)
        lines = _lines(text, markup=markup)
        for _ in range(_ESCAPES):
            whole = "\n".join(lines)
            if not _TAG.search(whole) and not (markup and _ENTITY.search(whole)):
                break
            lines = _lines(whole, markup=True)
        return self._told(lines)

    def _told(self, lines: Iterable[str]) -> EntryText:
        kept = [
            line
            for line in lines
            if not self._rules.is_boilerplate_in_page(strip_leading_marks(line))
        ]
        cut = False
        while kept:
            last = kept[-1]
            if len(last) <= MAX_SITE_LINE_LENGTH and (
                _WORDPRESS.fullmatch(fold(last))
                or self._rules.is_boilerplate(strip_leading_marks(last))
            ):
                kept.pop()
                continue
            before, ending = last[:-_ENDING], last[-_ENDING:]
            if (found := _AFTER_CUT.search(ending)) or (found := _ENDS_CUT.search(ending)):
                cut = True
                if before := (before + ending[: found.start()]).strip():
                    kept[-1] = f"{before} …" if before.endswith(_STOPS) else f"{before}…"
                    break
                kept.pop()
            elif found := _GO_ON_ALONE.search(ending):
                cut = True
                before = (before + ending[: found.start()]).strip()
                kept[-1:] = [before] if before else []
            elif len(kept) > 1 and len(last) < 200 and _GO_ON_LINE.match(last):
                cut = True
                kept.pop()
            else:
                break
        return EntryText(tuple(kept), cut)


def _lines(text: str, *, markup: bool) -> list[str]:
    if (markup and "<" in text) or _TAG.search(text):
        tree = tree_of(text)
        lines = [] if tree is None else [line.text for line in lines_of(tree)]
        return [line for line in lines if line]
    if markup and "&" in text:
        text = html.unescape(text)
    lines = [" ".join(span.of(text).split()) for span in paragraphs(text)]
    return [line for line in lines if any(char.isalnum() for char in line)]
