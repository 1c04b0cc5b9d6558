"""Keys: what is kept of one, when it is good, and who remains an admin."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from preboard.catalog.database import Database, sqlite_url
from preboard.catalog.service import keys as module
from preboard.catalog.service import tables
from preboard.catalog.service.keys import Keys, Wished, hash_of, id_in, parts_of
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    opened = Database(sqlite_url(tmp_path_factory.mktemp("keys") / "preboard.db"))
    yield opened
    opened.close()


@pytest.fixture
def keys(database):
    with database.writing() as connection:
        connection.execute(tables.keys.delete())
    return Keys(database)


def now(**later):
    return iso(utc_now() + timedelta(**later))


def secret_of(made):
    return made.text[11:]


def wished(**more):
    return Wished(owner="o1", name="loader", **more)


class TestWhatAKeyIs:
    def test_it_has_an_id_that_may_be_told_and_a_secret_of_256_bits(self, keys):
        made = keys.create(wished())

        assert parts_of(made.text) == (made.key.id, secret_of(made))
        assert made.text == f"pb_{made.key.id}{secret_of(made)}"
        assert len(secret_of(made)) == 43

    def test_no_column_of_the_database_holds_the_secret(self, keys, database):
        made = keys.create(wished())
        secret = secret_of(made)

        with sqlite3.connect(database.engine.url.database) as plain:
            assert secret not in "\n".join(plain.iterdump())
        assert keys.by_public_id(made.key.id).hash == hash_of(secret)

    def test_two_are_never_the_same(self, keys):
        made = {keys.create(wished()).text for _ in range(20)}

        assert len({text[3:11] for text in made}) == len({text[11:] for text in made}) == 20

    @pytest.mark.parametrize(
        "text",
        ["", "pb_", "pb_abcdefgh", "pb_ABCDEFGH" + "x" * 43, "pb_abcdefgh" + "x" * 42,
         "pb_abcdefgh" + "x" * 44, "a117322a-0000-4000-8000-000000000000",
         "pb_abcdefgh" + "x" * 42 + "\n", "pb_abcdefgh" + "x" * 42 + "é"],
    )  # fmt: skip
    def test_what_has_not_its_form_is_none(self, text):
        assert parts_of(text) is None

    def test_it_is_named_whole_or_by_its_id(self):
        whole = "pb_abcdefgh" + "x" * 43

        assert id_in(whole) == id_in("pb_abcdefgh") == id_in("abcdefgh") == "abcdefgh"


class TestWhenItIsGood:
    def test_with_its_own_secret_only(self, keys):
        made, other = keys.create(wished()), keys.create(wished())

        assert made.key.opens_with(secret_of(made), now())
        assert not made.key.opens_with(secret_of(other), now())

    def test_until_it_expires(self, keys):
        key = keys.create(wished(expires=now(hours=1))).key

        assert key.is_good(now())
        assert not key.is_good(now(hours=2))
        assert keys.expire(key.id, None, now()).is_good(now(hours=2))

    def test_until_it_is_revoked_and_never_again(self, keys):
        key = keys.create(wished()).key
        revoked = keys.revoke(key.id, now())

        assert not revoked.is_good(now())
        assert keys.revoke(key.id, now(hours=1)).revoked == revoked.revoked
        for change in (
            lambda: keys.rotate(key.id),
            lambda: keys.promote(key.id),
            lambda: keys.expire(key.id, None, now()),
            lambda: keys.change(key.id, name="x"),
        ):
            with pytest.raises(NotFound):
                change()

    def test_a_rotated_one_opens_with_the_new_secret_at_once(self, keys):
        made = keys.create(wished())
        rotated = keys.rotate(made.key.id)

        assert rotated.key.id == made.key.id
        assert rotated.key.opens_with(secret_of(rotated), now())
        assert not rotated.key.opens_with(secret_of(made), now())

    def test_with_the_former_secret_for_as_long_as_is_said(self, keys):
        made = keys.create(wished())
        rotated = keys.rotate(made.key.id, now(minutes=5))

        assert rotated.key.opens_with(secret_of(made), now())
        assert not rotated.key.opens_with(secret_of(made), now(minutes=6))

    def test_revoking_forgets_the_former_secret(self, keys):
        made = keys.create(wished())
        keys.rotate(made.key.id, now(minutes=5))

        assert keys.revoke(made.key.id, now()).old_hash is None


class TestAdmins:
    def test_of_many_who_begin_at_once_one_makes_the_first(self, keys):
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: keys.create_first(wished()), range(8)))

        assert sum(each is not None for each in made) == 1
        assert [key.admin for key in keys.list(10)] == [True]

    def test_the_last_one_stays_an_admin(self, keys):
        first = keys.create_first(wished()).key
        other = keys.create(wished()).key
        for change in (
            lambda: keys.revoke(first.id, now()),
            lambda: keys.demote(first.id, now()),
            lambda: keys.expire(first.id, now(hours=1), now()),
        ):
            with pytest.raises(Conflict, match="last admin key"):
                change()

        keys.promote(other.id)
        assert keys.demote(first.id, now()).admin is False

    def test_one_that_has_expired_does_not_count(self, keys):
        first = keys.create_first(wished()).key
        keys.create(wished(admin=True, expires=now(seconds=-1)))

        with pytest.raises(Conflict):
            keys.revoke(first.id, now())

    def test_an_owner_has_no_more_than_a_number_of_keys(self, keys, monkeypatch):
        monkeypatch.setattr(module, "MOST_OF_AN_OWNER", 3)
        made = [keys.create(wished()).key for _ in range(3)]

        with pytest.raises(Conflict, match="3 keys"):
            keys.create(wished())
        keys.revoke(made[0].id, now())
        keys.create(wished())


class TestLists:
    def test_pages_hold_each_key_once(self, keys):
        made = {keys.create(Wished(owner=f"o{at % 2}", name=str(at))).key.id for at in range(7)}
        found, after = [], None
        while page := keys.list(3, after=after):
            found += page
            after = page[-1].created, page[-1].id

        assert len(found) == 7
        assert {key.id for key in found} == made
        assert {key.name for key in keys.list(10, owner="o1")} == {"1", "3", "5"}

    def test_use_is_noted_at_most_once_a_minute(self, keys, database, monkeypatch):
        key = keys.create(wished()).key
        keys.note_used(key)
        noted = keys.by_public_id(key.id)
        monkeypatch.setattr(database, "viewing", None)  # no transaction is begun any more

        assert noted.last_used is not None
        keys.note_used(noted)
