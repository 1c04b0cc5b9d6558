"""The shape of the package: what ruff and the layer contracts do not see."""

from pathlib import Path

import grimp
import pytest

import preboard

PACKAGE = Path(preboard.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 600


def rings(graph: grimp.ImportGraph) -> list[str]:
    """Return every ring of modules that import each other, each once, drawn as a chain."""
    found: dict[frozenset[str], str] = {}
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            way_back = graph.find_shortest_chain(imported, module)
            if way_back:
                found.setdefault(frozenset(way_back), " -> ".join([module, *way_back]))
    return list(found.values())


def test_no_module_imports_itself_in_a_ring():
    """Imports hidden in functions count; those for type checkers only do not."""
    graph = grimp.build_graph(
        "preboard",
        exclude_type_checking_imports=True,
        cache_dir=None,
    )

    assert rings(graph) == []


def test_a_ring_is_found():
    """The test above can fail."""
    graph = grimp.ImportGraph()
    for module in ["a", "b", "c", "d"]:
        graph.add_module(module)
    for importer, imported in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]:
        graph.add_import(importer=importer, imported=imported)

    assert rings(graph) == ["a -> b -> c -> a"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting(path):
    """A module of more lines than this holds more than one thing."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
