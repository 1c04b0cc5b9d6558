"""Bytes on their way in, and what is left of them when their owner died."""

import errno
import hashlib
import io
from typing import BinaryIO, cast

import pytest

from preboard.errors import InputError, Refused, StoreError
from preboard.storage import incoming as storage
from preboard.storage.incoming import Incoming, discard, left_over, linked_to, prune, put_aside
from preboard.storage.local import put_new
from preboard.storage.locks import Owner


def parts(space):
    return sorted((space / ".incoming").iterdir())


class TestTake:
    @pytest.mark.parametrize("content", [b"", b"a,b\n", b"x" * (3 << 20)])
    def test_size_and_fingerprint_are_those_of_the_stream(self, tmp_path, content):
        with Incoming(tmp_path, "me", "orders") as part:
            part.take(io.BytesIO(content))

            assert part.size == len(content)
            assert part.fingerprint == hashlib.sha256(content).hexdigest()
            assert part.path.read_bytes() == content
            assert part.path.stat().st_mode & 0o222 == 0
        assert parts(tmp_path) == []

    def test_more_than_may_be_is_refused_while_it_is_read(self, tmp_path):
        class Endless(io.RawIOBase):
            given = 0

            def read(self, size=-1):
                self.given += size
                return b"x" * size

        endless = Endless()
        with (
            pytest.raises(Refused, match="larger than 1,000 bytes"),
            Incoming(tmp_path, "me", "orders") as part,
        ):
            part.take(cast("BinaryIO", endless), 1000)

        assert endless.given <= 2 << 20
        assert parts(tmp_path) == []

    @pytest.mark.parametrize("error", [OSError("reset"), ValueError("closed"), EOFError("cut off")])
    def test_a_source_that_breaks_is_an_error_of_the_input(self, tmp_path, error):
        class Broken:
            def read(self, _size):
                raise error

        with (
            pytest.raises(InputError, match="can't be read to its end"),
            Incoming(tmp_path, "me", "orders") as part,
        ):
            part.take(cast("BinaryIO", Broken()))
        assert parts(tmp_path) == []

    @pytest.mark.parametrize("given", [None, "text", 3])
    def test_a_source_that_gives_no_bytes_is_refused(self, tmp_path, given):
        """None is a stream that has nothing yet, which is not its end."""

        class Odd:
            def read(self, _size):
                return given

        with pytest.raises(InputError, match="no bytes"), Incoming(tmp_path, "me", "a") as part:
            part.take(cast("BinaryIO", Odd()))

    def test_a_full_disk_is_told(self, tmp_path, monkeypatch):
        def fail(_file, _chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(storage, "_write", fail)
        with (
            pytest.raises(StoreError, match="the disk is full"),
            Incoming(tmp_path, "me", "a") as part,
        ):
            part.take(io.BytesIO(b"a"))
        assert parts(tmp_path) == []

    def test_what_is_kept_stays_for_the_sweep(self, tmp_path):
        with Incoming(tmp_path, "me", "orders") as part:
            part.take(io.BytesIO(b"a"))
            part.keep()

        assert parts(tmp_path) == [part.path]


class TestLeftOver:
    def test_only_the_parts_of_the_dead_are(self, tmp_path):
        owners = tmp_path / "owners"
        with Owner(owners) as owner:
            living = Incoming(tmp_path, owner.id, "orders")
            living.take(io.BytesIO(b"a"))
            dead = Incoming(tmp_path, "0" * 32, "two words")
            dead.take(io.BytesIO(b"b"))

            assert list(left_over(tmp_path, owners)) == [(dead.path, "two words")]

    def test_without_a_directory_there_are_none(self, tmp_path):
        assert list(left_over(tmp_path, tmp_path / "owners")) == []

    def test_what_was_linked_is_found_by_its_bytes(self, tmp_path):
        part = Incoming(tmp_path, "dead", "orders")
        part.take(io.BytesIO(b"a"))
        put_new(part.path, tmp_path / "orders/x.csv/one.csv")
        (tmp_path / "orders/x.csv/other.csv").write_bytes(b"a")
        (tmp_path / "orders/link").symlink_to("x.csv/one.csv")

        assert linked_to(part.path, tmp_path / "orders") == [tmp_path / "orders/x.csv/one.csv"]

    def test_a_part_that_another_process_removed_meanwhile_has_none(self, tmp_path):
        assert linked_to(tmp_path / "gone", tmp_path) == []
        discard(tmp_path / "gone")


def test_empty_directories_are_pruned_and_others_stay(tmp_path):
    (tmp_path / "orders/eu/x.csv").mkdir(parents=True)
    (tmp_path / "orders/us").mkdir()
    (tmp_path / "orders/us/README.md").write_bytes(b"")

    prune(tmp_path / "orders")
    prune(tmp_path / "orders/eu")

    assert sorted(path.name for path in (tmp_path / "orders").rglob("*")) == ["README.md", "us"]
    (tmp_path / "orders/us/README.md").unlink()
    prune(tmp_path / "orders")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_put_aside_and_discarded(tmp_path):
    (tmp_path / "orders/x.csv").mkdir(parents=True)
    (tmp_path / "orders/x.csv/one.csv").write_bytes(b"a")

    aside = put_aside(tmp_path / "orders", tmp_path, "me", "orders")

    assert aside is not None
    assert not (tmp_path / "orders").exists()
    assert (aside / "x.csv/one.csv").exists()
    assert put_aside(tmp_path / "orders", tmp_path, "me", "orders") is None
    discard(aside)
    assert parts(tmp_path) == []


def test_a_link_is_discarded_and_not_what_it_leads_to(tmp_path):
    (tmp_path / "safe").mkdir()
    (tmp_path / "link").symlink_to("safe")

    discard(tmp_path / "link")

    assert (tmp_path / "safe").is_dir()
    assert not (tmp_path / "link").is_symlink()
