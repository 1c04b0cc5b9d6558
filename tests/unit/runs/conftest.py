"""A project, and the shortest ways to put something into it and to look at a run."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

import pytest

from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from preboard.runs.result import Run

SIX = "a,b\n1,x\n2,x\n3,y\n4,y\n5,z\n"
"""Six lines, numbered 0 to 5, the first of them headers."""


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that is copied: to make one takes longer than most tests."""
    made = tmp_path_factory.mktemp("empty") / "acme"
    Project.create(made).close()
    return made


@pytest.fixture
def project(tmp_path: Path, empty: Path) -> Iterator[Project]:
    with Project.open(shutil.copytree(empty, tmp_path / "acme")) as made:
        yield made


@pytest.fixture
def start(project: Project) -> Callable[..., Run]:
    """Return what loads some statements, registers a text and runs the one over the other."""

    def run(
        *statements: str, data: str | bytes = SIX, method: str = "collect_paths", **more: object
    ) -> Run:
        content = data.encode() if isinstance(data, str) else data
        project.register("six", io.BytesIO(content), file_name="six.csv")
        project.load_group("checks", list(statements))
        return project.run("six", "checks", method=method, **more)  # type: ignore[arg-type]

    return run
