"""Which lines of a page are its story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.ingest.charset import printable
from index.ingest.html.date_candidates import DATE_WORDS
from index.ingest.html.dom import VisibleLine, lines_of
from index.ingest.html.metadata import BY, PageMetadata, ParsedPage, author_named
from index.text.boilerplate import (
    BoilerplateMatcher,
    BoilerplateRules,
    find_story_body,
    strip_leading_marks,
)
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LINES_BESIDE = 5
"""So many lines before a headline and after a story may say the date."""
_BEGINNING = 80
"""So many characters tell a paragraph from others."""
_LEADING = 8
"""So many lines of a story may be the carrier's: author, date, headline again."""
_MAX_BYLINE_LENGTH = 160
_SENTENCE_END = re.compile(r"[.!؟?…:»\"”]$")
_WORD = re.compile(r"[^\W\d_]+")
_REPETITION = 0.9
_NAME_END = re.compile(r"\d|[|–—•·،,;(/]| - | في | الى | on | le |\b(?:نشر|published|publié)\b")
_MAX_AUTHOR_WORDS = 5
"""Words of an author's name, as it is printed."""


class ExtractedStory(NamedTuple):
    """A page's story, and the lines around it, where its date and author are printed."""

    text: str
    lead: tuple[VisibleLine, ...]
    """From the headline to the story."""
    beside: tuple[VisibleLine, ...]
    """A few before the headline and after the story: the day may be that of the whole site."""


def extract_story(
    page: ParsedPage, tree: HtmlElement, facts: PageMetadata, rules: BoilerplateRules
) -> ExtractedStory | None:
    """Return the story of a page, or None where none is found.

    `tree` is the page's, pruned; the site's lines are taken out of it here.
    """
    site = BoilerplateMatcher(rules)
    lines = lines_of(tree)
    for line in _site_lines(lines, site):
        line.erase()
    text = _extracted(tree, page.url)
    body = printable(page.article.body) if page.article and page.article.body else ""
    if len(text.split()) < 0.5 * len(body.split()):
        text = body
    kept = _as_printed(text, lines)
    kept = [one for one in kept if not site.is_boilerplate_in_page(strip_leading_marks(one))]
    kept = _without_carrier(kept, facts, rules)
    whole = "\n".join(kept)
    if not any(char.isalnum() for char in whole):
        return None
    text = find_story_body(whole, rules).body.of(whole)
    story_lines = text.splitlines()
    lead, _ = _around(page.lines, facts.title, story_lines)
    _, beside = _around(lines, facts.title, story_lines)
    return ExtractedStory(text, lead, beside)


def _as_printed(text: str, lines: list[VisibleLine]) -> list[str]:
    """Return the lines of what was extracted as the page has them, without added marks of lists."""
    printed = {_letters(line.text): line.text for line in reversed(lines)}
    found = (printed.get(_letters(one), " ".join(one.split())) for one in text.splitlines())
    return [line for line in found if any(char.isalnum() for char in line)]


def _letters(line: str) -> str:
    return "".join(filter(str.isalnum, line))


def _extracted(tree: HtmlElement, url: str | None) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(
        tree, url=url, include_comments=False, include_tables=True, with_metadata=False
    )
    return printable(found.text or "") if found is not None and not isinstance(found, dict) else ""


def _site_lines(lines: list[VisibleLine], site: BoilerplateMatcher) -> list[VisibleLine]:
    """Return the lines to leave out: by the rules, and links under «اقرأ أيضا» to other stories."""
    found = []
    under_heading = False
    for line in lines:
        words = strip_leading_marks(line.text)
        heading = site.heading_at(words)
        linked = len(line.linked) >= _REPETITION * len(line.text)
        rest = words[len(heading) :].strip(" :.-–|") if heading else ""
        if heading and (not rest or len(fold(line.linked)) >= _REPETITION * len(rest) > 0):
            under_heading = not rest
            found.append(line)
        elif under_heading and linked:
            found.append(line)
        else:
            under_heading = False
            if site.is_boilerplate_in_page(words):
                found.append(line)
    return found


def _around(
    lines: Sequence[VisibleLine], title: str | None, story_lines: list[str]
) -> tuple[tuple[VisibleLine, ...], tuple[VisibleLine, ...]]:
    """Return the lines from the headline to the story, and some before and after these two."""
    folded = [fold(line.text) for line in lines]
    long = [fold(one)[:_BEGINNING] for one in story_lines if len(one) >= _BEGINNING // 2]
    places = [number for number, line in enumerate(folded) if long and line.startswith(long[0])]
    first = places[0] if places else min(len(lines), _LEADING)
    ends = [number for number, line in enumerate(folded) if long and line.startswith(long[-1])]
    last = ends[-1] + 1 if ends else first
    wanted = fold(title or "")
    heads = [number for number in range(first) if wanted and folded[number] == wanted]
    head = heads[-1] if heads else max(0, first - _LEADING)
    before = lines[max(0, head - _LINES_BESIDE) : head]
    return tuple(lines[head:first]), (*before, *lines[last : last + _LINES_BESIDE])


def printed_author(
    lead: Sequence[VisibleLine], facts: PageMetadata, rules: BoilerplateRules
) -> str | None:
    """Return the author that is named between headline and story, as in «بقلم: سالم الورفي»."""
    for line in lead:
        for said in (line.text, line.spaced):
            if len(said) <= _MAX_BYLINE_LENGTH and BY.match(said):
                name = _NAME_END.split(BY.sub("", said))[0]
                found = author_named(name, facts.source, facts.url, rules)
                if found and 2 <= len(found.split()) <= _MAX_AUTHOR_WORDS:
                    return found
    return None


def _without_carrier(kept: list[str], facts: PageMetadata, rules: BoilerplateRules) -> list[str]:
    """Leave out what stands before the story: the headline again, who wrote it, when."""
    carrier = _BylineBlock(facts, rules)
    end = 0
    for number, line in enumerate(kept[:_LEADING]):
        if carrier.is_its(line):
            end = number + 1
        elif len(line.split()) >= 12:
            break
    head = [line for line in kept[:end] if not carrier.is_its(line)]
    return [*head, *kept[end:]]


class _BylineBlock:
    """What a site prints between headline and story, and the question whether a line is it."""

    def __init__(self, facts: PageMetadata, rules: BoilerplateRules) -> None:
        self.title = fold(facts.title or "")
        self.names = [fold(name) for name in (facts.author, facts.source) if name]
        self.labels = sorted(map(fold, rules.label_before_story), key=len, reverse=True)
        self.label_words = {word for label in self.labels for word in label.split()}

    def is_its(self, line: str) -> bool:
        """Say so of the headline, and of lines with nothing but labels, names and a date."""
        words = fold(line)
        if self.title and words == self.title:
            return True
        if len(line) > _MAX_BYLINE_LENGTH:
            return False
        rest, named = words, False
        for name in self.names:
            named = named or name in rest
            rest = rest.replace(name, " ")
        said = _WORD.findall(rest)
        others = [word for word in said if word not in self.label_words | DATE_WORDS]
        dated = any(char.isdigit() for char in words) and len(others) < len(said)
        if not others:
            return named or dated or not said or all(word in self.label_words for word in said)
        labelled = any(re.match(rf"{re.escape(label)}\b", words) for label in self.labels)
        ends = _SENTENCE_END.search(line.rstrip())
        return not ends and len(others) <= (5 if labelled else 3 if dated else 2 if named else 0)
