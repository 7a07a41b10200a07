"""Confine this process, and report which mechanisms of Linux are in force.

The mechanisms overlap, so that one that the kernel lacks leaves little open. Other systems have
none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ConfinementMechanism(StrEnum):
    """A mechanism of Linux that takes powers from a process."""

    NETWORK_NAMESPACE = "network namespace"
    """A user and a network namespace of its own: no interface, and no rights outside."""
    CAPABILITIES = "no capabilities"
    """The process has no rights beyond those of its user, even if that is root."""
    LANDLOCK_FILES = "Landlock for files"
    LANDLOCK_TCP = "Landlock for TCP"
    LANDLOCK_SIGNALS = "Landlock for signals"
    """Signals, and abstract Unix sockets."""
    SECCOMP = "seccomp"
    """A filter of system calls: it allows those of computing."""


class ConfinementReport(BaseModel):
    """The mechanisms that are in force in a process, and those that are not, with the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    missing: dict[ConfinementMechanism, str] = {}

    @property
    def in_force(self) -> tuple[ConfinementMechanism, ...]:
        """The mechanisms that are in force."""
        return tuple(
            mechanism for mechanism in ConfinementMechanism if mechanism not in self.missing
        )


def confine() -> ConfinementReport:
    """Take from this process files, network, signals and other processes, irrevocably.

    What is open stays open: import libraries before, and read the input from an open file. What
    the kernel lacks or forbids is in the report; nothing is raised.
    """
    if sys.platform != "linux":
        return ConfinementReport(
            missing=dict.fromkeys(ConfinementMechanism, f"{sys.platform} has none")
        )
    from index.ingest.confinement import linux, seccomp

    missing: dict[ConfinementMechanism, str] = {}
    _try(ConfinementMechanism.NETWORK_NAMESPACE, linux.enter_empty_network, missing)
    _try(ConfinementMechanism.CAPABILITIES, linux.drop_capabilities, missing)
    missing |= _apply_landlock()
    _try(ConfinementMechanism.SECCOMP, seccomp.forbid_system_calls, missing)
    return ConfinementReport(missing=missing)


def forbid_dumping() -> None:
    """Close this process's memory and environment in /proc to others of the same user.

    Linux then writes no core dump of it either. Other systems are left as they are.
    """
    if sys.platform == "linux":
        from index.ingest.confinement.linux import PR_SET_DUMPABLE, prctl

        prctl(PR_SET_DUMPABLE, 0)


def list_missing_in_landlock(abi: int) -> dict[ConfinementMechanism, str]:
    """Return what a version of Landlock cannot restrict, with the reason."""
    from index.ingest.confinement import landlock

    first_abis = {
        ConfinementMechanism.LANDLOCK_FILES: landlock.FILES_ABI,
        ConfinementMechanism.LANDLOCK_TCP: landlock.TCP_ABI,
        ConfinementMechanism.LANDLOCK_SIGNALS: landlock.SIGNALS_ABI,
    }
    return {
        mechanism: f"the kernel has version {abi} of Landlock, which needs {first_abi}"
        for mechanism, first_abi in first_abis.items()
        if abi < first_abi
    }


def _apply_landlock() -> dict[ConfinementMechanism, str]:
    """Restrict this process with Landlock; return what is missing, with the reason."""
    from index.ingest.confinement import landlock

    try:
        abi = landlock.read_abi()
        landlock.restrict(abi)
    except OSError as error:
        mechanisms = (
            ConfinementMechanism.LANDLOCK_FILES,
            ConfinementMechanism.LANDLOCK_TCP,
            ConfinementMechanism.LANDLOCK_SIGNALS,
        )
        return dict.fromkeys(mechanisms, str(error.strerror))
    return list_missing_in_landlock(abi)


def _try(
    mechanism: ConfinementMechanism,
    apply: Callable[[], None],
    missing: dict[ConfinementMechanism, str],
) -> None:
    """Apply a mechanism; if the kernel refuses it, add the reason to `missing`."""
    try:
        apply()
    except OSError as error:
        missing[mechanism] = str(error.strerror)
