"""jinja() and the files of a group (spec/functions-b.md 6, functions-a.md 7)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from preboard.language.functions.call import Fault
from preboard.runs import templates
from preboard.runs.assets import Assets
from preboard.runs.rendering import environment, rendered
from preboard.runs.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preboard.project.project import Project
    from preboard.runs.result import Instance


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """Return the directory of a group, beside what its files must not lead to."""
    (tmp_path / "secret.txt").write_text("secret")
    made = tmp_path / "group"
    made.mkdir()
    (made / "link.txt").symlink_to(tmp_path / "secret.txt")
    return made


@pytest.fixture
def filling(group: Path, tmp_path: Path) -> Iterator[Templates]:
    (tmp_path / "home").mkdir()
    with Templates(Assets(group), tmp_path / "home") as made:
        yield made


FILLED = [
    ("{{ nosuch }}|", "|"),
    ("{% for a in s %}<{{ a }}>{% endfor %}", "<1><2>"),
    ("{{ plural('box') }} {{ cap('fish') }} {{ article('apple') }}", "boxes Fish an apple"),
    ("{{ d.k }} {% include 'part.txt' %}", "v of the group"),
]


@pytest.mark.parametrize(("text", "filled"), FILLED)
def test_a_template_is_filled_in(group: Path, text: str, filled: str) -> None:
    (group / "t.txt").write_text(text)
    (group / "part.txt").write_text("of the group")
    values = {"s": [1, 2], "d": {"k": "v"}}
    assert rendered(environment(Assets(group)), "t.txt", values) == {"text": filled}


REFUSED = [
    ("{{ ''.__class__.__mro__ }}", "unsafe"),
    ("{{ s.append(3) }}", "unsafe"),
    ("{% include '../secret.txt' %}", "'../secret.txt' is no file of the group"),
    ("{% include 'link.txt' %}", "'link.txt' is no file of the group"),
    ("{% include '/etc/passwd' %}", "is no file of the group"),
    ("{% include 't.txt' %}", "it includes itself"),
    ("{% for a in range(9000) %}{{ 'x' * 9000 }}{% endfor %}", "more than 16,777,216 characters"),
    ("{% for a in range(10 ** 9) %}{% endfor %}", "Range too big"),
    ("{{ 1 / 0 }}", "ZeroDivisionError"),
    ("\n{% if %}", "(line 2)"),
    ("{{ nosuch.x }}", "'nosuch' is undefined"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_template_reaches_nothing_else(group: Path, text: str, message: str) -> None:
    (group / "t.txt").write_text(text)
    found = rendered(environment(Assets(group)), "t.txt", {"s": [1, 2]})
    assert message in found["error"]


def test_a_template_that_takes_too_long_is_given_up_and_the_next_is_filled_in(
    group: Path, filling: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST_SECONDS", 1)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    (group / "long.txt").write_text(loop)
    (group / "memory.txt").write_text("{{ 'x' * 10 ** 11 }}")
    (group / "short.txt").write_text("{{ n }}")
    for name, message in (("long.txt", "more than 1 seconds"), ("memory.txt", "more memory")):
        with pytest.raises(Fault, match=message):
            filling.render(name, "out.txt", {})
    filling.render("short.txt", "out.txt", {"n": 1})
    filling.render("short.txt", "out.txt", {"n": 2})
    assert (tmp_path / "home" / "out.txt").read_text() == "2"


@pytest.mark.parametrize(
    "output",
    ["", ".", "..", "../x.txt", "a/b.txt", "/x.txt", ".hidden", "data.csv", "DATA.CSV", "meta.json",
     "manifest.json", "original.csv", "x.parquet", "a\0b", "x" * 300, "there.txt"],
)  # fmt: skip
def test_an_output_lies_beside_the_results_and_is_none_of_them(
    group: Path, filling: Templates, tmp_path: Path, output: str
) -> None:
    (group / "t.txt").write_text("x")
    (tmp_path / "home" / "there.txt").write_text("of another")
    with pytest.raises(Fault):
        filling.render("t.txt", output, {})
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["there.txt"]


@pytest.mark.parametrize("name", ["nosuch.txt", "../secret.txt", "link.txt", "", ".", "a\0b"])
def test_a_file_of_the_group_is_one_in_its_directory(group: Path, name: str) -> None:
    with pytest.raises(Fault, match=r"no file|cannot be read"):
        Assets(group).read(name)


def run(project: Project, statement: str, data: str, file_name: str, **files: str) -> Instance:
    project.register("data", io.BytesIO(data.encode()), file_name=file_name)
    project.load_group("checks", [statement])
    for name, text in files.items():
        path = project.place.path(project.place.groups) / "checks" / name.replace("_", ".")
        path.write_text(text)
    return project.run("data", "checks").instances[0]


def test_what_a_template_came_to_is_a_result_as_others(project: Project) -> None:
    statement = '~ id: a ~ $[*][ push("s", #a) last.nocontrib() -> jinja("t.txt", "out.txt") ]'
    text = "{{ local.metadata.id }} {{ local.variables.s|join(' ') }} {{ local.headers.a }}"
    found = run(project, statement, "a,b\n1,2\n", "d.csv", t_txt=text)
    assert found.file("out.txt") is not None
    assert (found.home / "out.txt").read_text() == "a a 1 1"
    assert project.verify() == []


def test_a_schema_is_a_file_of_the_group(project: Project, tmp_path: Path) -> None:
    schema = '{"type": "object", "required": ["k"]}'
    (tmp_path / "outside.json").write_text(schema)
    data = '{"k": 1}'
    found = run(project, '$[*][ jsonschema("s.json") ]', data, "d.json", s_json=schema)
    assert found.valid
    for name in (str(tmp_path / "outside.json"), "../../../config/config.ini"):
        found = run(project, f'$[*][ jsonschema("{name}") ]', data, "d.json")
        assert not found.valid
        assert "is no file of the group" in next(found.errors()).message
