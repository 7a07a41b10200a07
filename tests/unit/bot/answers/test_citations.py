"""Citations to be copied, and links that open a quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.citations import bibtex_entry, citation_text
from bot.answers.deep_links import QuoteLink
from bot.i18n.languages import UiLanguage
from tests.fixtures.messages import article

PORT = article(
    headline="Port & {harbour}",
    source="The Noran_Courier",
    published="2026-05-01",
    url="https://noran.example/port",
    language="en",
)


@pytest.mark.parametrize(
    ("lang", "citation"),
    [
        ("ar", "«Port & {harbour}»، The Noran_Courier، 1 مايو 2026، https://noran.example/port"),
        ("en", "“Port & {harbour}”, The Noran_Courier, 1 May 2026, https://noran.example/port"),
        (
            "fr",
            "«\u00a0Port & {harbour}\u00a0», The Noran_Courier, 1er mai 2026, {url}",
        ),
    ],
)
def test_a_citation_names_headline_source_date_and_address(lang: UiLanguage, citation: str) -> None:
    assert citation_text(PORT, lang) == citation.replace("{url}", str(PORT.url))


def test_a_bibtex_entry_has_what_is_known_and_escapes_what_latex_reads() -> None:
    assert bibtex_entry(PORT) == (
        "@misc{libya-news-1,\n"
        "  title = {{Port \\& \\{harbour\\}}},\n"
        "  howpublished = {The Noran\\_Courier},\n"
        "  year = {2026},\n"
        "  month = {5},\n"
        "  day = {1},\n"
        "  url = {https://noran.example/port},\n"
        "}"
    )
    assert "year" not in bibtex_entry(article(published=None))


@given(st.integers(0, 10**15 - 1), st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1))
def test_a_link_to_a_quote_is_read_as_it_was_written(number: int, start: int, end: int) -> None:
    link = QuoteLink(number, start, end, "0123456789abcdef")
    assert QuoteLink.parse(link.payload) == link
    assert len(link.payload) <= 64


@pytest.mark.parametrize(
    "payload", ["", "q", "q1-2-3", "q1-2-3-xyz", "q١-2-3-0123456789abcdef", "join-1"]
)
def test_any_other_payload_is_no_link_to_a_quote(payload: str) -> None:
    assert QuoteLink.parse(payload) is None
