"""Where the secret of a hook may stand, and who knows it."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from preboard.catalog.service.keys import hash_of
from preboard.server.arrivals.arrival import Incoming
from preboard.server.arrivals.parts import Part
from preboard.server.arrivals.secrets import Hashed, check_secret, needs_itself, parse_secret

SECRET = "n0t-Very long-Ünd"  # noqa: S105 - of nobody
BODY = b'{"a": 1}'


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def signature(algorithm="sha256", body=BODY):
    return hmac.new(SECRET.encode(), body, algorithm)


SIGNED = signature().hexdigest()
OTHERS = hmac.new(b"x", BODY, "sha256").hexdigest()
GITHUB = {"hmac": {"header": "X-Hub-Signature-256", "prefix": "sha256="}}


@pytest.mark.parametrize(
    ("settings", "headers", "query", "knows"),
    [
        ({"header": "X-Token"}, {"x-token": SECRET}, {}, True),
        ({"header": "X-Token"}, {"x-token": SECRET + " "}, {}, False),
        ({"header": "X-Token"}, {"x-token": SECRET[:-1]}, {}, False),
        ({"header": "X-Token"}, {"x-token": ""}, {}, False),
        ({"header": "X-Token"}, {"x-token": "a\udcff" * 5_000}, {}, False),
        ({"header": "X-Token"}, {"x-token": "\udcff"}, {}, False),
        ({"header": "X-Token"}, {}, {"X-Token": SECRET}, False),
        (
            {"header": "Authorization", "prefix": "Bearer "},
            {"authorization": f"bearer {SECRET}"},
            {},
            True,
        ),
        ({"header": "Authorization", "prefix": "Bearer "}, {"authorization": SECRET}, {}, False),
        ({"query": "token"}, {}, {"token": SECRET}, True),
        ({"query": "token"}, {"token": SECRET}, {}, False),
        ({"basic": {}}, {"authorization": basic(f"anybody:{SECRET}")}, {}, True),
        ({"basic": {"user": "mft"}}, {"authorization": basic(f"mft:{SECRET}")}, {}, True),
        ({"basic": {"user": "mft"}}, {"authorization": basic(f"other:{SECRET}")}, {}, False),
        ({"basic": {"user": "mft"}}, {"authorization": basic("mft:wrong")}, {}, False),
        ({"basic": {}}, {"authorization": basic(SECRET)}, {}, False),
        ({"basic": {}}, {"authorization": "Basic %%%"}, {}, False),
        ({"basic": {}}, {"authorization": "Basic /w=="}, {}, False),
        ({"basic": {}}, {"authorization": f"Bearer {SECRET}"}, {}, False),
        (GITHUB, {"x-hub-signature-256": f"sha256={SIGNED}"}, {}, True),
        (GITHUB, {"x-hub-signature-256": f"sha256={SIGNED.upper()}"}, {}, True),
        (GITHUB, {"x-hub-signature-256": SIGNED}, {}, False),
        (GITHUB, {"x-hub-signature-256": "sha256=" + signature(body=b"{}").hexdigest()}, {}, False),
        (GITHUB, {"x-hub-signature-256": "sha256=" + OTHERS}, {}, False),
        (GITHUB, {"x-hub-signature-256": f"sha256={SIGNED[:10]}"}, {}, False),
        (GITHUB, {"x-hub-signature-256": "sha256=zz"}, {}, False),
        (GITHUB, {"x-hub-signature-256": "sha256="}, {}, False),
        (GITHUB, {"x-hub-signature-256": "sha256=" + SECRET}, {}, False),
        (GITHUB, {}, {}, False),
        (
            {"hmac": {"header": "X-Sig", "algorithm": "sha512", "encoding": "base64"}},
            {"x-sig": base64.b64encode(signature("sha512").digest()).decode()},
            {},
            True,
        ),
        (
            {"hmac": {"header": "X-Sig", "encoding": "base64"}},
            {"x-sig": base64.b64encode(signature("sha1").digest()).decode()},
            {},
            False,
        ),
        (
            {"hmac": {"header": "X-Hub-Signature", "algorithm": "sha1", "prefix": "sha1="}},
            {"x-hub-signature": "sha1=" + signature("sha1").hexdigest()},
            {},
            True,
        ),
    ],
)
def test_secret(settings, headers, query, knows):
    incoming = Incoming(BODY, headers, query)

    assert check_secret(incoming, parse_secret(Part(settings)), SECRET) is knows
    # The hash knows as much, but of a signature.
    kept = Hashed(hash_of(SECRET))
    asked = parse_secret(Part(settings))
    assert check_secret(incoming, asked, kept) is (knows and not needs_itself(asked))


@pytest.mark.parametrize("settings", [{"header": "X"}, {"query": "x"}, {"basic": {}}, GITHUB])
def test_an_empty_secret_is_known_to_nobody(settings):
    empty = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    headers = {"x": "", "authorization": basic("a:"), "x-hub-signature-256": f"sha256={empty}"}

    assert not check_secret(Incoming(BODY, headers, {"x": ""}), parse_secret(Part(settings)), "")
