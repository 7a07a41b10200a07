"""Checks of the project as a whole: names, imports, commands, locked and bounded dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli.main import main
from tests.fixtures.sample_articles import PROJECT

MODULES = sorted([*PROJECT.glob("index/**/*.py"), *PROJECT.glob("bot/**/*.py")])


def test_no_public_class_name_stands_twice() -> None:
    modules_by_class: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules_by_class.setdefault(node.name, []).append(str(path.relative_to(PROJECT)))
    assert {name: paths for name, paths in modules_by_class.items() if len(paths) > 1} == {}


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
            timeout=600,
            check=True,
        )
        assert done.stderr.strip().splitlines()[-1] == expected


def commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    """Return the commands of the group and of its subgroups, with their full names."""
    named = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            named += commands(command, f"{prefix}{name} ")
        else:
            named.append((f"{prefix}{name}", command))
    return named


@pytest.mark.parametrize(("name", "command"), commands(main))
def test_every_command_has_help_takes_json_and_is_documented(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert "--json" in {option for param in command.params for option in param.opts}
    assert f"briefing {name}" in (PROJECT / "docs" / "operations.md").read_text("utf-8")


def test_everything_installed_is_locked_to_its_version() -> None:
    from importlib.metadata import distributions

    locked: dict[str, str] = {}
    for line in (PROJECT / "requirements.lock").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, line
            locked[re.sub(r"[-_.]+", "-", name).lower()] = version
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        # Elsewhere torch brings libraries of a graphics card, and says their versions itself.
        if name != "libya-briefing" and not name.startswith(("nvidia-", "cuda-", "triton")):
            assert locked.get(name) == distribution.version.split("+")[0], name


def test_every_direct_dependency_is_bounded_and_explained() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (PROJECT / "docs" / "dependencies.md").read_text("utf-8")
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        match = re.match(r"[\w.-]+", requirement)
        assert match
        name = match[0]
        assert f"`{name}`" in reasons
        assert "<" in requirement or "==" in requirement or name == "tzdata", requirement
