"""What to embed and how to score it: R@1 for sizes of the passage and weights of its best sentence.

`python -m bench.retrieval.passage_size FOLDER` reads FOLDER/arcd and FOLDER/ntrex. Choices are
made on one half of the articles ("fit"), divided by a hash of their ids, and reported on the other
("held_out").
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import index.passage_embedding
import index.search.scoring
import index.text.segmentation.passages
from bench.data.evaluation_sets import Remembering
from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.embeddings.embedder import Embedder, load_embedder
from index.evaluation import EvalQuestion, rank_articles, read_drafts, read_questions
from index.models import Draft

WEIGHTS = (0.0, 0.3, 0.5, 0.7, 1.0)
SHORT_PARAGRAPHS = (0, 200, 300, 400)
LEADS = (120, 300)
SETS = (
    ("arcd", "arcd/articles.jsonl", "arcd/questions.jsonl"),
    ("ntrex ar→ar", "ntrex/articles.ar.jsonl", "ntrex/questions.ar.jsonl"),
    ("ntrex en→ar", "ntrex/articles.ar.jsonl", "ntrex/questions.en.jsonl"),
    ("ntrex fr→ar", "ntrex/articles.ar.jsonl", "ntrex/questions.fr.jsonl"),
    ("ntrex ar→en", "ntrex/articles.en.jsonl", "ntrex/questions.ar.jsonl"),
)


def main() -> None:
    settings = load_settings()
    embedder = Remembering(load_embedder(settings.embedding.model, settings.model_dir), None)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("R@1 in %, fit/held; columns: the weight of the best sentence")
    print(f"{'':44}" + "".join(f"{weight:>12}" for weight in WEIGHTS))
    for name, articles, questions in SETS:
        drafts, asked = read_drafts(folder / articles), read_questions(folder / questions)
        for short in SHORT_PARAGRAPHS:
            for lead in LEADS if not any(draft.title for draft in drafts) else LEADS[:1]:
                index.text.segmentation.passages.SHORT_PARAGRAPH = short
                setattr(index.passage_embedding, "LEAD_LENGTH", lead)  # noqa: B010
                figures = "".join(
                    f"{fit:6.1f}/{held_out:.1f}"
                    for fit, held_out in _recall(embedder, drafts, asked)
                )
                print(f"{name:14} paragraphs < {short:3} joined, lead {lead:3} {figures}")


def _recall(
    embedder: Embedder, drafts: list[Draft], asked: list[EvalQuestion]
) -> Iterator[tuple[float, float]]:
    zone, rules = load_settings().zone, load_boilerplate(load_settings().config_dir)
    with (
        tempfile.TemporaryDirectory() as folder,
        Archive(Path(folder), lambda: embedder, zone=zone, boilerplate=rules) as archive,
    ):
        for draft in drafts:
            archive.add(draft)
        for weight in WEIGHTS:
            index.search.scoring.SENTENCE_WEIGHT = weight
            right: dict[bool, list[bool]] = {True: [], False: []}
            for question in asked:
                found = rank_articles(archive.ask_with_trace(question.question).retrieved)
                right[_is_held_out(question)].append(found[:1] == [question.article_id])
            fit, held_out = (100 * sum(found) / len(found) for found in (right[False], right[True]))
            yield fit, held_out


def _is_held_out(question: EvalQuestion) -> bool:
    return hashlib.md5(str(question.article_id).encode()).digest()[0] % 2 == 1


if __name__ == "__main__":
    main()
