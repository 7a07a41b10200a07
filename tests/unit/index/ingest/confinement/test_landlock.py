"""What each version of Landlock can restrict, and what is said to be missing."""

from __future__ import annotations

import sys

import pytest

from index.ingest.confinement.process import ConfinementMechanism, list_missing_in_landlock

if sys.platform == "win32":
    pytest.skip("there is no C library to load", allow_module_level=True)
from index.ingest.confinement.landlock import build_attributes


@pytest.mark.parametrize(
    ("abi", "files", "tcp", "scopes"),
    [
        (1, 13, 0, 0),
        (2, 14, 0, 0),
        (3, 15, 0, 0),
        (4, 15, 0b11, 0),
        (5, 16, 0b11, 0),
        (6, 16, 0b11, 0b11),
        (99, 16, 0b11, 0b11),
    ],
)
def test_all_that_the_version_can_restrict_is_restricted(
    abi: int, files: int, tcp: int, scopes: int
) -> None:
    attributes = build_attributes(abi)
    assert (attributes.handled_access_fs, attributes.handled_access_net, attributes.scoped) == (
        2**files - 1,
        tcp,
        scopes,
    )


@pytest.mark.parametrize(
    ("abi", "missing"),
    [
        (3, [ConfinementMechanism.LANDLOCK_TCP, ConfinementMechanism.LANDLOCK_SIGNALS]),
        (5, [ConfinementMechanism.LANDLOCK_SIGNALS]),
        (6, []),
    ],
)
def test_what_the_version_cannot_restrict_is_missing(
    abi: int, missing: list[ConfinementMechanism]
) -> None:
    found = list_missing_in_landlock(abi)
    assert list(found) == missing
    assert all(f"version {abi}" in reason for reason in found.values())
