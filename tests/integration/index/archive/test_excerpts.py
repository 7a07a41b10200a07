"""The lines around a quote of the archive, and an archive that is ready before it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.errors import EmbeddingModelMismatch, InvalidInputError, NotFoundError
from index.excerpts import CONTEXT_LENGTH
from index.ingest.text.files import load_draft
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.sample_articles import PORT, SCHOOL, SEED, TRIPOLI, OpenArchive, draft

BYLINE = "صحيفة نوران: الأحد 11 كانون الثاني 2026"
LINES = "".join(
    f"أعلن المجلس رقم {number} في نوران قراره الجديد بشأن الميناء. " for number in range(26)
)
WHOLE = f"{BYLINE}\n{PORT}\n{LINES.strip()}\nاخبار متعلقة"


@pytest.fixture
def town(archive: Archive) -> Archive:
    archive.add(draft("port", PORT))
    return archive


@pytest.fixture
def long(archive: Archive) -> Archive:
    archive.add(draft("long", WHOLE))
    return archive


@pytest.fixture
def seeded(archive: Archive) -> Archive:
    archive.add(load_draft(SEED, root=SEED.parent))
    return archive


def test_the_lines_around_every_quote_hold_it_and_lie_within_reach(seeded: Archive) -> None:
    quotes = seeded.ask("أمن الحدود في أنقرة", limit=20).quotes
    assert len(quotes) >= 3
    for quote in quotes:
        shown = seeded.excerpt_around(quote.article.id, quote.start, quote.end)
        assert shown.article == quote.article
        assert shown.quoted == (quote.start, quote.end)
        assert shown.article.text[slice(*shown.quoted)] == quote.text
        assert max(0, quote.start - CONTEXT_LENGTH) <= shown.start <= quote.start
        assert quote.end <= shown.end <= min(len(quote.article.text), quote.end + CONTEXT_LENGTH)


def test_the_sites_own_lines_are_never_among_the_lines_around(seeded: Archive) -> None:
    found = seeded.ask("الخبر والعهدة على المصدر", limit=30)
    quotes = found.quotes or found.nearest
    around = [seeded.excerpt_around(quote.article.id, quote.start, quote.end) for quote in quotes]
    quoted_text = " ".join(each.article.text[each.start : each.end] for each in around)
    assert "ادراج الخبر" in quotes[0].article.text
    assert "ادراج الخبر" not in quoted_text
    assert "الأربعاء 4 فبراير" not in quoted_text


def test_a_short_story_is_shown_whole_and_does_not_go_on(town: Archive) -> None:
    shown = town.excerpt_around("port", 0, 10)
    assert (shown.start, shown.end) == (0, len(PORT))
    assert (shown.before, shown.after) == (False, False)


@pytest.mark.parametrize(
    ("number", "before", "after"), [(0, False, True), (13, True, True), (25, True, False)]
)
def test_where_the_story_goes_on_beyond_the_lines_is_said(
    long: Archive, number: int, before: bool, after: bool
) -> None:
    start = WHOLE.index(f"أعلن المجلس رقم {number} ")
    end = WHOLE.index(".", start) + 1
    shown = long.excerpt_around("long", start, end)
    assert (shown.before, shown.after) == (before, after)
    assert shown.start < start or number == 0
    assert WHOLE[shown.start :].startswith("أعلن")
    assert WHOLE[shown.end - 1] == "."


def test_the_first_lines_begin_after_the_line_that_dates_them(long: Archive) -> None:
    start = len(BYLINE) + 1
    shown = long.excerpt_around("long", start, start + 20)
    assert (shown.start, shown.before) == (start, False)


OUTSIDE = [(0, 10), (len(BYLINE), len(BYLINE) + 20), (-5, 60), (60, 60), (61, 60)]
BEYOND = [(60, len(WHOLE)), (len(WHOLE) - 3, len(WHOLE)), (10**9, 10**9 + 5), (60, 2**70)]


def test_what_is_no_part_of_the_story_is_refused(long: Archive) -> None:
    for start, end in OUTSIDE + BEYOND:
        with pytest.raises(InvalidInputError, match="article long has no such part"):
            long.excerpt_around("long", start, end)


def test_a_removed_article_shows_nothing_until_it_is_restored(town: Archive) -> None:
    town.remove("port")
    with pytest.raises(NotFoundError, match="port"):
        town.excerpt_around("port", 0, 10)
    town.restore("port")
    assert town.excerpt_around("port", 0, 10).article.id == "port"


def test_an_article_that_was_never_there_shows_nothing(town: Archive) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        town.excerpt_around("nowhere", 0, 10)


def test_the_lines_around_are_those_of_the_newest_text(town: Archive) -> None:
    town.edit("port", text=SCHOOL)
    assert town.excerpt_around("port", 0, 10).article.text == SCHOOL
    with pytest.raises(InvalidInputError):
        town.excerpt_around("port", 0, len(SCHOOL) + 1)


def test_preparing_loads_the_model_once_and_opening_loads_none(
    tmp_path: Path, embedder: Embedder, boilerplate: BoilerplateRules
) -> None:
    loads: list[Embedder] = []

    def load() -> Embedder:
        loads.append(embedder)
        return embedder

    with Archive(tmp_path / "own", load, zone=TRIPOLI, boilerplate=boilerplate) as archive:
        assert loads == []
        archive.warm_up()
        assert loads == [embedder]
        archive.warm_up()
        assert not archive.ask("متى يعود الميناء؟").answered
        assert loads == [embedder]


def test_what_changes_after_preparing_is_in_the_next_answer(open_archive: OpenArchive) -> None:
    here, there = open_archive(), open_archive()
    here.warm_up()
    there.add(draft("port", PORT))
    assert here.ask("متى يعود الميناء إلى العمل؟").quotes[0].text == PORT
    there.edit("port", text=SCHOOL)
    assert here.ask("How many pupils enrolled?").quotes[0].text == SCHOOL
    there.remove("port")
    assert not here.ask("How many pupils enrolled?").answered


class Renamed:
    """The same model under another fingerprint, as other weights would have."""

    def __init__(self, model: Embedder) -> None:
        self.name, self.fingerprint, self.dimension = "another/model", "another", model.dimension
        self.embed_questions = model.embed_questions


def test_an_archive_of_another_models_vectors_is_refused_when_it_is_prepared(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    open_archive().add(draft("port", PORT))
    with pytest.raises(EmbeddingModelMismatch):
        open_archive(model=Renamed(embedder)).warm_up()
