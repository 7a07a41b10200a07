"""A real process that loads articles is killed at random instants; each article is in or out."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.archive import Archive
from tests.town import PORT, PROJECT, RAIN, SCHOOL, OpenArchive

ARTICLES = 40


def lines(folder: Path) -> Path:
    path = folder / "articles.jsonl"
    texts = [
        "\n".join(
            f"{part} ({number}.{part_number})"
            for part_number, part in enumerate((PORT, SCHOOL, RAIN) * 2)
        )
        for number in range(ARTICLES)
    ]
    path.write_text(
        "\n".join(json.dumps({"id": f"a{n}", "text": text}) for n, text in enumerate(texts)),
        "utf-8",
    )
    return path


def whole(archive: Archive, text: str, article_id: str) -> bool:
    """Every passage of the article, with every sentence, is there to be found."""
    record = archive._store.record(article_id)
    assert record is not None
    ids, _, vectors = archive._store.passage_vectors(archive.embedder.fingerprint, [record.key])
    candidates = archive._store.candidates(archive.embedder.fingerprint, ids.tolist())
    covered = sum(
        len(text[sentence.start : sentence.end].split())
        for candidate in candidates.values()
        for sentence in candidate.passage.sentences
    )
    return (
        record.article.text == text
        and covered == len(text.split())
        and all(
            len(candidate.sentence_vectors) == len(candidate.passage.sentences)
            for candidate in candidates.values()
        )
        and vectors.shape == (len(ids), 384)
    )


def kill_at_random_instants(times: int, folder: Path, open_archive: OpenArchive, seed: int) -> None:
    path = lines(folder)
    texts = {
        record["id"]: record["text"]
        for record in map(json.loads, path.read_text("utf-8").split("\n"))
    }
    chance = random.Random(seed)
    loader = (
        "import sys; from bot.cli import main; from index.archive import Archive\n"
        "add = Archive.add\n"
        "def told(self, draft, **how):\n"
        "    print(draft.id, flush=True); return add(self, draft, **how)\n"
        "Archive.add = told\n"
        "main(['import', sys.argv[1]])"
    )
    for number in range(times):
        environment = {**os.environ, "BRIEFING_DATA_DIR": str(folder / f"archive-{number}")}
        process = subprocess.Popen(
            [sys.executable, "-c", loader, str(path)],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        # The instant: some articles into the load, then a spin of chance inside the next one.
        for _ in range(chance.randrange(1, ARTICLES)):
            process.stdout.readline()
        for _ in range(chance.randrange(200_000)):
            pass
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        archive = open_archive(f"archive-{number}")
        for article in archive.articles():
            assert whole(archive, texts[article.id], article.id)
        assert len(archive.articles()) < ARTICLES
        archive.close()
    subprocess.run(
        [sys.executable, "-m", "bot", "import", str(path)],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    archive = open_archive(f"archive-{times - 1}")
    assert {article.id for article in archive.articles()} == set(texts)
    assert all(whole(archive, text, article_id) for article_id, text in texts.items())
    assert archive.ask("متى يعود الميناء إلى العمل؟").answered


def test_a_load_killed_five_times_leaves_each_article_wholly_in_or_out(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(5, tmp_path, open_archive, seed=5)


@pytest.mark.soak
def test_a_load_killed_fifty_times_leaves_each_article_wholly_in_or_out(
    tmp_path: Path, open_archive: OpenArchive
) -> None:
    kill_at_random_instants(50, tmp_path, open_archive, seed=50)
