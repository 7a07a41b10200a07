"""What the targets of the fuzzing share: seeds of the evaluation data, and errors of our own."""

from __future__ import annotations

import os
import tarfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from index.ingest.documents import DocumentHints
from index.ingest.rejections import SourceRejected
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.sample_articles import PROJECT

NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)
HINTS = DocumentHints(now=NOW, rules=BoilerplateRules(), url="https://noran.example/news/1")
_OURS = (str(PROJECT / "index"), str(PROJECT / "bot"))
_Result = TypeVar("_Result")


def read_or_refuse(read: Callable[[], _Result]) -> _Result | None:
    """Return what is read; None where the document is rejected, as documented.

    Readers reject a document as damaged whatever error a library raises. An error that our own code
    raises there is one of ours, and is raised here.
    """
    try:
        return read()
    except SourceRejected as rejection:
        cause = rejection.__cause__
        if cause is not None:
            frames = traceback.extract_tb(cause.__traceback__)
            if frames and frames[-1].filename.startswith(_OURS):
                raise cause from None
        return None


def evaluation_files(folder: str, *suffixes: str) -> Iterator[bytes]:
    """Yield the hard documents of that kind, if BRIEFING_EVAL_DIR names evaluation data."""
    if named := os.environ.get("BRIEFING_EVAL_DIR"):
        for path in sorted((Path(named) / "hard" / folder).iterdir()):
            if path.suffix in suffixes:
                yield path.read_bytes()


def evaluation_feeds() -> Iterator[bytes]:
    """Yield the hard feeds, if BRIEFING_EVAL_DIR names evaluation data."""
    if named := os.environ.get("BRIEFING_EVAL_DIR"):
        with tarfile.open(Path(named) / "hard" / "feedparser_tests.tar.gz") as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file and member.name.endswith(".xml"):
                    yield file.read()
