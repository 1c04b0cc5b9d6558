"""The OpenAPI document, and the page at /docs and /redoc that shows it.

The page is made here, of plain HTML: it loads nothing from other places and runs no script.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from preboard import __version__
from preboard.server.problems import Misfits, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

TITLE = "Preboard"
V1_TAG = "v1 (deprecated)"
TAGS = [
    {"name": "v2:projects", "description": "Projects, their settings and files."},
    {"name": "v2:registrations", "description": "Named-files: what arrived, in every version."},
    {"name": "v2:validations", "description": "Named-paths groups: the statements."},
    {"name": "v2:runs", "description": "Groups over files: asked for, followed, cancelled."},
    {"name": "v2:archive", "description": "What came of runs."},
    {"name": "v2:arrivals", "description": "Hooks that file servers call, and schedules."},
    {"name": "v2:admin", "description": "Keys, switches, the audit, and the end of the server."},
    {"name": "operation", "description": "Whether the server is well."},
]
DESCRIPTION = """Checks data files on arrival, and keeps every version with what came of it.

Send an API key as `access_token`, as `Authorization: Bearer`, or as `X-API-Key`. What goes wrong \
is answered as `application/problem+json`. Every POST takes an `Idempotency-Key`."""

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:13px}pre{overflow:auto}
summary{cursor:pointer}details{border-top:1px solid #8884;padding:.3rem 0}
details>:not(summary){margin-left:1.5rem}table{border-collapse:collapse}
td,th{text-align:left;vertical-align:top;padding:.1rem .8rem .1rem 0}b{font-weight:600}"""


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, made when it is first asked for."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=TITLE,
            version=__version__,
            description=DESCRIPTION,
            routes=app.routes,
            tags=TAGS,
            servers=[{"url": "/", "description": "this server"}],
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        kinds = [(Problem, "serialization"), (Misfits, "serialization")]
        _, definitions = models_json_schema(
            kinds,  # type: ignore[arg-type] # the pairs are those that it wants
            ref_template="#/components/schemas/{model}",
        )
        schemas |= definitions["$defs"]
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        app.openapi_schema = document
    return app.openapi_schema


def page(document: dict[str, Any]) -> str:
    """Return the page that shows a document."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{TITLE}</title>",
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>",
        f"<h1>{TITLE} {escape(document['info']['version'])}</h1>",
        *(f"<p>{_text(line)}</p>" for line in DESCRIPTION.split("\n\n")),
        "<p><a href=openapi.json>openapi.json</a></p>",
    ]
    by_tag: dict[str, list[str]] = {}
    for path, operations in document.get("paths", {}).items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                tag = (operation.get("tags") or ["other"])[0]
                by_tag.setdefault(tag, []).append("".join(_shown(path, method, operation)))
    about = {tag["name"]: tag["description"] for tag in TAGS}
    order = [*about, *(tag for tag in by_tag if tag not in about)]
    for tag in order:
        if tag in by_tag:
            parts.append(f"<h2>{escape(tag)}</h2><p>{escape(about.get(tag, ''))}</p>")
            parts += by_tag[tag]
    parts.append("<h2>Models</h2>")
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        parts.append(f"<details id='{escape(name)}'><summary><code>{escape(name)}</code></summary>")
        parts += [*_members(schema), "</details>"]
    return "\n".join(parts)


def _shown(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<details><summary><code><b>{method.upper()}</b> {escape(path)}</code> "
    yield f"{escape(operation.get('summary', ''))}</summary>"
    yield f"<p>{_text(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        yield "<table><tr><th>parameter<th>in<th>type<th>"
        for each in operation["parameters"]:
            needed = " *" if each.get("required") else ""
            yield f"<tr><td><code>{escape(each['name'])}{needed}</code><td>{each['in']}"
            yield f"<td>{_kind(each['schema'])}<td>{_text(each.get('description', ''))}"
        yield "</table>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body, <code>{escape(media)}</code>: {_kind(content.get('schema', {}))}</p>"
    yield "<table><tr><th>answer<th><th>"
    for status, answer in operation["responses"].items():
        kinds = ", ".join(
            _kind(each.get("schema", {})) for each in answer.get("content", {}).values()
        )
        yield f"<tr><td>{escape(status)}<td>{escape(answer['description'])}<td>{kinds}"
    yield "</table></details>"


def _members(schema: dict[str, Any]) -> Iterator[str]:
    needed = set(schema.get("required", ()))
    yield f"<p>{_text(schema.get('description', ''))}</p><table>"
    for name, member in schema.get("properties", {}).items():
        star = " *" if name in needed else ""
        yield f"<tr><td><code>{escape(name)}{star}</code><td>{_kind(member)}"
        yield f"<td>{_text(member.get('description', ''))}"
    yield "</table>"


def _kind(schema: dict[str, Any]) -> str:
    """Return the type of a schema in a word or two."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#{name}'>{name}</a>"
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return " or ".join(_kind(each) for each in schema[many])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(escape(str(each)) for each in schema["enum"])
    return escape(str(schema.get("type", "any")))


def _text(text: str) -> str:
    """Return text as HTML; what stands in backquotes is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
