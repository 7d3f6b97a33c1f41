"""Keeps memory that pictures were worked on in, for the next one."""

import ctypes
import sys
from typing import Final

# glibc's names for mallopt's parameters.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3

# glibc's own upper limit for the threshold on 64-bit machines.
_BLOCK_BYTES: Final = 32 * 1024 * 1024
_KEPT_BYTES: Final = 256 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Have the allocator keep freed blocks instead of giving them back to the system.

    A picture's buffers take megabytes. Given back, they are handed out again page by page, each
    with a fault and a cleared page: a third of the time for a picture of 640 x 360. What is
    kept was in use once at the same time, so the process needs no more than at its peak.

    Returns:
        Whether the C library knows how; others are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return False
    kept = libc.mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES)
    return bool(kept and libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES))
