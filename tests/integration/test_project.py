"""Checks of the project as a whole: names, imports, commands, locked and bounded dependencies."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import click
import pytest

from bot.cli.main import main
from tests.fixtures.sample_articles import PROJECT
from tools import licences
from tools.licences import normalise_name, read_lock

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
    locked = set(read_lock())
    for distribution in distributions():
        name = normalise_name(distribution.metadata["Name"])
        version = distribution.version.partition("+")[0]
        assert name == "libya-briefing" or (name, version) in locked


def test_every_file_in_the_lock_has_a_hash_and_no_host() -> None:
    lines = (PROJECT / "requirements.lock").read_text("utf-8").splitlines()
    starts = [line for line in lines if line and line[0] not in " #"]
    assert all(line.endswith(" \\") for line in starts)
    hashes = [line.strip(" \\") for line in lines if line.startswith(" ")]
    assert len(hashes) > len(starts)
    assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


@pytest.mark.parametrize("altered", [False, True])
def test_pip_refuses_a_required_package_whose_file_the_lock_does_not_know(
    tmp_path: Path, altered: bool
) -> None:
    hashes = [write_wheel(tmp_path, "ferry", "harbour>=1"), write_wheel(tmp_path, "harbour")]
    if altered:
        hashes[1] = hashes[0]
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "".join(
            f"{name}==1.0 --hash=sha256:{known}\n"
            for name, known in zip(("ferry", "harbour"), hashes, strict=True)
        )
    )
    options = re.search(
        r"^PIP_LOCKED := \$\(PIP\) (.+)$", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert options
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--isolated", "--no-index", "--find-links"),
            *(tmp_path, "--target", tmp_path / "there", "ferry"),
            *options[1].replace("$(LOCK)", str(lock)).split(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode != 0) is ("DO NOT MATCH THE HASHES" in done.stderr) is altered
    assert (tmp_path / "there" / "harbour.py").exists() is not altered


def write_wheel(folder: Path, name: str, required: str = "") -> str:
    """Write a wheel with one empty module; return its hash."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        about = f"{name}-1.0.dist-info"
        requires = f"Requires-Dist: {required}\n" if required else ""
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"
        )
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_package_in_the_lock_has_a_licence_in_the_docs() -> None:
    page = licences.PAGE.read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| (\S+) \| (.+) \|$", page, re.MULTILINE)
    assert [(name, version) for name, version, _ in rows] == read_lock()
    licence_by_name = {name: licence for name, _, licence in rows}
    for distribution in distributions():
        named = licences.find_licence(distribution.metadata.json)
        name = normalise_name(distribution.metadata["Name"])
        assert not named or name == "libya-briefing" or licence_by_name[name] == named


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
