"""The archives of run.py: real news, and more of it, with vectors as near together as real ones.

Articles are those of arabic-news-2018. Where these are too few, further ones are made of the
sentences of two of them in turn, so that the words are real and the passages are no copies.

The first texts are embedded. Every later one gets the vector of one of these, chosen by a hash of
the text, with noise as large as the distance to that vector's nearest neighbour (vectors.py).

`scale_archive.py DATA FOLDER REAL PASSAGES` builds one archive; one that is whole is left alone.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bench.data.evaluation_sets import Remembering, articles
from bench.retrieval.fit_answerability import Bench
from bench.scale.vectors import moved, to_the_nearest
from index.embeddings.embedder import Embedder
from index.models import Draft
from index.storage.records import Vectors
from index.text.segmentation.sentences import split_sentences

ALL = 31_131
"""How many articles arabic-news-2018 has."""
ENCODERS = ("embedder", "second")
"""What makes an archive's vectors; the second where there is one."""
MARKER = "whole.json"
"""Beside the archive, written last: what it was made with, and what it holds."""


def main(data: Path, folder: Path, real: int, wanted: int) -> None:
    bench = Bench(data, None)
    encoders = {name: getattr(bench, name) for name in ENCODERS if hasattr(bench, name)}
    models = [encoder.fingerprint for encoder in encoders.values()]
    made_with = {"real": real, "passages": wanted, "models": models}
    if _marked(folder).get("made_with") != made_with:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, encoder in encoders.items():
            kept = folder.parent / f"vectors-{encoder.fingerprint[:16]}.npz"
            encoders[name] = Remembering(encoder, kept)
            setattr(bench, name, Crowding(encoders[name], real))
        passage_count = built(bench, folder / "archive", wanted)
        for encoder in encoders.values():
            encoder.save()
        marker = json.dumps({"made_with": made_with, "held": passage_count})
        (folder / MARKER).write_text(marker, "utf-8")
    with bench.opened(folder / "archive") as archive:
        archive.warm_up()  # the caches may be of an earlier form: they are saved anew then
    print(json.dumps(_marked(folder)["held"]))


def _marked(folder: Path) -> dict[str, Any]:
    marker = folder / MARKER
    return json.loads(marker.read_text("utf-8")) if marker.exists() else {}


def built(bench: Bench, folder: Path, wanted: int) -> dict[str, float]:
    """Add articles until the archive has so many passages; say what it holds, and what it took.

    To count is a query, so that is done when nine tenths of what is missing should be there.
    """
    started = time.perf_counter()
    with bench.opened(folder) as archive:
        count_at = 100
        for added, draft in enumerate(news(bench.folder), 1):
            archive.add(draft)
            if added < count_at:
                continue
            passage_count = archive.stats().passages
            seconds = time.perf_counter() - started
            print(f"{passage_count:,} passages after {seconds:.0f} s", file=sys.stderr)
            if passage_count >= wanted:
                return {"articles": added, "passages": passage_count, "seconds": seconds}
            count_at = added + max(1, int(0.9 * (wanted - passage_count) * added / passage_count))
    raise AssertionError("there are always more articles")


def news(data: Path) -> Iterator[Draft]:
    """Give all real articles, then made ones without end, always the same."""
    real = articles(data, f"news:{ALL}")
    yield from real
    chance = random.Random(3)
    for number in itertools.count(1):
        for one, other in zip(real, chance.sample(real, len(real)), strict=True):
            text = in_turn(one.text, other.text)
            if text:
                yield one.model_copy(update={"id": f"made:{number}:{one.id}", "text": text})


def in_turn(one: str, other: str) -> str | None:
    """Return the first sentence of one text, the second of the other, the third of the first.

    And so on, until one has no more. None where one has a single sentence: it would be a copy.
    """
    pairs = zip(split_sentences(one), split_sentences(other), strict=False)
    taken = [
        mine.slice(one) if number % 2 == 0 else theirs.slice(other)
        for number, (mine, theirs) in enumerate(pairs)
    ]
    return "\n".join(taken) if len(taken) > 1 else None


class Crowding:
    """An embedder that embeds the first texts, and gives later ones their vectors with noise.

    The same texts in the same order have the same vectors; a text that comes again has its own.
    """

    def __init__(self, embedder: Embedder, real: int) -> None:
        self._embedder = embedder
        self._real = real
        self._known: dict[str, Vectors] = {}

    def __getattr__(self, name: str) -> Any:
        """Questions are embedded by the real one."""
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors (n, d) of passages."""
        if len(self._known) < self._real:
            vectors = self._embedder.embed_passages(texts)
            self._known.update(zip(texts, vectors, strict=True))
            return vectors
        vectors = self._made(texts)
        for row, text in enumerate(texts):
            if text in self._known:
                vectors[row] = self._known[text]
        return vectors

    def _made(self, texts: Sequence[str]) -> Vectors:
        vectors, distances = self._crowd
        chances = [np.random.default_rng(_seed(text)) for text in texts]
        of = [chance.integers(len(vectors)) for chance in chances]
        noise = [chance.standard_normal(vectors.shape[1], np.float32) for chance in chances]
        return moved(vectors[of], distances[of], np.array(noise))

    @cached_property
    def _crowd(self) -> tuple[Vectors, Vectors]:
        vectors = np.array([*self._known.values()])
        return vectors, to_the_nearest(vectors)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
