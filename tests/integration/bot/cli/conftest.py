from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from index.embeddings.build.prepare import DEFAULT_MODEL
from index.embeddings.embedder import Embedder, load_embedder
from tests.fixtures.cli_runner import Run
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL


@pytest.fixture(scope="module")
def loaded_once(embedder: Embedder, second: Embedder, models_folder: Path) -> Iterator[None]:
    """Give commands that run in this process the models that it has.

    Each would load them again: that takes a second, and 300 MB that the process keeps.
    """
    default = {"runtime": "auto", "threads": 0}

    def load(model: str, folder: Path, **options: object) -> Embedder:
        chosen = {name: options[name] for name in default}
        if (model, folder, chosen) == (DEFAULT_MODEL, models_folder.resolve(), default):
            return embedder
        return load_embedder(model, folder, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.embeddings.embedder.load_embedder", load)
        patch.setattr("index.embeddings.use_encoder.UniversalSentenceEncoder", lambda: second)
        yield


@pytest.fixture
def run(
    tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch, loaded_once: None
) -> Run:
    """Run a command over an archive of its own, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIEFING_DATA_DIR", str(tmp_path / "archive"))
    monkeypatch.setenv("BRIEFING_MODEL_DIR", str(models_folder))
    return lambda *words, **how: CliRunner().invoke(main, list(words), **how)


@pytest.fixture
def town(tmp_path: Path, run: Run) -> Path:
    """Three articles in the archive, imported from a file."""
    lines = [
        {
            "id": "port",
            "title": "الميناء يعود",
            "text": PORT,
            "source": "صحيفة نوران",
            "url": "https://noran.example/port",
            "published": "2026-01-10",
            "language": "ar",
        },
        {"id": "school", "title": None, "text": SCHOOL, "published": "2026-01-20T08:30:00+02:00"},
        {"text": RAIN, "title": "", "source": "", "url": "", "published": "", "language": ""},
    ]
    path = tmp_path / "town.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    assert run("import", str(path)).exit_code == 0
    return path
