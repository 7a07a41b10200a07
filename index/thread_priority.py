"""Low-priority threads for background work, which yields the CPU to interactive work."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""Niceness (the maximum is 19). On a busy machine such a thread gets a tenth of another's time."""
_thread_state = threading.local()


def lower_thread_priority() -> None:
    """Lower the priority of this thread, and of the processes that it starts, permanently.

    Only Linux has per-thread priorities. On other systems the thread is only marked, see
    `is_background_thread`.
    """
    _thread_state.is_background = True
    if sys.platform == "linux":
        number = threading.get_native_id()
        niceness = max(NICENESS, os.getpriority(os.PRIO_PROCESS, number))
        os.setpriority(os.PRIO_PROCESS, number, niceness)


def is_background_thread() -> bool:
    """Return whether this is a background thread, which must not use other threads for its work."""
    return getattr(_thread_state, "is_background", False)
