"""What a draft becomes in the archive: its story told apart, what it leaves open filled in."""

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
    """A draft as the archive would hold it."""

    draft: Draft
    """With the source and the date of the line before the story, and its language."""
    headline: str
    body: Span
    """The story in the draft's text: what can be quoted."""


def prepare_draft(draft: Draft, rules: BoilerplateRules) -> PreparedDraft:
    """Return what the archive would make of a draft."""
    story = find_story_body(draft.text, rules)
    return PreparedDraft(
        _complete_draft(draft, story), choose_headline(draft, story.body), story.body
    )


def choose_headline(draft: Draft, body: Span) -> str:
    """Return the title or, where the source gave none, the story's first sentence."""
    return draft.title or build_headline(draft.text, body, MAX_HEADLINE_LENGTH)


def digest_draft(draft: Draft) -> str:
    """Return a digest of what a draft brings, so that the same is known when it comes again."""
    optional_fields = {"author": draft.author, "only_summary": draft.only_summary}
    included = {*_DIGESTED_FIELDS, *(name for name, value in optional_fields.items() if value)}
    return hashlib.sha256(draft.model_dump_json(include=included).encode()).hexdigest()


def _complete_draft(draft: Draft, story: StoryBody) -> Draft:
    """Fill what the draft leaves open from the line before the story, and tell its language."""
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
