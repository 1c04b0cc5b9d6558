"""The pages about what lies in a project: its settings, its documents and their schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from preboard.config.keys import KEYS
from preboard.manifests.meanings import OWN
from preboard.manifests.schemas import DOCUMENTS, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.config.keys import Key
    from preboard.manifests.schemas import Document

CONFIGURATION = """\
# Settings: config.ini

This page is made from the declarations by `make docs`.

The settings of a project are `config/config.ini` in its directory.
The file of CsvPath Framework is read as it is; keys that it does not have are marked *ours*.
`preboard config show` prints what is in force, secrets masked.

The default is what holds when a key is not there; the file that `preboard init` makes says more, so as to be useful at once.

A value that can't be is refused when the project is opened, with its section and key.
A key that nobody reads is kept, and told in the log.
Keys are lower-case, however they are written.

Switches are on with `true`, `yes` or `on`, and off with `false`, `no`, `off` or nothing.
Lists have commas between their words.
Directories are below the project's, or absolute; `..` is refused, and so is a directory that lies in another one's.

## Variables

With `allow_var_sub` in `[config]`, `{NAME}` anywhere in a value is a variable, and so is a value that is a name all in capitals.
They come from the environment, of which only the names are given out that `var_sub_allow` lists, or from a flat JSON file, all of whose names may be used.
An allowed name that is not set stays as it is written, and `{{` and `}}` are braces.
What was filled in is checked like what is written, and is not filled in again.

"""  # noqa: E501 - Markdown has one sentence a line

LISTENERS = """\
Further keys are `GROUP.EVENT`, of the events file, paths, run, result, results and error.
They are kept as text.

"""

DOCUMENTS_PAGE = """\
# Documents

This page is made from the records by `make docs`.

Every JSON document of a project, where it lies by default, and what its keys mean.
Each has a [JSON Schema](schemas/).
Paths are relative to the project's directory when its spaces are.
Keys that CsvPath Framework does not write are marked *ours*; newer versions may add some, so let pass what you do not know.

Manifests that are arrays have an entry a line, and only grow at their end.
What is true is what the catalog says: a document follows it within a moment, and what a dying process left unwritten is written when the project is opened next.

"""  # noqa: E501 - Markdown has one sentence a line


def pages() -> dict[str, str]:
    """Return the pages by their names."""
    schemas = {
        f"schemas/{document.name}.schema.json": json.dumps(schema_of(document), indent=2) + "\n"
        for document in DOCUMENTS
    }
    return {
        "configuration.md": CONFIGURATION + "\n".join(_settings()).rstrip() + "\n",
        "documents.md": DOCUMENTS_PAGE + "\n".join(_documents()).rstrip() + "\n",
        **schemas,
    }


def _settings() -> Iterator[str]:
    sections: dict[str, list[Key]] = {}
    for key in KEYS:
        sections.setdefault(key.section, []).append(key)
    for section, keys in sections.items():
        yield f"## [{section}]\n"
        yield from _table(
            ("key", "default", "meaning"),
            [
                (
                    f"`{key.name}`",
                    f"`{key.default}`" if key.default else "",
                    key.meaning + (" *(ours)*" if key.own else ""),
                )
                for key in keys
            ],
        )
        if section == "listeners":
            yield LISTENERS


def _documents() -> Iterator[str]:
    for document in DOCUMENTS:
        yield f"## {document.name}\n"
        yield f"`{document.path}`: {document.meaning}"
        yield f"[Schema](schemas/{document.name}.schema.json)\n"
        yield from _records(document)


def _records(document: Document) -> Iterator[str]:
    schema = schema_of(document)
    parts: dict[str, Any] = schema.get("$defs", {})
    first = (schema.get("items", schema).get("$ref") or "").rpartition("/")[2]
    order = [first, *(name for name in parts if name != first)] if parts else []
    for name in order:
        if name != first:
            places = " and ".join(f"`{key}`" for key in _places(parts, name))
            yield f"Under {places}:\n"
        part = parts[name]
        yield from _table(
            ("key", "always", "meaning"),
            [
                (
                    f"`{key}`",
                    "yes" if key in part["required"] else "",
                    about["description"] + (" *(ours)*" if key in OWN.get(name, ()) else ""),
                )
                for key, about in part["properties"].items()
            ],
        )


def _places(parts: dict[str, Any], name: str) -> Iterator[str]:
    """Give the keys under which a record stands."""
    for part in parts.values():
        for key, about in part["properties"].items():
            if f'#/$defs/{name}"' in json.dumps(about):
                yield key


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
