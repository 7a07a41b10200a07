"""Quotes as results of an inline query, as Telegram takes them."""

from __future__ import annotations

import pytest

from bot.inline.views import no_answer_button, question_button, render_results
from bot.telegram.inline import MAX_RESULTS
from bot.telegram.message import utf16_length
from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.text import utf16
from tests.fixtures.messages import article, quote


def test_a_result_names_source_and_date_and_inserts_the_quote_word_for_word_with_its_link() -> None:
    port = article(source="The <Noran> Courier", url="https://noran.example/port?a=1&b=2")
    (result,) = render_results([quote(port)], "en")
    assert result.title == "The <Noran> Courier · 4 February 2026, 12:51"
    assert result.description == port.text[:10]
    inserted = parse_html(result.content.html)
    assert inserted.text.startswith(f"{port.text}\n")
    assert [entity["type"] for entity in inserted.entities] == ["blockquote", "bold", "text_link"]


@pytest.mark.parametrize("text", ["😀" * 4_000, "ن" * 9_000, "<&>\n" * 3_000])
def test_no_quote_is_too_long_for_what_a_result_shows_and_inserts(text: str) -> None:
    long = article(
        text=f"نوران {text}", source="N" * 900, url="https://noran.example/" + "a" * 1_900
    )
    (result,) = render_results([quote(long, highlight=(0, len(long.text)))], "fr")
    assert utf16_length(result.title) <= 100
    assert utf16_length(result.description) <= 200
    assert utf16(parse_html(result.content.html).text) <= result.content.utf16_units <= 4_096


def test_the_same_passage_is_one_result_and_there_are_ten_at_most() -> None:
    passages = [quote(article(number=number)) for number in range(12)]
    results = render_results([passages[0], *passages], "ar")
    assert len({result.id for result in results}) == len(results) == MAX_RESULTS


def test_a_button_opens_the_bot_with_a_payload_that_telegram_takes() -> None:
    for button in (question_button("en"), no_answer_button("en")):
        assert button.payload.isalnum()
        assert 0 < len(button.label) <= 40
