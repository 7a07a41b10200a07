"""How often the first quote holds the answer, over articles of several paragraphs.

    python -m bench.retrieval.first_quote $BRIEFING_EVAL_DIR [--cache FILE] [--part NAME …]

`arcd` and `xquad-a` give each paragraph of an encyclopedia apart; here those of one article are put
together again, so that what is found must be told from its neighbours. `libya` is news, and its
questions are our own. Figures are the share of questions whose first quote holds the answer, on the
half that nothing was fitted on, then of all questions; then of all, whose first three hold it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.data.evaluation_sets import Question, articles, questions
from bench.retrieval.ablation import print_table
from index.archive import Archive
from index.models import DateWindow, Draft
from index.text.normalise import fold

Asked = tuple[list[Draft], list[Question]]


def _libya(folder: Path) -> Asked:
    asked = [question for question in questions(folder, "libya") if question.answer]
    return articles(folder, "libya"), asked


def _arcd(folder: Path) -> Asked:
    """Put together the paragraphs under one title."""
    paragraphs = _lines(folder / "arcd" / "articles.jsonl")
    owners = {each["id"]: each["title"] for each in paragraphs}
    drafts = _whole([(each["title"], each["title"], each["text"]) for each in paragraphs], "ar")
    return drafts, _asked(folder / "arcd" / "questions.jsonl", "ar", owners.__getitem__)


def _xquad(of: str, over: str) -> Callable[[Path], Asked]:
    """Put together the paragraphs p00_0, p00_1, …; questions in one language, over another."""

    def read(folder: Path) -> Asked:
        paragraphs = _lines(folder / "xquad-a" / f"articles.{over}.jsonl")
        paragraphs.sort(key=lambda each: int(each["id"].rpartition("_")[2]))
        drafts = _whole([(_owner(each["id"]), None, each["text"]) for each in paragraphs], over)
        return drafts, _asked(folder / "xquad-a" / f"questions.{of}-{over}.jsonl", of, _owner)

    return read


SETS: Mapping[str, Callable[[Path], Asked]] = {
    "libya": _libya,
    "arcd": _arcd,
    "xquad ar→ar": _xquad("ar", "ar"),
    "xquad en→ar": _xquad("en", "ar"),
    "xquad ar→en": _xquad("ar", "en"),
    "xquad en→en": _xquad("en", "en"),
}


def _owner(paragraph_id: str) -> str:
    return paragraph_id.rpartition("_")[0]


def _whole(paragraphs: Sequence[tuple[str, str | None, str]], language: str) -> list[Draft]:
    """Return one article for each id, of (id, title, text) of its paragraphs in order."""
    titles = {owner: title for owner, title, _ in paragraphs}
    texts = defaultdict(list)
    for owner, _, text in paragraphs:
        texts[owner].append(text)
    return [
        Draft(id=owner, title=titles[owner], text="\n".join(article_paragraphs), language=language)
        for owner, article_paragraphs in texts.items()
    ]


def _asked(path: Path, language: str, owner_of: Callable[[str], str]) -> list[Question]:
    return [
        Question(line["question"], language, owner_of(line["article_id"]), line["answer"])
        for line in _lines(path)
    ]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def figures(archive: Archive, asked: Sequence[Question]) -> str:
    """Return the share of first quotes that answer, of the second half and of all; of three."""
    places = [_place(archive, question) for question in asked]
    second = [at for at, question in zip(places, asked, strict=True) if question.half]
    shares = [_share(second, 1), _share(places, 1), _share(places, 3)]
    return " ".join(f"{100 * share:.1f}" for share in shares)


def _place(archive: Archive, question: Question) -> int | None:
    """Return which of the quotes, or of the nearest, holds the answer."""
    answer = archive.ask_with_trace(question.text, window=DateWindow()).answer
    words = fold(question.answer or "")
    quotes = answer.quotes or answer.nearest
    return next((at for at, quote in enumerate(quotes) if words in fold(quote.text)), None)


def _share(places: Sequence[int | None], first: int) -> float:
    return sum(place is not None and place < first for place in places) / len(places)


def main() -> None:
    """Print the table."""
    print_table((__doc__ or "").split("\n", 1)[0], SETS, figures)


if __name__ == "__main__":
    main()
