"""What is quoted of a story, and what stands for it."""

from __future__ import annotations

from index.stories.quote_selection import LeadPassage, SelectedLead, pick_medoid, select_quotes
from index.text.spans import Span

STORM = "The storm sank nine boats in the harbour of Noran on Sunday."


def lead(text: str, source: str | None = "Courier", digest: bytes | None = None) -> LeadPassage:
    ends = [at + 1 for at, char in enumerate(text) if char == "."]
    starts = [0, *(end + 1 for end in ends[:-1])]
    spans = tuple(Span(start, end) for start, end in zip(starts, ends, strict=True))
    return LeadPassage(source, text, spans, digest or text.encode())


def quoted(*leads: LeadPassage) -> list[str]:
    found: list[SelectedLead] = select_quotes(leads, 0, range(len(leads)))
    return [each.sentence.slice(leads[each.lead_index].text) for each in found]


def test_the_lead_is_quoted_by_its_first_sentence() -> None:
    assert quoted(lead(f"{STORM} Nobody was hurt.")) == [STORM]


def test_another_sources_figure_for_the_same_is_quoted_before_anything_else_that_is_new() -> None:
    new = lead("A minister from the capital promised new sails by the spring.", "Ledger")
    otherwise = lead("It was dark. The storm sank eleven boats in the harbour of Noran.", "Herald")
    assert quoted(lead(STORM), new, otherwise)[1] == otherwise.text.partition(". ")[2]


def test_of_what_other_sources_add_the_most_is_quoted_by_its_newest_sentence() -> None:
    little = lead("The storm sank boats in the harbour of Noran on Sunday night.", "Ledger")
    much = lead("The storm is over. A minister promised new sails by the spring.", "Herald")
    assert quoted(lead(STORM), little, much)[1] == "A minister promised new sails by the spring."


def test_what_says_the_same_is_not_quoted_again() -> None:
    assert len(quoted(lead(STORM), lead("The storm sank nine boats in Noran.", "Ledger"))) == 1


def test_neither_the_same_source_nor_the_same_words_are_another_source() -> None:
    new = "A minister from the capital promised new sails by the spring."
    assert len(quoted(lead(STORM), lead(new))) == 1
    assert len(quoted(lead(STORM, digest=b"x"), lead(new, "Ledger", digest=b"x"))) == 1


def test_the_article_that_is_most_like_the_others_stands_for_a_story() -> None:
    assert pick_medoid([0.5, 1.9, 1.2], [False, False, False]) == 1


def test_among_equals_one_in_the_readers_language_does() -> None:
    assert pick_medoid([0.5, 1.9, 1.7], [True, False, True]) == 2
    assert pick_medoid([0.5, 1.9, 1.2], [True, False, False]) == 1
