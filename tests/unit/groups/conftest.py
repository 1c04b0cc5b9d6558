"""A project for the tests of groups."""

from __future__ import annotations

import pytest

from preboard.project.project import Project


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Project.create(tmp_path / "acme") as made:
        yield made
