"""Prepare a draft for the archive: find its story, and fill in missing fields."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from index.models import MAX_HEADLINE_LENGTH, DateProvenance, Draft
from index.text.boilerplate import BoilerplateRules, StoryBody, find_story_body
from index.text.headline import build_headline
from index.text.language import detect_language
from index.text.spans import Span

_DIGESTED_FIELDS = ("id", "text", "title", "source", "url", "published", "language")


class PreparedDraft(NamedTuple):
    """A draft as the archive would store it."""

    draft: Draft
    """The draft, completed with the byline's source and date and the detected language."""
    headline: str
    story: StoryBody
    """The story in the draft's text; only the story is quoted."""


def prepare_draft(draft: Draft, rules: BoilerplateRules) -> PreparedDraft:
    """Return the draft as the archive would store it."""
    story = find_story_body(draft.text, rules)
    return PreparedDraft(_complete_draft(draft, story), choose_headline(draft, story.body), story)


def choose_headline(draft: Draft, body: Span) -> str:
    """Return the title or, if there is none, the beginning of the story's first sentence."""
    return draft.title or build_headline(draft.text, body, MAX_HEADLINE_LENGTH)


def digest_draft(draft: Draft) -> str:
    """Return a SHA-256 of the draft's fields, by which the same draft is recognised again."""
    optional_fields = {"author": draft.author, "only_summary": draft.only_summary}
    included = {*_DIGESTED_FIELDS, *(name for name, value in optional_fields.items() if value)}
    return hashlib.sha256(draft.model_dump_json(include=included).encode()).hexdigest()


def _complete_draft(draft: Draft, story: StoryBody) -> Draft:
    """Fill missing fields from the byline before the story, and detect the language."""
    changes: dict[str, Any] = {}
    if story.byline:
        if draft.source is None:
            changes["source"] = story.byline.source
        if draft.published is None and draft.date_found is not DateProvenance.EDITOR:
            changes["published"] = story.byline.published
            changes["date_found"] = DateProvenance.BYLINE
    if draft.language is None:
        changes["language"] = detect_language(story.body.slice(draft.text))
    if draft.published is not None and draft.date_found is DateProvenance.UNKNOWN:
        changes["date_found"] = DateProvenance.GIVEN
    fields = draft.model_dump(include=set(Draft.model_fields))
    return Draft.model_validate({**fields, **changes})
