"""Forbid all system calls but those of computing, with a seccomp filter.

The filter is a program of the kernel's classic BPF, which reads `struct seccomp_data`
(<linux/seccomp.h>): https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterable
from typing import NamedTuple

from index.ingest.confinement.linux import forbid_new_privileges, prctl

_PR_SET_SECCOMP = 22
"""<linux/prctl.h>."""
_SECCOMP_MODE_FILTER = 2
"""<linux/seccomp.h>."""
_RET_KILL_PROCESS = 0x80000000
"""SECCOMP_RET_KILL_PROCESS of <linux/seccomp.h>."""
_RET_ERRNO = 0x00050000
"""SECCOMP_RET_ERRNO of <linux/seccomp.h>; the error's number is in the lower half."""
_RET_ALLOW = 0x7FFF0000
"""SECCOMP_RET_ALLOW of <linux/seccomp.h>."""
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
"""Offsets in `struct seccomp_data`; of the argument, the lower half on little-endian processors."""
_LOAD_WORD = 0x20
"""BPF_LD | BPF_W | BPF_ABS of <linux/bpf_common.h>."""
_JUMP_IF_EQUAL = 0x15
"""BPF_JMP | BPF_JEQ | BPF_K of <linux/bpf_common.h>."""
_RETURN = 0x06
"""BPF_RET | BPF_K of <linux/bpf_common.h>."""


class _Architecture(NamedTuple):
    """The numbers of one processor architecture."""

    audit_number: int
    """AUDIT_ARCH_* of <linux/audit.h>."""
    column: int
    """Its column in the tables of system calls."""


_ARCHITECTURES = {
    "x86_64": _Architecture(0xC000003E, 0),
    "aarch64": _Architecture(0xC00000B7, 1),
}
"""By the machine's name in uname(2)."""
_SYSTEM_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
"""The system calls that are allowed: memory, time, open files, and the own signal handlers.

Their numbers on x86_64 (arch/x86/entry/syscalls/syscall_64.tbl of the kernel's source) and on
aarch64 (<asm-generic/unistd.h>). None of them opens anything or reaches another process.
"""
_SIGNAL_CALLS = {"tkill": (200, 130), "tgkill": (234, 131)}
"""The system calls that are allowed to the process for itself: abort(3) ends it with one."""


class BpfInstruction(ctypes.Structure):
    """`struct sock_filter` of <linux/filter.h>."""

    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jump_if_true", ctypes.c_uint8),
        ("jump_if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    """`struct sock_fprog` of <linux/filter.h>."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(BpfInstruction)))


def forbid_system_calls() -> None:
    """Forbid the process all system calls but those of computing. Raises `OSError`.

    A forbidden call fails with EPERM, so that an optional module that cannot be imported counts as
    missing. A call of another architecture (int 0x80) kills the process.
    """
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"no filter for the processor {platform.machine()}")
    install_filter(_build_filter(architecture, os.getpid()))


def install_filter(instructions: Iterable[BpfInstruction]) -> None:
    """Let the kernel run this program before each system call of the process. Raises `OSError`."""
    program_instructions = tuple(instructions)
    array = (BpfInstruction * len(program_instructions))(*program_instructions)
    program = _Program(len(program_instructions), array)
    forbid_new_privileges()
    pointer = ctypes.cast(ctypes.pointer(program), ctypes.c_void_p)
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer)


def _build_filter(architecture: _Architecture, process_id: int) -> list[BpfInstruction]:
    column = architecture.column
    signal_calls = [numbers[column] for numbers in _SIGNAL_CALLS.values()]
    return [
        BpfInstruction(_LOAD_WORD, 0, 0, _ARCHITECTURE_OFFSET),
        BpfInstruction(_JUMP_IF_EQUAL, 1, 0, architecture.audit_number),
        BpfInstruction(_RETURN, 0, 0, _RET_KILL_PROCESS),
        BpfInstruction(_LOAD_WORD, 0, 0, _NUMBER_OFFSET),
        *(
            instruction
            for numbers in _SYSTEM_CALLS.values()
            for instruction in (
                BpfInstruction(_JUMP_IF_EQUAL, 0, 1, numbers[column]),
                BpfInstruction(_RETURN, 0, 0, _RET_ALLOW),
            )
        ),
        *(
            BpfInstruction(_JUMP_IF_EQUAL, len(signal_calls) - position, 0, number)
            for position, number in enumerate(signal_calls)
        ),
        BpfInstruction(_RETURN, 0, 0, _RET_ERRNO | errno.EPERM),
        BpfInstruction(_LOAD_WORD, 0, 0, _FIRST_ARGUMENT_OFFSET),
        BpfInstruction(_JUMP_IF_EQUAL, 0, 1, process_id),
        BpfInstruction(_RETURN, 0, 0, _RET_ALLOW),
        BpfInstruction(_RETURN, 0, 0, _RET_ERRNO | errno.EPERM),
    ]
