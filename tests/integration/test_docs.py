"""The README and docs/ say what is so: their commands run and print what they show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fixtures.sample_articles import PROJECT

PAGES = sorted([PROJECT / "README.md", PROJECT / "SECURITY.md", *(PROJECT / "docs").glob("*.md")])
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_DIRECTIONS = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


class Block(NamedTuple):
    page: str
    number: int
    language: str
    content: str
    shown: str
    """What the block after it says is printed; empty where nothing is."""


def blocks(*languages: str) -> list[Block]:
    found = []
    for page in PAGES:
        of_page = _BLOCK.findall(page.read_text("utf-8"))
        for number, (language, content) in enumerate(of_page):
            following = of_page[number + 1] if number + 1 < len(of_page) else ("", "")
            shown = following[1] if following[0] == "text" else ""
            found.append(Block(page.name, number, language, content, shown))
    return [block for block in found if not languages or block.language in languages]


def name(block: Block) -> str:
    return f"{block.page}-{block.number}"


@pytest.mark.parametrize("block", blocks("sh"), ids=name)
def test_a_command_in_the_docs_runs_and_prints_what_is_shown(
    block: Block, tmp_path: Path, models_folder: Path, embedder: object
) -> None:
    done = subprocess.run(
        ["bash", "-eu", "-c", block.content],
        cwd=PROJECT,
        env={
            **os.environ,
            "PATH": f"{PROJECT / '.venv' / 'bin'}:{os.environ['PATH']}",
            "BRIEFING_DATA_DIR": str(tmp_path / "archive"),
            "BRIEFING_MODEL_DIR": str(models_folder),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.translate(_DIRECTIONS)
    for line in block.shown.splitlines():
        assert line.rstrip("…") in printed


@pytest.mark.parametrize("block", blocks("json", "toml"), ids=name)
def test_data_in_the_docs_is_well_formed(block: Block) -> None:
    assert json.loads(block.content) if block.language == "json" else tomllib.loads(block.content)


def test_every_block_in_the_docs_is_of_a_kind_that_is_checked() -> None:
    assert {block.language for block in blocks()} <= {"sh", "text", "json", "toml", "mermaid", ""}
    assert blocks("sh")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_in_the_docs_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_setting_is_documented_and_no_other() -> None:
    from bot.settings import PREFIX, _list_variables

    documented = set(
        re.findall(rf"`({PREFIX}\w+)`", (PROJECT / "docs" / "operations.md").read_text("utf-8"))
    )
    assert documented == set(_list_variables())
