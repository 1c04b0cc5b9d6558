"""How the errors of statements are told in errors.json, by [errors] of config.ini."""

from __future__ import annotations

import pytest

from preboard.project.project import Project


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("", ":{file}:1:g:0:integer[0]:  "),
        ("pattern = {line}/{message}/{other}\n", "1/{message}/{other}"),
        ("pattern = {line} {message}\nuse_format = bare\n", "{message}"),
    ],
)
def test_the_message_is_as_the_pattern_says(tmp_path, monkeypatch, settings, told):
    monkeypatch.chdir(tmp_path)
    with Project.create(tmp_path / "p"):
        pass
    config = tmp_path / "p/config/config.ini"
    config.write_text(f"[inputs]\nallow_local_files = true\n[errors]\n{settings}", encoding="utf-8")
    (tmp_path / "d.csv").write_text("a\nx\n", encoding="utf-8")
    with Project.open(tmp_path / "p") as project:
        version = project.register("d", "d.csv")
        project.load_group("g", "$[1*][ integer(#a) ]")
        (error,) = project.run("d", "g").instances[0].errors()
    name = version.entry.file.rpartition("/")[2]
    wanted = told.replace("{file}", name).replace("{message}", error.message)
    assert wanted in error.expanded_message
    if not told.startswith(":"):
        assert error.expanded_message == wanted
