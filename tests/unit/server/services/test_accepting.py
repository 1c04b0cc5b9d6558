"""What is accepted: who asked for it, and which texts can be looked up."""

from __future__ import annotations

import pytest

from preboard.errors import BadReference
from preboard.manifests.staging import Provenance
from preboard.server.services.accepting import Asker, checked_text


def test_what_is_told_of_a_file_goes_before_what_is_known_of_who_asks():
    asker = Asker(name="ab12 sftp", key_name="sftp", address="203.0.113.9")
    told = asker.provenance(Provenance(partner="Acme", protocol="sftp"))
    assert told == Provenance(
        partner="Acme", protocol="sftp", registered_by="sftp", address="203.0.113.9"
    )
    assert Asker(name="nightly").provenance().registered_by == "nightly"


@pytest.mark.parametrize("text", ["orders", "$é.files.:last", "", "a b"])
def test_a_text_that_can_be_looked_up_is_left_as_it_is(text):
    assert checked_text(text) == text


@pytest.mark.parametrize(("text", "at"), [("a\0", 1), ("\ud800", 0), ("ab\n", 2), ("\x7f", 0)])
def test_signs_that_no_database_keeps_are_refused_with_their_place(text, at):
    with pytest.raises(BadReference) as raised:
        checked_text(text)
    assert raised.value.at == at
