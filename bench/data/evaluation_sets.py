"""The evaluation sets by name, divided in two halves by article, and an embedder that remembers."""

from __future__ import annotations

import gzip
import hashlib
import json
import pickle
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import (
    EncodedText,
    encode_passages,
    encode_question,
    token_fingerprint,
)
from index.models import Draft, Quote
from index.text.normalise import fold

QUESTIONS = Path(__file__).parent / "questions"
FOLDERS = {"xquad": "xquad-a"}
"""The folder of a set, where it has another name than the set."""
LANGUAGES = ("ar", "en", "fr")
SEED_QUESTIONS = ("من التقى في باريس؟", "who met in Paris?", "Qui s'est rencontré à Paris ?")
_FIELDS = ("id", "title", "text", "source", "url", "published", "language")


class Question(NamedTuple):
    """A question over a set; `article_id` is None where nothing there answers it."""

    text: str
    language: str
    article_id: str | None
    answer: str | None = None
    places: tuple[tuple[str, str], ...] = ()
    """Every place that answers it, where all are labelled: an article's id and a slice of it."""
    near: str | None = None
    """The article that a close question without an answer is near to."""

    @property
    def half(self) -> int:
        """0 to fit on, 1 to report on: all questions on one article are in the same half."""
        return half(self.article_id or self.near or self.text)

    def is_answered_by(self, quote: Quote) -> bool:
        """Return whether a quote answers: it holds the answer, or half of a labelled slice.

        Where only the article is known, every quote of it answers.
        """
        if self.places:
            return any(_holds_half(quote, *place) for place in self.places)
        if self.answer and fold(self.answer) not in fold(quote.text):
            return False
        return self.article_id in (quote.article.id, *(article.id for article in quote.also))


def _holds_half(quote: Quote, article_id: str, words: str) -> bool:
    if words in quote.text:
        return True
    start = quote.article.text.find(words) if quote.article.id == article_id else -1
    shared = min(quote.end, start + len(words)) - max(quote.start, start)
    return start >= 0 and 2 * shared >= len(words)


def half(key: str) -> int:
    """Return the half, 0 or 1, that an article's id (or a question without one) falls into.

    The paragraphs of one encyclopedia article (xquad:p07_0, xquad:p07_1, …) fall into one half.
    """
    if key.startswith("xquad:"):
        key = key.partition("_")[0]
    return hashlib.sha256(key.encode()).digest()[-1] % 2


def articles(folder: Path, name: str) -> list[Draft]:
    """Return the articles of a set: arcd, libya, ntrex.ar, …, xquad.ar, xquad.en or news:N.

    news:N is N articles of arabic-news-2018, always the same ones. Those with a bad line are left
    out; ids carry the set's name, so that sets can be put together.
    """
    kind, _, part = name.partition(":" if ":" in name else ".")
    if kind == "news":
        lines = list(_lines(folder / "arabic-news-2018" / "articles.jsonl.gz"))
        random.Random(7).shuffle(lines)
        lines = lines[: int(part)]
    else:
        path = folder / FOLDERS.get(kind, kind)
        path /= f"articles.{part}.jsonl" if part else "articles.jsonl"
        lines = list(_lines(path))
    found = []
    for line in lines:
        try:
            given = {field: line.get(field) for field in _FIELDS} | {"id": f"{kind}:{line['id']}"}
            found.append(Draft.model_validate(given))
        except ValidationError:
            continue
    return found


def questions(folder: Path, name: str) -> list[Question]:
    """Return the questions of a set: arcd, ntrex.ar, …, xquad.ar-en, …, libya or seed.

    xquad.ar-en holds Arabic questions on English passages; typed.libya, typed.seed, close.libya,
    close.seed and close.ntrex are questions as people type them.
    """
    kind, _, part = name.partition(".")
    if kind in ("typed", "close"):
        return [_typed_question(part, line) for line in _lines(QUESTIONS / f"{kind}-{part}.jsonl")]
    if kind in ("libya", "seed"):
        paths = sorted(QUESTIONS.glob(f"{kind}*.jsonl"))
    else:
        path = folder / FOLDERS.get(kind, kind)
        paths = [path / (f"questions.{part}.jsonl" if part else "questions.jsonl")]
    found = []
    for line in (line for path in paths for line in _lines(path)):
        right = line["article_id"]
        language = line.get("language") or part.partition("-")[0] or "ar"
        article_id = f"{kind}:{right}" if right else None
        found.append(Question(line["question"], language, article_id, line.get("answer")))
    return found


def _typed_question(kind: str, line: dict[str, Any]) -> Question:
    places = tuple(
        (f"{kind}:{each['article_id']}", each["words"]) for each in line.get("answers", ())
    )
    near = f"{kind}:{line['near']}" if "near" in line else None
    article_id = places[0][0] if places else None
    return Question(line["question"], line["language"], article_id, None, places, near)


class Remembering:
    """An embedder that embeds each text once, also over several runs where `path` is given."""

    def __init__(self, embedder: Embedder, path: Path | None) -> None:
        self._embedder = embedder
        self._path = path
        self.name, self.dimension = embedder.name, embedder.dimension
        self.fingerprint = embedder.fingerprint
        self.token_fingerprint = token_fingerprint(embedder)
        self._known: dict[str, NDArray[np.float32]] = {}
        self._encoded: dict[tuple[str, str, int], EncodedText] = {}
        self._encoded_path = path and path.with_suffix(".tokens.pkl")
        if self._encoded_path and self._encoded_path.exists():
            fingerprint, encoded = pickle.loads(self._encoded_path.read_bytes())
            if fingerprint == self.token_fingerprint:
                self._encoded = encoded
        if path and path.exists():
            with np.load(path) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors (n, d) of questions."""
        return self._embed("q", texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors (n, d) of passages."""
        return self._embed("p", texts)

    def encode_questions(self, texts: Sequence[str]) -> list[EncodedText]:
        """Return the vectors of questions and of their tokens."""
        for text in texts:
            if ("q", text, 0) not in self._encoded:
                self._encoded["q", text, 0] = encode_question(self._embedder, text)
        return [self._encoded["q", text, 0] for text in texts]

    def encode_passages(self, texts: Sequence[str], starts: Sequence[int]) -> list[EncodedText]:
        """Return the vectors of passages and of their tokens from `starts` on."""
        keys = [("p", text, start) for text, start in zip(texts, starts, strict=True)]
        new = [key for key in dict.fromkeys(keys) if key not in self._encoded]
        if new:
            _, new_texts, new_starts = zip(*new, strict=True)
            encoded = encode_passages(self._embedder, new_texts, new_starts)
            self._encoded.update(zip(new, encoded, strict=True))
        return [self._encoded[key] for key in keys]

    def count_tokens(self, text: str) -> int:
        """Return the number of the text's tokens, as the model behind it counts them."""
        return self._embedder.count_tokens(text)

    def save(self) -> None:
        """Keep what was embedded for the next run."""
        if self._path:
            np.savez(self._path, texts=list(self._known), vectors=np.array([*self._known.values()]))
        if self._encoded_path:
            kept = pickle.dumps((self.token_fingerprint, self._encoded))
            self._encoded_path.write_bytes(kept)

    def _embed(self, kind: str, texts: Sequence[str]) -> NDArray[np.float32]:
        keys = [hashlib.sha256(f"{kind}{text}".encode()).hexdigest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        embed: Any = (
            self._embedder.embed_questions if kind == "q" else self._embedder.embed_passages
        )
        if new:
            self._known.update(zip(new, embed(list(new.values())), strict=True))
        return np.array([self._known[key] for key in keys], np.float32)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
