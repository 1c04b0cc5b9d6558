"""The heap that children are forked with has no holes."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# In a process of its own: the holes of this one are of use to other tests.
FRAGMENTED = """
import ctypes
from preboard.jobs.heap import fill_holes
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
library.free.argtypes = (ctypes.c_void_p,)
pieces = [library.malloc(1500) for _ in range(4000)]
for piece in pieces[::2]:
    library.free(piece)
print(fill_holes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_between_pieces_in_use_is_taken():
    told = subprocess.run(
        [sys.executable, "-c", FRAGMENTED], capture_output=True, text=True, check=True, timeout=60
    )
    assert 0 <= int(told.stdout) < 100_000  # of three million
