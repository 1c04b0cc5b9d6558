"""The heap of a process that others are forked from."""

from __future__ import annotations

import ctypes
from itertools import chain

_BATCH = 16
_LARGE = tuple(1 << bits for bits in range(17, 9, -1))
_SMALL = tuple(range(1008, 15, -16))


class _Usage(ctypes.Structure):
    """`struct mallinfo2` of the GNU C library, from version 2.33 on; all in bytes or counts."""

    _fields_ = (
        ("arena", ctypes.c_size_t),
        ("ordblks", ctypes.c_size_t),
        ("smblks", ctypes.c_size_t),
        ("hblks", ctypes.c_size_t),
        ("hblkhd", ctypes.c_size_t),
        ("usmblks", ctypes.c_size_t),
        ("fsmblks", ctypes.c_size_t),
        ("uordblks", ctypes.c_size_t),
        ("fordblks", ctypes.c_size_t),
        ("keepcost", ctypes.c_size_t),
    )


def fill_holes() -> int:
    """Take the free pieces between what is in use, for good; returns how many bytes remain free.

    A child that was given one of them would have its page copied, and one that looks for a piece
    that fits touches many: at the end of the heap, where it is now given all it asks for, pages
    are its own and next to each other. That saves a child a quarter of its page faults.

    With another C library than GNU's nothing is done, and 0 is returned.
    """
    library = ctypes.CDLL(None)
    try:
        usage, take, give_back = library.mallinfo2, library.malloc, library.free
    except AttributeError:
        return 0
    usage.restype = _Usage
    take.restype, take.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    give_back.restype, give_back.argtypes = None, (ctypes.c_void_p,)

    def holes() -> int:
        found = usage()
        return int(found.fordblks - found.keepcost)  # but for the free end of the heap

    left = holes()
    for size in chain(_LARGE, _SMALL):
        while left >= size:
            pieces = [take(size) for _ in range(_BATCH)]
            before, left = left, holes()
            if before - left < _BATCH * size // 2:  # most were of the end
                for piece in pieces:
                    give_back(piece)
                left = holes()
                break
    return left
