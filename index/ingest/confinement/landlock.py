"""Forbid files, TCP and signals with Landlock, as far as the kernel's version of it can.

https://docs.kernel.org/userspace-api/landlock.html describes the versions (ABIs).
"""

from __future__ import annotations

import ctypes
import os

from index.ingest.confinement.linux import forbid_new_privileges, system_call

FILES_ABI = 1
"""The first version that restricts files."""
TCP_ABI = 4
"""The first version that restricts TCP."""
SIGNALS_ABI = 6
"""The first version that restricts signals and abstract Unix sockets."""

_CREATE_RULESET = 444
"""`landlock_create_ruleset` of <asm-generic/unistd.h>; the same number on every architecture."""
_RESTRICT_SELF = 446
"""`landlock_restrict_self` of <asm-generic/unistd.h>; the same number on every architecture."""
_CREATE_RULESET_VERSION = 1
"""LANDLOCK_CREATE_RULESET_VERSION of <linux/landlock.h>."""
_FILE_ACCESS_BITS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""How many LANDLOCK_ACCESS_FS_* of <linux/landlock.h> a version has, the lowest bits.

Version 2 added REFER, version 3 TRUNCATE and version 5 IOCTL_DEV.
"""
_TCP_ACCESS = 0b11
"""LANDLOCK_ACCESS_NET_BIND_TCP and LANDLOCK_ACCESS_NET_CONNECT_TCP of <linux/landlock.h>."""
_SCOPES = 0b11
"""LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL of <linux/landlock.h>."""


class RulesetAttributes(ctypes.Structure):
    """`struct landlock_ruleset_attr` of <linux/landlock.h>.

    Older kernels know only its beginning, and accept the rest as long as it is 0.
    """

    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def read_abi() -> int:
    """Return the kernel's version of Landlock. Raises `OSError` if it has none."""
    return system_call(_CREATE_RULESET, 0, 0, _CREATE_RULESET_VERSION)


def build_attributes(abi: int) -> RulesetAttributes:
    """Return all that a version of Landlock can restrict."""
    file_bits = max(bits for first_abi, bits in _FILE_ACCESS_BITS if first_abi <= abi)
    return RulesetAttributes(
        handled_access_fs=(1 << file_bits) - 1,
        handled_access_net=_TCP_ACCESS if abi >= TCP_ABI else 0,
        scoped=_SCOPES if abi >= SIGNALS_ABI else 0,
    )


def restrict(abi: int) -> None:
    """Forbid the process all that this version of Landlock can restrict. Raises `OSError`.

    No rule allows anything. Files that are open stay open, and the process may signal itself.
    """
    attributes = build_attributes(abi)
    pointer = ctypes.cast(ctypes.pointer(attributes), ctypes.c_void_p)
    ruleset = system_call(_CREATE_RULESET, pointer, ctypes.sizeof(attributes), 0)
    try:
        forbid_new_privileges()
        system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
