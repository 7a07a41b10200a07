"""The baseline: what one writes with sentence-transformers and FAISS in an afternoon.

Run by compare.py as a process of its own: `plain_job.py MODEL_FOLDER WORK JOB`, where WORK holds
`texts.json` (what to embed) and `questions.json`. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer


def main(model_folder: str, work: Path, job: str) -> None:
    model = SentenceTransformer(model_folder, device="cpu")
    questions = json.loads((work / "questions.json").read_text("utf-8"))
    if job == "index":
        texts = json.loads((work / "texts.json").read_text("utf-8"))
        started = time.perf_counter()
        vectors = model.encode(texts, prompt_name="passage", show_progress_bar=False)
        built = faiss.IndexFlatIP(vectors.shape[1])
        built.add(vectors)
        seconds = time.perf_counter() - started
        faiss.write_index(built, str(work / "plain.faiss"))
        print(json.dumps({"per_s": len(texts) / seconds}))
        return
    index = faiss.read_index(str(work / "plain.faiss"))
    milliseconds, found = [], []
    for question in questions[: 1 if job == "first" else None]:
        started = time.perf_counter()
        vector = model.encode([question], prompt_name="query", show_progress_bar=False)
        found.append(index.search(vector, 10)[1][0].tolist())
        milliseconds.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(milliseconds, [50, 95])
    print(json.dumps({"p50": p50, "p95": p95, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
