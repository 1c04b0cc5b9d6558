"""What docs/how-to/arrivals/ shows is true.

In order: a `json hook` block is a definition, `json body` a request to the hook before it, `json
taken` what becomes of it, and `json action` an action of SFTPGo whose body is filled and read.
Other `json` blocks are JSON.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from textwrap import dedent

import pytest

from preboard.server.arrivals.adapters import ADAPTERS
from preboard.server.arrivals.arrival import Heard, Incoming, Left
from preboard.server.arrivals.locations import is_url
from preboard.server.arrivals.mapping import HookMapping, parse
from preboard.server.arrivals.routing import Delivery, route
from preboard.storage.remote.addresses import address_of

PAGES = sorted(Path(__file__).parents[2].glob("docs/how-to/arrivals/*.md"))
BLOCK = re.compile(r"^( *)```json ?(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{\.?(\w+)\}\}")
FILLED = {
    "Event": "upload",
    "Status": "1",
    "VirtualPath": '/orders/May \\"1\\".csv',
    "FsPath": "/srv/alder/orders/may.csv",
    "VirtualTargetPath": "",
    "FsTargetPath": "",
    "FileSize": "97",
    "Name": "alder",
    "Protocol": "SFTP",
    "IP": "203.0.113.9",
    "Timestamp": "1795245120000000000",
    "UID": "d1fgk2",
}


def blocks(page):
    """Return the JSON blocks of a page: what each is, and its value."""
    text = page.read_text(encoding="utf-8")
    return [(found[2], json.loads(dedent(found[3]))) for found in BLOCK.finditer(text)]


def outcomes(mapping: HookMapping, body):
    """Return what a hook makes of a body, in the order: taken, left by a rule, left before."""
    heard = mapping.read(Incoming(json.dumps(body).encode()))
    assert isinstance(heard, Heard)
    return [*(route(mapping, file) for file in heard.files), *heard.left]


def told(outcome: Delivery | Left, keys):
    """Return the keys of an outcome that a page shows; what is taken can be fetched."""
    if isinstance(outcome, Delivery) and is_url(outcome.location):
        address_of(outcome.location)
    known: dict[str, object]
    if isinstance(outcome, Left):
        known = {"left": outcome.path, "reason": outcome.reason}
    else:
        known = {**asdict(outcome.arrival), **asdict(outcome), "partner": outcome.arrival.partner}
    return {key: known[key] for key in keys}


def filled(action):
    """Return the body that SFTPGo makes of an action, with quotes escaped as it does."""
    headers = {each["key"]: each["value"] for each in action["options"]["http_config"]["headers"]}
    assert headers["Content-Type"] == "application/json"
    body = action["options"]["http_config"]["body"]
    return json.loads(PLACEHOLDER.sub(lambda found: FILLED[found[1]], body))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page):
    mapping: HookMapping | None = None
    came: list[Delivery | Left] = []
    for kind, value in blocks(page):
        if kind == "hook":
            mapping = parse(value)
            continue
        if not kind:
            continue
        assert mapping is not None
        if kind == "body":
            came = outcomes(mapping, value)
        elif kind == "taken":
            assert [told(each, shown) for each, shown in zip(came, value, strict=True)] == value
        else:
            assert kind == "action"
            (delivery,) = outcomes(mapping, filled(value))
            assert isinstance(delivery, Delivery)
            assert delivery.arrival.path == '/orders/May "1".csv'
            assert delivery.location.endswith("/orders/May%20%221%22.csv")
            assert delivery.arrival.event_id == "d1fgk2"


def test_every_adapter_but_that_of_plain_s3_is_shown():
    hooks = [value for page in PAGES for kind, value in blocks(page) if kind == "hook"]
    shown = {hook["adapter"] for hook in hooks if "poll" not in hook}

    assert shown == set(ADAPTERS) - {"s3"}


def test_the_pages_show_bodies_and_what_comes_of_them():
    kinds = {page.stem: [kind for kind, _ in blocks(page)] for page in PAGES}

    assert all(
        found.count("body") == found.count("taken") > 0
        for page, found in kinds.items()
        if page != "README"
    )
    assert kinds["sftpgo"].count("action") == 2
