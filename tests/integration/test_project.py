"""The shape of the project, held to what docs/architecture.md says of it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli.main import main
from tests.fixtures.town import PROJECT

MODULES = sorted([*PROJECT.glob("index/**/*.py"), *PROJECT.glob("bot/**/*.py")])


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def at_the_top(path: Path) -> set[str]:
    """Return what is imported as soon as the module is."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_keeps_to_its_house_and_its_size(path: Path) -> None:
    room = path.relative_to(PROJECT).parts
    names = imported(path)
    if room[0] == "index":
        assert not any(name.split(".")[0] == "bot" for name in names)
    if room[:2] == ("index", "text"):
        outside = {name for name in names if name.startswith("index.")}
        assert all(name.startswith("index.text") for name in outside), "index/text/ is pure"
    if room[:2] not in (("index", "store"), ("bot", "store")):
        assert not any(name.split(".")[0] in {"sqlalchemy", "sqlite3", "alembic"} for name in names)
    heavy = {"torch", "transformers", "sentence_transformers", "onnx", "sentencepiece"}
    assert not heavy & at_the_top(path), "heavy imports stand in the function that needs them"
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_ask_never_imports_torch(tmp_path: Path, models_folder: Path, embedder: object) -> None:
    script = (
        "import sys\n"
        "from bot.cli.main import main\n"
        "main(['ask', 'who met in Paris?', '--json'], standalone_mode=False)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx', 'alembic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    environment = {
        "BRIEFING_DATA_DIR": str(tmp_path / "archive"),
        "BRIEFING_MODEL_DIR": str(models_folder),
        "PATH": "",
    }
    for expected in ("['alembic']", "[]"):  # the first makes the archive, with its migrations
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert done.stderr.strip().splitlines()[-1] == expected


def commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix}{name} ")
        else:
            found.append((f"{prefix}{name}", command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(main))
def test_every_command_has_help_takes_json_and_is_documented(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert "--json" in {option for each in command.params for option in each.opts}
    assert f"briefing {name}" in (PROJECT / "docs" / "operations.md").read_text("utf-8")


def test_everything_installed_is_locked_to_its_version() -> None:
    from importlib.metadata import distributions

    locked: dict[str, str] = {}
    for line in (PROJECT / "requirements.lock").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, line
            locked[re.sub(r"[-_.]+", "-", name).lower()] = version
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        # Elsewhere torch brings libraries of a graphics card, and says their versions itself.
        if name != "libya-briefing" and not name.startswith(("nvidia-", "cuda-", "triton")):
            assert locked.get(name) == found.version.split("+")[0], name


def test_every_direct_dependency_is_bounded_and_explained() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (PROJECT / "docs" / "dependencies.md").read_text("utf-8")
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    for requirement in wanted:
        match = re.match(r"[\w.-]+", requirement)
        assert match
        name = match[0]
        assert f"`{name}`" in reasons
        assert "<" in requirement or "==" in requirement or name == "tzdata", requirement
