"""Running commands, and reading what they print."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from click.testing import Result

Run = Callable[..., Result]


def document(result: Result) -> Any:
    """Return the one JSON document on stdout; anything else there is an error."""
    return json.loads(result.stdout)
