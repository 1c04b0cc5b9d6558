"""What functions of your own are declared with, and what allows them.

A module declares them; importing it changes nothing:

    from preboard.functions import Fault, Text, function

    @function("iban", gives="match", args=[Text])
    def iban(call, text):
        "Matches an IBAN whose check digits are right."
        ...

`use("acme_checks")` allows them in the statements of this process, `use_installed()` those that
installed distributions name in the entry points `preboard.functions`. Without that a statement that
calls one is refused.
"""

from preboard.language.functions.call import Call, Fault
from preboard.language.functions.own import declared as function
from preboard.language.functions.own import forbid, use, use_installed
from preboard.language.functions.registry import Function
from preboard.language.functions.signature import (
    AnyText,
    Anything,
    Count,
    Flag,
    Integer,
    Number,
    NumberOrNone,
    Param,
    Text,
    TextOrEmpty,
    TextOrNone,
    many,
    optional,
)

__all__ = [
    "AnyText", "Anything", "Call", "Count", "Fault", "Flag", "Function", "Integer", "Number",
    "NumberOrNone", "Param", "Text", "TextOrEmpty", "TextOrNone", "forbid", "function", "many",
    "optional", "use", "use_installed",
]  # fmt: skip
