"""What a draft becomes in the archive: its story told apart, what it leaves open filled in."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from index.models import HEADLINE_LENGTH, DateProvenance, Draft
from index.text.boilerplate import BoilerplateRules, StoryBody, find_story_body
from index.text.headline import headline
from index.text.language import language_of
from index.text.spans import Span

_BROUGHT = ("id", "text", "title", "source", "url", "published", "language")


class PreparedDraft(NamedTuple):
    """A draft as the archive would hold it."""

    draft: Draft
    """With the source and the date of the line before the story, and its language."""
    headline: str
    body: Span
    """The story in the draft's text: what can be quoted."""


def proof(draft: Draft, rules: BoilerplateRules) -> PreparedDraft:
    """Return what the archive would make of a draft."""
    told = find_story_body(draft.text, rules)
    return PreparedDraft(_completed(draft, told), headline_of(draft, told.body), told.body)


def headline_of(draft: Draft, body: Span) -> str:
    """Return the title or, where the source gave none, the story's first sentence."""
    return draft.title or headline(draft.text, body, HEADLINE_LENGTH)


def digest(draft: Draft) -> str:
    """Return a digest of what a draft brings, so that the same is known when it comes again."""
    later = {"author": draft.author, "only_summary": draft.only_summary}
    named = {*_BROUGHT, *(name for name, value in later.items() if value)}
    return hashlib.sha256(draft.model_dump_json(include=named).encode()).hexdigest()


def _completed(draft: Draft, told: StoryBody) -> Draft:
    """Fill what the draft leaves open from the line before the story, and tell its language."""
    filled: dict[str, Any] = {}
    if told.byline:
        if draft.source is None:
            filled["source"] = told.byline.source
        if draft.published is None and draft.date_found is not DateProvenance.EDITOR:
            filled["published"] = told.byline.published
            filled["date_found"] = DateProvenance.BYLINE
    if draft.language is None:
        filled["language"] = language_of(told.body.of(draft.text))
    if draft.published is not None and draft.date_found is DateProvenance.UNKNOWN:
        filled["date_found"] = DateProvenance.GIVEN
    known = draft.model_dump(include=set(Draft.model_fields))
    return Draft.model_validate({**known, **filled})
