"""The secret of a hook: where the sender puts it, and whether it is the right one.

The secret, or its hash, is kept by the caller and never here. Every comparison takes the same time
for a wrong secret as for the right one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from preboard.catalog.service.keys import hash_of

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import Incoming
    from preboard.server.arrivals.parts import Part

Algorithm = Literal["sha256", "sha512", "sha1"]
Encoding = Literal["hex", "base64"]

_KINDS = ("header", "query", "basic", "hmac")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_QUERY = re.compile(r"[A-Za-z0-9_.~-]{1,100}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
LONGEST_SENT = 4_096


@dataclass(frozen=True, slots=True)
class InHeader:
    """In a header, behind `prefix`: `Bearer ` for `Authorization`."""

    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class InQuery:
    """In a parameter of the URL, for senders that can't send headers."""

    name: str


@dataclass(frozen=True, slots=True)
class Basic:
    """As the password of HTTP basic authentication, with this user name, or any."""

    user: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Nowhere: the sender signs the raw body with it (HMAC) and puts the signature in a header.

    The secret itself is in the project's env, under the name `variable`.
    """

    header: str
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    variable: str = ""


SecretSettings = InHeader | InQuery | Basic | Signature


def needs_itself(settings: SecretSettings) -> bool:
    """Say whether the secret itself must be kept, since its hash can't check a signature."""
    return isinstance(settings, Signature)


def parse_secret(part: Part) -> SecretSettings:
    """Read `{"header": ...}`, `{"query": ...}`, `{"basic": {...}}` or `{"hmac": {...}}`.

    Raises:
        NotUnderstood: it is none of them.
    """
    part.object()
    kinds = [kind for kind in _KINDS if kind in part.value]
    if len(kinds) != 1:
        raise part.wrong(
            "must say one way of sending the secret", hint="one of " + ", ".join(_KINDS)
        )
    match kinds[0]:
        case "header":
            part.only(["header", "prefix"])
            return InHeader(_header(part["header"]), _prefix(part["prefix"]))
        case "query":
            name = part.only(["query"])["query"].text()
            if not _QUERY.fullmatch(name):
                raise part["query"].wrong(
                    "must be the name of a parameter: letters, digits, - . _ ~"
                )
            return InQuery(name)
        case "basic":
            user = part.only(["basic"])["basic"].only(["user"])["user"]
            return Basic(user.text_or_none())
    known = ["header", "algorithm", "encoding", "prefix", "variable"]
    signed = part.only(["hmac"])["hmac"].only(known)
    return Signature(
        header=_header(signed["header"]),
        algorithm=signed["algorithm"].one_of(("sha256", "sha512", "sha1"), "sha256"),  # type: ignore[arg-type]
        encoding=signed["encoding"].one_of(("hex", "base64"), "hex"),  # type: ignore[arg-type]
        prefix=_prefix(signed["prefix"]),
        variable=_variable(signed["variable"]),
    )


def _header(part: Part) -> str:
    name = part.text()
    if not _HEADER.fullmatch(name):
        raise part.wrong("must be the name of a header")
    return name.lower()


def _variable(part: Part) -> str:
    if not part.told:
        return ""
    if not _VARIABLE.fullmatch(part.text()):
        raise part.wrong("must be a name in the project's env: letters, digits, _ - .")
    return part.text()


def _prefix(part: Part) -> str:
    prefix = part.value if part.told else ""
    if not isinstance(prefix, str) or len(prefix) > 100 or not prefix.isprintable():  # noqa: PLR2004
        raise part.wrong("must be a text of at most 100 characters")
    return prefix


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hash that is kept of a secret, by `preboard.catalog.service.keys.hash_of`."""

    hash: str = field(repr=False)


Expected = str | Hashed


def check_secret(incoming: Incoming, settings: SecretSettings, expected: Expected) -> bool:
    """Say whether a request knows the secret `expected`; an empty one is known to nobody.

    A signature can't be checked with a hash: then nobody knows it.
    """
    if not expected:
        return False
    match settings:
        case InHeader(name, prefix):
            sent = incoming.headers.get(name)
            return _same(_behind(sent, prefix), expected)
        case InQuery(name):
            return _same(incoming.query.get(name), expected)
        case Basic(user):
            return _is_password(incoming.headers.get("authorization"), user, expected)
        case Signature():
            return isinstance(expected, str) and _is_signed(incoming, settings, expected)


def _behind(sent: str | None, prefix: str) -> str | None:
    """Return what stands behind a prefix, whose case does not count; None if it is not there."""
    if sent is None or sent[: len(prefix)].casefold() != prefix.casefold():
        return None
    return sent[len(prefix) :]


def _same(sent: str | None, expected: Expected) -> bool:
    """Compare hashes, so that not even the length of the secret can be measured."""
    if sent is None or len(sent) > LONGEST_SENT:
        return False
    wanted = expected.hash if isinstance(expected, Hashed) else hash_of(expected)
    return hmac.compare_digest(hash_of(sent), wanted)


def _is_password(header: str | None, user: str | None, expected: Expected) -> bool:
    sent = _behind(header, "Basic ")
    if sent is None or len(sent) > LONGEST_SENT:
        return False
    try:
        told = base64.b64decode(sent.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    name, colon, password = told.partition(":")
    fits = bool(colon) and (user is None or _same(name, user))
    return _same(password, expected) and fits


def _is_signed(incoming: Incoming, settings: Signature, expected: str) -> bool:
    sent = _behind(incoming.headers.get(settings.header), settings.prefix)
    if sent is None or len(sent) > LONGEST_SENT:
        return False
    try:
        if settings.encoding == "hex":
            signature = bytes.fromhex(sent)
        else:
            signature = base64.b64decode(sent, validate=True)
    except (binascii.Error, ValueError):
        return False
    right = hmac.new(expected.encode(), incoming.body, settings.algorithm).digest()
    return hmac.compare_digest(signature, right)
