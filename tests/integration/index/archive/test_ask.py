from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from index.archive import AddOutcome, Archive
from index.ingest.text.files import load_draft
from index.models import DateWindow
from index.questions import InvalidQuestion
from tests.fixtures.answer_comparison import assert_same_quotes
from tests.fixtures.sample_articles import PORT, PROJECT, RAIN, SCHOOL, SEED, OpenArchive, draft


@pytest.fixture
def seeded(archive: Archive) -> Archive:
    archive.add(load_draft(SEED, root=SEED.parent))
    return archive


@pytest.fixture
def town(archive: Archive) -> Archive:
    archive.add(draft("port", PORT, source="صحيفة نوران", published="2026-01-10"))
    archive.add(draft("school", SCHOOL, published="2026-01-20T08:30:00+02:00"))
    archive.add(draft("rain", RAIN))
    return archive


def test_an_articles_passages_are_numbered_one_after_another_in_the_order_of_its_text(
    seeded: Archive,
) -> None:
    seeded.add(draft("port", PORT))
    seed = load_draft(SEED, root=SEED.parent).id
    seeded.edit(seed, title="خبر من نوران")
    found = seeded.ask_with_trace("أمن الحدود في أنقرة").retrieved.candidates
    numbers = {each.start: n for n, each in found.items() if each.article_id == seed}
    in_order = [number for _, number in sorted(numbers.items())]
    assert len(in_order) > 5
    assert in_order == list(range(in_order[0], in_order[0] + len(in_order)))


def test_a_quote_is_a_slice_of_its_article_and_the_highlight_is_a_sentence_of_it(
    seeded: Archive,
) -> None:
    for quote in seeded.ask("ماذا ناقشت هانا تيتيه مع النائب العام؟").quotes:
        assert quote.article.text[quote.start : quote.end] == quote.text
        start, end = quote.highlight
        assert 0 <= start < end <= len(quote.text) <= 900


def test_at_most_three_quotes_come_ranked_and_none_overlaps_another(seeded: Archive) -> None:
    quotes = seeded.ask("أمن الحدود في أنقرة").quotes
    spans = sorted((quote.start, quote.end) for quote in quotes)
    assert len(quotes) == 3
    assert [quote.score for quote in quotes] == sorted((q.score for q in quotes), reverse=True)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_the_sites_closing_lines_and_byline_are_never_quoted(seeded: Archive) -> None:
    found = seeded.ask("الخبر والعهدة على المصدر", limit=20)
    quoted_text = " ".join(quote.text for quote in found.quotes or found.nearest)
    assert quoted_text
    assert "ادراج الخبر" not in quoted_text
    assert "أخبار متعلقة" not in quoted_text
    assert "الأربعاء 4 فبراير" not in quoted_text


@pytest.mark.processor
@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("متى يعود الميناء إلى العمل؟", "port"),
        ("When will the port reopen?", "port"),
        ("How many pupils enrolled?", "school"),
        ("كم تلميذا في المدرسة الجديدة؟", "school"),
        ("Quels ponts ont été fermés ?", "rain"),
    ],
)
def test_a_question_finds_the_article_that_answers_it_in_any_language(
    town: Archive, question: str, right: str
) -> None:
    assert town.ask(question).quotes[0].article.id == right


def test_the_same_passage_in_two_articles_is_quoted_once_with_the_other_under_also(
    town: Archive,
) -> None:
    town.add(draft("port-again", PORT, source="وكالة الرمال"))
    quotes = town.ask("متى يعود الميناء إلى العمل؟").quotes
    assert {quotes[0].article.id, *(other.id for other in quotes[0].also)} == {"port", "port-again"}
    assert sum(quote.text == quotes[0].text for quote in quotes) == 1


def test_copies_never_crowd_out_other_passages_and_all_are_named_under_also(
    town: Archive,
) -> None:
    for number in range(60):
        town.add(draft(f"copy-{number}", PORT, title=f"نسخة {number}"))
    answer = town.ask("متى يعود الميناء إلى العمل؟")
    passages = answer.quotes + answer.nearest
    assert len({quote.text for quote in passages}) == len(passages) == 3
    assert len(answer.quotes[0].also) == 60


@pytest.mark.parametrize(
    ("since", "until", "ids"),
    [
        (date(2026, 1, 10), date(2026, 1, 20), {"port", "school"}),
        (date(2026, 1, 11), None, {"school"}),
        (None, date(2026, 1, 19), {"port"}),
        (datetime.fromisoformat("2026-01-20T06:30:00+00:00"), None, {"school"}),
        (datetime.fromisoformat("2026-01-20T06:30:01+00:00"), None, set()),
        (datetime.fromisoformat("2026-01-10T15:00:00+02:00"), date(2026, 1, 10), {"port"}),
    ],
)
def test_a_window_holds_both_its_ends_and_leaves_out_unknown_dates(
    town: Archive, since: date | None, until: date | None, ids: set[str]
) -> None:
    found = town.ask("news of Noran", limit=20, window=DateWindow(since=since, until=until))
    assert {quote.article.id for quote in found.quotes} == ids


def test_without_a_window_an_article_of_unknown_date_is_found(town: Archive) -> None:
    assert "rain" in {quote.article.id for quote in town.ask("Noran", limit=20).quotes}


def test_an_empty_window_is_not_answered_and_the_nearest_outside_it_are_offered(
    town: Archive,
) -> None:
    found = town.ask("Noran", window=DateWindow(since=date(2027, 1, 1)))
    assert (found.answered, found.quotes) == (False, ())
    assert found.nearest


def test_an_empty_archive_does_not_answer(archive: Archive) -> None:
    found = archive.ask("who met in Paris?")
    assert (found.answered, found.quotes, found.nearest) == (False, (), ())


@pytest.mark.parametrize("question", ["", " \n", "x", "ل" * 5000, "😀😀🎉", "\x00\x07\x1b", "؟!"])
def test_what_is_no_question_is_refused_with_a_reason(archive: Archive, question: str) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        archive.ask(question)
    assert refused.value.remedy


def test_an_article_added_edited_or_removed_by_another_process_is_seen_at_the_next_question(
    open_archive: OpenArchive,
) -> None:
    here, there = open_archive(), open_archive()
    question = "متى يعود الميناء إلى العمل؟"
    assert not here.ask(question).answered
    there.add(draft("port", PORT))
    assert here.ask(question).quotes[0].article.id == "port"
    there.edit("port", source="وكالة الرمال")
    assert here.ask(question).quotes[0].article.source == "وكالة الرمال"
    there.edit("port", text=RAIN)
    assert here.ask(question).nearest[0].text == RAIN
    there.remove("port")
    assert not here.ask(question).nearest
    there.restore("port")
    assert here.ask(question).nearest[0].text == RAIN


def test_what_another_process_added_is_seen_at_the_first_question_after_it(
    archive: Archive, tmp_path: Path
) -> None:
    assert not archive.ask("متى يعود الميناء إلى العمل؟").answered
    subprocess.run(
        [sys.executable, "-m", "bot", "add", "-"],
        cwd=PROJECT,
        env={**os.environ, "BRIEFING_DATA_DIR": str(tmp_path / "archive")},
        input=PORT.encode(),
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert archive.ask("متى يعود الميناء إلى العمل؟").quotes[0].text == PORT


def test_a_restart_answers_from_the_saved_cache_as_before(
    open_archive: OpenArchive, tmp_path: Path
) -> None:
    first = open_archive()
    first.add(draft("port", PORT))
    before = first.ask("الميناء").quotes
    first.close()
    assert (tmp_path / "archive" / "dense.cache").exists()
    assert_same_quotes(open_archive().ask("الميناء").quotes, before)


def test_a_huge_article_of_one_sentence_is_added_whole_and_found(archive: Archive) -> None:
    words = " ".join(f"كلمة{number}" for number in range(3_000))
    assert archive.add(draft("long", words)) is AddOutcome.ADDED
    quote = archive.ask("كلمة2999").quotes[0]
    assert len(quote.text) <= 900
    assert words[quote.start : quote.end] == quote.text
