"""Call the Linux kernel, by functions of the C library and by numbers of system calls."""

from __future__ import annotations

import ctypes
import os

PR_SET_DUMPABLE = 4
"""<linux/prctl.h>."""
PR_GET_DUMPABLE = 3
"""<linux/prctl.h>."""
PR_SET_PDEATHSIG = 1
"""<linux/prctl.h>."""
_PR_SET_NO_NEW_PRIVS = 38
"""<linux/prctl.h>."""
_CLONE_NEWUSER = 0x10000000
"""<linux/sched.h>."""
_CLONE_NEWNET = 0x40000000
"""<linux/sched.h>."""
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
"""<linux/capability.h>."""

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    """`struct __user_cap_header_struct` of <linux/capability.h>; process 0 is the caller."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    """`struct __user_cap_data_struct` of <linux/capability.h>: one half of the 64 capabilities."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def prctl(option: int, *arguments: int | ctypes.c_void_p) -> int:
    """Control the process; the arguments that are not given are 0. Raises `OSError`."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _check(_libc.prctl(option, *map(_to_word, padded)))


def system_call(number: int, *arguments: int | ctypes.c_void_p) -> int:
    """Make a system call by its number. Raises `OSError`."""
    return _check(_libc.syscall(ctypes.c_long(number), *map(_to_word, arguments)))


def forbid_new_privileges() -> None:
    """Give up privileges that programs started later would gain, as filters demand.

    Raises `OSError`.
    """
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def enter_empty_network() -> None:
    """Move the process into a user and a network namespace of its own, without any interface.

    Raises `OSError`: the kernel may forbid it, and the process may have only one thread.
    """
    _check(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET))


def drop_capabilities() -> None:
    """Give up all capabilities, those of a root user included. Raises `OSError`."""
    header = _CapabilityHeader(_LINUX_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), ctypes.byref((_CapabilityData * 2)())))


def _to_word(argument: int | ctypes.c_void_p) -> ctypes.c_ulong | ctypes.c_void_p:
    return ctypes.c_ulong(argument) if isinstance(argument, int) else argument


def _check(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
