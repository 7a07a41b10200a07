"""Selection of a story's quotes and of its representative article."""

from __future__ import annotations

from index.stories.quote_selection import LeadPassage, SelectedLead, pick_medoid, select_quotes
from index.text.spans import Span

STORM = "The storm sank nine boats in the harbour of Noran on Sunday."


def lead(text: str, source: str | None = "Courier", digest: bytes | None = None) -> LeadPassage:
    ends = [index + 1 for index, char in enumerate(text) if char == "."]
    starts = [0, *(end + 1 for end in ends[:-1])]
    spans = tuple(Span(start, end) for start, end in zip(starts, ends, strict=True))
    return LeadPassage(source, text, spans, digest or text.encode())


def quoted(*leads: LeadPassage) -> list[str]:
    selected_leads: list[SelectedLead] = select_quotes(leads, 0, range(len(leads)))
    return [selected.sentence.slice(leads[selected.lead_index].text) for selected in selected_leads]


def test_the_first_sentence_of_the_lead_is_highlighted() -> None:
    assert quoted(lead(f"{STORM} Nobody was hurt.")) == [STORM]


def test_a_contradicting_figure_of_another_source_is_quoted_before_anything_new() -> None:
    new = lead("A minister from the capital promised new sails by the spring.", "Ledger")
    conflicting = lead(
        "It was dark. The storm sank eleven boats in the harbour of Noran.", "Herald"
    )
    assert quoted(lead(STORM), new, conflicting)[1] == conflicting.text.partition(". ")[2]


def test_the_source_that_adds_most_is_quoted_with_its_sentence_of_most_new_words() -> None:
    little = lead("The storm sank boats in the harbour of Noran on Sunday night.", "Ledger")
    much = lead("The storm is over. A minister promised new sails by the spring.", "Herald")
    assert quoted(lead(STORM), little, much)[1] == "A minister promised new sails by the spring."


def test_a_lead_that_adds_nothing_is_not_quoted() -> None:
    assert len(quoted(lead(STORM), lead("The storm sank nine boats in Noran.", "Ledger"))) == 1


def test_neither_the_same_source_nor_the_same_words_are_another_source() -> None:
    new = "A minister from the capital promised new sails by the spring."
    assert len(quoted(lead(STORM), lead(new))) == 1
    assert len(quoted(lead(STORM, digest=b"x"), lead(new, "Ledger", digest=b"x"))) == 1


def test_the_most_central_article_represents_a_story() -> None:
    assert pick_medoid([0.5, 1.9, 1.2], [False, False, False]) == 1


def test_among_almost_equal_articles_one_in_the_readers_language_represents_it() -> None:
    assert pick_medoid([0.5, 1.9, 1.7], [True, False, True]) == 2
    assert pick_medoid([0.5, 1.9, 1.2], [True, False, False]) == 1
