"""Which files of the machine may be taken."""

import pytest

from preboard.errors import Refused
from preboard.storage.roots import Roots


@pytest.fixture
def roots(tmp_path):
    for name in ("in/orders", "in/home", "out"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "in/orders/a.csv").write_text("a")
    (tmp_path / "out/secret").write_text("b")
    (tmp_path / "in/orders/link").symlink_to(tmp_path / "out/secret")
    (tmp_path / "in/orders/folder").symlink_to(tmp_path / "out")
    (tmp_path / "inside").symlink_to(tmp_path / "in")
    return Roots(allowed=(tmp_path / "inside",), never=(tmp_path / "in/home",))


@pytest.mark.parametrize("path", ["in/orders/a.csv", "inside/orders/a.csv", "in/x/../orders/a.csv"])
def test_what_lies_in_a_root_is_taken(tmp_path, roots, path):
    assert roots.real(tmp_path / path, path) == (tmp_path / "in/orders/a.csv").resolve()


@pytest.mark.parametrize(
    "path",
    ["out/secret", "in/orders/link", "in/orders/folder/secret", "in/../out/secret", "in/home/x",
     "/etc/passwd", "in\0/a", "indeed/a.csv"],
)  # fmt: skip
def test_all_else_is_refused(tmp_path, roots, path):
    with pytest.raises(Refused) as caught:
        roots.real(tmp_path / path, path)
    assert str(tmp_path) not in str(caught.value)  # it is told as it was given


def test_without_roots_nothing_is_taken(tmp_path):
    with pytest.raises(Refused):
        Roots(allowed=()).real(tmp_path, "x")
