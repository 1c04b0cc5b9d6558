"""Settings that show in what a run leaves."""

from __future__ import annotations

import pytest

from preboard.project.project import Project

parquet = pytest.importorskip("pyarrow.parquet")


def test_the_batch_size_is_that_of_the_row_groups(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Project.create(tmp_path / "p"):
        pass
    config = tmp_path / "p/config/config.ini"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("batch_size = 100000", "batch_size = 2"), encoding="utf-8")
    (tmp_path / "d.csv").write_text("a\n1\n2\n3\n4\n5\n", encoding="utf-8")
    with Project.open(tmp_path / "p") as project:
        project.register("d", "d.csv")
        project.load_group("g", "~ id: t ~ $[1*][ parquet.out(integer(#a)) ]")
        run = project.run("d", "g")
    about = parquet.ParquetFile(run.home / "t/out.parquet").metadata
    assert [about.row_group(each).num_rows for each in range(about.num_row_groups)] == [2, 2, 1]
