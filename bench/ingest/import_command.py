"""What `briefing import` adds to the cost of embedding, and whether its memory grows.

    BRIEFING_EVAL_DIR=… python -m bench.ingest.import_command [--articles 1000]

Articles of `arabic-news-2018` are embedded alone, and imported (read from lines of JSON, embedded,
signed for the search of copies, logged and stored), in turns of fifty, so that both meet the same
machine. The archive has both encoders, as it has by default.
"""

from __future__ import annotations

import argparse
import gzip
import os
import tempfile
import time
from itertools import islice
from pathlib import Path

from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.embeddings.embedder import load_embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.ingest.text.json_lines import read_articles
from index.models import Draft
from index.passage_embedding import embed_story

_TURN = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000)
    count = parser.parse_args().articles
    settings = load_settings()
    if settings.eval_dir is None:
        parser.error("BRIEFING_EVAL_DIR names no folder of evaluation sets")
    embedder, second = (
        load_embedder(settings.embedding.model, settings.model_dir),
        UniversalSentenceEncoder(),
    )
    rules = load_boilerplate(settings.config_dir)
    alone = imported = 0.0
    passages = 0
    with tempfile.TemporaryDirectory() as folder:
        turns = _turns(settings.eval_dir / "arabic-news-2018" / "articles.jsonl.gz", count, folder)
        with Archive(
            Path(folder), lambda: embedder, lambda: second, zone=settings.zone, boilerplate=rules
        ) as archive:
            for number, path in enumerate(turns):
                drafts = [each for each in _drafts(path) if archive.find(each.id) is None]
                for is_import in (False, True) if number % 2 else (True, False):
                    begun = time.perf_counter()
                    if is_import:
                        for draft in _drafts(path):
                            archive.add(draft)
                        imported += time.perf_counter() - begun
                    else:
                        prepared = [archive.prepare_draft(each) for each in drafts]
                        begun = time.perf_counter()
                        for each in prepared:
                            made = embed_story(each.draft, each.story, embedder, second)
                            passages += len(made.passages)
                        alone += time.perf_counter() - begun
                print(f"{(number + 1) * _TURN:6,} articles, {_megabytes():,.0f} MB", flush=True)
    print(f"embedding alone   {passages / alone:6.1f} passages/s")
    print(f"importing         {passages / imported:6.1f} passages/s")
    print(f"ratio             {alone / imported:6.3f}")


def _turns(source: Path, count: int, folder: str) -> list[Path]:
    """Write the first lines as files of fifty lines each; return their paths."""
    paths: list[Path] = []
    with gzip.open(source, "rb") as lines:
        while wanted := min(_TURN, count - _TURN * len(paths)):
            paths.append(Path(folder) / f"{len(paths)}.jsonl")
            paths[-1].write_bytes(b"".join(islice(lines, wanted)))
    return paths


def _drafts(path: Path) -> list[Draft]:
    return [line.content for line in read_articles(path) if isinstance(line.content, Draft)]


def _megabytes() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
