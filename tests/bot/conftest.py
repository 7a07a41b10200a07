from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.bot.commands import Run
from tests.town import PORT, RAIN, SCHOOL


@pytest.fixture
def run(tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
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
