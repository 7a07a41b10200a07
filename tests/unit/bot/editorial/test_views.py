"""What editors are shown: within Telegram's limits whatever an article says, in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.editorial import article_view, texts
from bot.editorial import draft_view as screens
from bot.editorial.draft_view import DraftPreview, ListRow
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.telegram.message import Button, OutgoingMessage, trusted_text
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.draft_preparation import prepare_draft
from index.ingest.rejections import RejectReason
from index.models import Article, DateProvenance, Draft
from index.storage.records import AuditEntry
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.sample_articles import PORT, TRIPOLI

ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
LINES = ANY.map(lambda text: text * 30).map(lambda text: text[:1_000])
TITLES = st.none() | LINES.filter(str.strip)


def fits(screen: OutgoingMessage) -> bool:
    data = [button.callback_data or "" for row in screen.buttons for button in row]
    labels = [button.label for row in screen.buttons for button in row]
    return (
        screen.text.fits()
        and bool(screen.text.html.strip())
        and all(0 < len(each.encode()) <= 64 for each in data)
        and all(labels)
    )


def draft(title: str | None, source: str | None, **known: object) -> Draft:
    return Draft.model_validate(
        {"id": "port", "text": PORT, "title": title, "source": source, "author": source, **known}
    )


def article(of: Draft) -> Article:
    made = {
        "number": 2**40,
        "headline": of.title or "port",
        "added_at": datetime(2026, 2, 5, tzinfo=UTC),
    }
    return Article.model_validate({**of.model_dump(), **made})


@settings(max_examples=60)
@given(
    TITLES,
    TITLES,
    st.sampled_from(sorted(UI_LANGUAGES)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
)
def test_a_preview_fits_a_message_whatever_the_article_says(
    title: str | None,
    source: str | None,
    lang: UiLanguage,
    uncertain: bool,
    hidden: bool,
    copies: int,
) -> None:
    found = DateProvenance.UNCERTAIN if uncertain else DateProvenance.PAGE
    of = draft(title, source, published=date(2018, 5, 4), date_found=found)
    prepared = prepare_draft(of, BoilerplateRules())
    known = tuple(Duplicate(article(of), DuplicateKind.EDITED) for _ in range(copies))
    shown = DraftPreview(2**60, prepared, source, (date(2018, 4, 5),), known, hidden)
    back = Button("x", "batch:1:page:0")
    assert fits(screens.render_preview(shown, lang, back))
    assert fits(screens.render_outcome(prepared, "x", lang, ((back,),)))
    assert fits(article_view.render_article(article(of), prepared, lang, removed=False, notice="x"))
    lines = [ListRow("draft:1:show", prepared.headline, of, ("duplicate?", "date?"))] * 8
    assert fits(screens.render_list(trusted_text("x"), lines, lang, buttons=((back,),)))


@given(st.lists(LINES, min_size=1, max_size=10), st.sampled_from(sorted(UI_LANGUAGES)))
def test_the_log_fits_a_message_whatever_was_changed(values: list[str], lang: UiLanguage) -> None:
    entries = [
        AuditEntry(
            number, "2026-02-05T10:00:00Z", value, "edited", value, {"text": value}, {"text": value}
        )
        for number, value in enumerate(values)
    ]
    labels = article_view.LogLabels(TRIPOLI, {}, {})
    laid, shown = article_view.render_log(entries, labels, lang)
    assert fits(OutgoingMessage(laid))
    assert shown >= 1


def test_the_log_speaks_of_people_headlines_and_local_time() -> None:
    entry = AuditEntry(
        3, "2026-02-05T10:00:00Z", "telegram 7", "edited", "port", {"source": None}, {"source": "N"}
    )
    labels = article_view.LogLabels(TRIPOLI, {"telegram 7": "Layla"}, {"port": "The port"})
    text, _ = article_view.render_log([entry], labels, "en")
    said = text.html.translate(dict.fromkeys(map(ord, "\u200e\u2068\u2069")))
    assert said.endswith("5 February 2026, 12:00 · Layla · edited · The port · source: – → N")


def test_an_entry_of_the_log_names_what_was_changed_from_what_to_what() -> None:
    entry = AuditEntry(
        3,
        "2026-02-05T10:00:00Z",
        "telegram 7",
        "edited",
        "port",
        {"source": None},
        {"source": "Noran"},
    )
    assert (
        article_view.audit_entry_text(entry)
        == "2026-02-05 10:00 UTC · telegram 7 · edited · port · source: – → Noran"
    )


@pytest.mark.parametrize("lang", sorted(UI_LANGUAGES))
def test_every_reason_provenance_and_kind_has_its_words(lang: UiLanguage) -> None:
    assert all(texts.reject_reason_text(reason, lang) for reason in RejectReason)
    assert screens.DATE_PROVENANCES.keys() == {*DateProvenance}
    assert screens.DUPLICATE_KINDS.keys() == {*DuplicateKind}


@pytest.mark.parametrize("lang", sorted(UI_LANGUAGES))
def test_an_uncertain_date_is_asked_about_before_it_can_be_published(lang: UiLanguage) -> None:
    of = draft("A title", None, published=date(2018, 5, 4), date_found=DateProvenance.UNCERTAIN)
    shown = DraftPreview(
        1, prepare_draft(of, BoilerplateRules()), "04/05/2018", (date(2018, 4, 5),), ()
    )
    data = [
        button.callback_data
        for row in screens.render_preview(shown, lang).buttons
        for button in row
    ]
    assert data[:3] == ["draft:1:day:0", "draft:1:day:1", "draft:1:noday"]
    assert "draft:1:publish" not in data
