"""Background work: nobody waits for it, so it leaves the machine to whatever somebody waits for."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""Of 19. Where the machine is wanted, a thread this nice gets a tenth of what another gets."""
_thread = threading.local()


def lower_thread_priority() -> None:
    """Let all other threads go before this one, and those of the processes that it starts.

    For the rest of this thread's life. Only Linux has priorities of threads; elsewhere it is only
    known of the thread, see `is_background_thread`.
    """
    _thread.gives_way = True
    if sys.platform == "linux":
        number = threading.get_native_id()
        niceness = max(NICENESS, os.getpriority(os.PRIO_PROCESS, number))
        os.setpriority(os.PRIO_PROCESS, number, niceness)


def is_background_thread() -> bool:
    """Say whether this thread's work is in the background: it asks no other thread to help."""
    return getattr(_thread, "gives_way", False)
