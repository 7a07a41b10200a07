"""What the process that reads documents can do to the rest of the machine: nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.ingest import sandbox
from index.ingest.confinement.process import ConfinementMechanism, ConfinementReport
from index.ingest.documents import DocumentHints, ExtractedDocument, read_document
from index.ingest.feeds.opml import read_opml
from index.ingest.rejections import SourceRejected
from index.ingest.sandbox import (
    ReadKind,
    SandboxRequest,
    SandboxResponse,
    read_in_sandbox,
    read_opml_in_sandbox,
    report_confinement,
)
from tests.fixtures.crafted_documents import NEWS, known, paragraph, word
from tests.fixtures.pdf_and_docx import pdf_file
from tests.fixtures.sample_articles import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the mechanisms of Linux")
LANDLOCK = {
    ConfinementMechanism.LANDLOCK_FILES,
    ConfinementMechanism.LANDLOCK_TCP,
    ConfinementMechanism.LANDLOCK_SIGNALS,
}


def attempt(kind: ReadKind, content: bytes, *options: str) -> SandboxResponse:
    """Return the response of the process, in which attempts stand for the reader."""
    request = SandboxRequest(kind=kind, seconds=20, megabytes=500, hints=known())
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-m", "tests.fixtures.confined_attempts", *options],
        cwd=PROJECT,
        env=sandbox.build_environment(),
        input=request.model_dump_json().encode() + b"\n" + content,
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return SandboxResponse.model_validate_json(done.stdout)


def outcome(
    read: Callable[[bytes, DocumentHints], ExtractedDocument], content: bytes
) -> ExtractedDocument | str:
    """Return what is read, or why it is refused."""
    try:
        return read(content, known(name="story.jsonl"))
    except SourceRejected as refused:
        return str(refused)


@pytest.fixture(scope="module")
def report() -> ConfinementReport:
    return report_confinement()


@pytest.mark.parametrize("options", [(), ("--old-kernel",)])
def test_the_reader_of_a_document_reaches_no_file_network_or_process(
    tmp_path: Path, report: ConfinementReport, options: tuple[str, ...]
) -> None:
    if ConfinementMechanism.SECCOMP in report.missing:
        pytest.skip(f"this kernel lacks seccomp: {report.missing[ConfinementMechanism.SECCOMP]}")
    file = tmp_path / "file"
    file.write_text("secret")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        unix.bind(str(tmp_path / "socket"))
        abstract.bind(f"\0{tmp_path}")
        unix.listen()
        abstract.listen()
        targets = {
            "file": str(file),
            "folder": str(tmp_path),
            "port": tcp.getsockname()[1],
            "socket": str(tmp_path / "socket"),
            "abstract": str(tmp_path),
        }
        response = attempt(ReadKind.DOCUMENT, json.dumps(targets).encode(), *options)
    assert response.message == ""
    assert file.read_text() == "secret"


def test_what_the_kernel_lacks_is_reported_with_the_reason(report: ConfinementReport) -> None:
    response = attempt(ReadKind.CONFINEMENT, b"", "--old-kernel")
    assert response.confinement is not None
    missing = response.confinement.missing
    assert set(missing) - set(report.missing) <= LANDLOCK | {ConfinementMechanism.NETWORK_NAMESPACE}
    assert set(missing) >= LANDLOCK | {ConfinementMechanism.NETWORK_NAMESPACE}
    assert all(missing.values())


def test_the_process_that_has_the_secrets_cannot_be_read_by_others() -> None:
    script = (
        "import sys; sys.stdin.read()\n"
        "from index.ingest.sandbox import report_confinement\n"
        "from index.ingest.confinement.linux import PR_GET_DUMPABLE, prctl\n"
        "before = prctl(PR_GET_DUMPABLE); report_confinement()\n"
        "print(before, prctl(PR_GET_DUMPABLE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["1", "0"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"<html><body><p>{NEWS} {NEWS}</p></body></html>".encode(), id="page"),
        pytest.param(
            "<meta charset=euc-kr><p>안녕하세요 반갑습니다".encode("euc-kr"), id="rare encoding"
        ),
        pytest.param(f"12 رجب 1447\n{NEWS}\n{NEWS}".encode("cp1256"), id="text"),
        pytest.param(word(paragraph(NEWS)), id="docx"),
        pytest.param(json.dumps({"text": NEWS, "published": "4 فيفري 2026"}).encode(), id="lines"),
        pytest.param(pdf_file([b"<</Type/Catalog/Pages 2 0 R>>"]), id="pdf"),
    ],
)
def test_a_document_is_read_the_same_without_files(content: bytes) -> None:
    assert outcome(read_in_sandbox, content) == outcome(read_document, content)


def test_a_list_of_feeds_is_read_in_the_process_too() -> None:
    content = (PROJECT / "config" / "feeds.example.opml").read_bytes()
    assert read_opml_in_sandbox(content) == read_opml(content)
    with pytest.raises(SourceRejected, match="lists no feeds"):
        read_opml_in_sandbox(b"<opml>")
