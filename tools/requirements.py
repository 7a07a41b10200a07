"""Print what pyproject.toml requires, or what one of its extras does, one requirement a line.

python tools/requirements.py [EXTRA]
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def list_requirements(extra: str | None = None) -> list[str]:
    """Return the requirements of the project or of the extra."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements: list[str] = (
        project["optional-dependencies"][extra] if extra else project["dependencies"]
    )
    return requirements


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in list_requirements(*sys.argv[1:])))
