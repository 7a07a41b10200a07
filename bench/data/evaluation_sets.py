"""The evaluation sets by name, divided in two halves by article, and an embedder that remembers."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from index.embeddings.embedder import Embedder
from index.models import Draft

QUESTIONS = Path(__file__).parent / "questions"
LANGUAGES = ("ar", "en", "fr")
SEED_QUESTIONS = ("من التقى في باريس؟", "who met in Paris?", "Qui s'est rencontré à Paris ?")
_FIELDS = ("id", "title", "text", "source", "url", "published", "language")


class Question(NamedTuple):
    """A question over a set; `article_id` is None where nothing there answers it."""

    text: str
    language: str
    article_id: str | None
    answer: str | None = None

    @property
    def half(self) -> int:
        """0 to fit on, 1 to report on: all questions on one article are in the same half."""
        return half(self.article_id or self.text)


def half(key: str) -> int:
    """Return the half, 0 or 1, that an article's id (or a question without one) falls into."""
    return hashlib.sha256(key.encode()).digest()[-1] % 2


def articles(folder: Path, name: str) -> list[Draft]:
    """Return the articles of a set: arcd, libya, ntrex.ar, ntrex.en, ntrex.fr or news:N.

    news:N is N articles of arabic-news-2018, always the same ones. Those with a bad line are left
    out; ids carry the set's name, so that sets can be put together.
    """
    kind, _, part = name.partition(":" if ":" in name else ".")
    if kind == "news":
        lines = list(_lines(folder / "arabic-news-2018" / "articles.jsonl.gz"))
        random.Random(7).shuffle(lines)
        lines = lines[: int(part)]
    else:
        path = folder / kind / (f"articles.{part}.jsonl" if part else "articles.jsonl")
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
    """Return the questions of a set: arcd, ntrex.ar, ntrex.en, ntrex.fr, libya or seed."""
    kind, _, part = name.partition(".")
    if kind in ("libya", "seed"):
        paths = sorted(QUESTIONS.glob(f"{kind}*.jsonl"))
    else:
        paths = [folder / kind / (f"questions.{part}.jsonl" if part else "questions.jsonl")]
    found = []
    for line in (line for path in paths for line in _lines(path)):
        right = line["article_id"]
        language = line.get("language") or part or "ar"
        article_id = f"{kind}:{right}" if right else None
        found.append(Question(line["question"], language, article_id, line.get("answer")))
    return found


class Remembering:
    """An embedder that embeds each text once, also over several runs where `path` is given."""

    def __init__(self, embedder: Embedder, path: Path | None) -> None:
        self._embedder = embedder
        self._path = path
        self.name, self.dimension = embedder.name, embedder.dimension
        self.fingerprint = embedder.fingerprint
        self._known: dict[str, NDArray[np.float32]] = {}
        if path and path.exists():
            with np.load(path) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors (n, d) of questions."""
        return self._embed("q", texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors (n, d) of passages."""
        return self._embed("p", texts)

    def count_tokens(self, text: str) -> int:
        """Return the number of the text's tokens, as the model behind it counts them."""
        return self._embedder.count_tokens(text)

    def save(self) -> None:
        """Keep what was embedded for the next run."""
        if self._path:
            np.savez(self._path, texts=list(self._known), vectors=np.array([*self._known.values()]))

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
