"""Where a result comes from: run, text of the group, version of the file; step by step back.

In: a reference to a run or to one of its instances. Out: `Trace`. What was removed since is found
all the same: the catalog keeps what results name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from preboard.config.names import shown
from preboard.errors import NotFound
from preboard.references.resolve import Resolver, Result

if TYPE_CHECKING:
    from preboard.catalog.catalog import Catalog
    from preboard.catalog.loads import Load
    from preboard.catalog.runs import RunRow
    from preboard.catalog.versions import Version
    from preboard.manifests.archive import InstanceManifest, RunManifest
    from preboard.storage.place import Place

MOST_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A run, and what it was made of.

    It read either a registered `version`, or what an instance of another run left: `source`.
    """

    reference: str
    run: RunManifest
    """When, on which host and by whom, in which way, and how it ended."""
    instance: InstanceManifest | None
    """The statement that the reference means, if it means one."""
    load: Load | None
    """The text that was run: when it was loaded, by whom, from where."""
    version: Version | None
    """The bytes that were read: when they were registered, by whom, from where."""
    source: Trace | None

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object, of the documents' own keys."""
        return {
            "reference": self.reference,
            "run": msgspec.to_builtins(self.run),
            "instance": msgspec.to_builtins(self.instance),
            "load": None if self.load is None else msgspec.to_builtins(self.load.entry),
            "version": None if self.version is None else msgspec.to_builtins(self.version.entry),
            "source": None if self.source is None else self.source.to_json(),
        }


def trace_of(text: str, catalog: Catalog, place: Place) -> Trace:
    """Return where a result comes from; of several runs the last one is meant.

    Raises:
        BadReference: the text is no reference to results.
        NotFound: there is no such run.
    """
    found = Resolver(catalog).results(text)
    if not found:
        raise NotFound(f"{shown(text, 200)} leads to no run")
    chain = _chain(found[-1], catalog, place)
    trace = None
    for result in reversed(chain):
        trace = _trace(result, trace, catalog)
    assert trace is not None  # noqa: S101 - the chain begins with what was found
    return trace


def _chain(result: Result, catalog: Catalog, place: Place) -> list[Result]:
    """Return a result, what it was made of, what that was made of, and so on."""
    chain = [result]
    while len(chain) < MOST_STEPS:
        before = _source(chain[-1].run, catalog, place)
        if before is None:
            break
        chain.append(before)
    return chain


def _source(run: RunRow, catalog: Catalog, place: Place) -> Result | None:
    """Return the instance whose file a run read; None when it read a registered version."""
    path = run.manifest.named_file_path
    if run.version is not None or path is None or not path.startswith(f"{place.archive}/"):
        return None
    group, *home, identity, _ = path.removeprefix(f"{place.archive}/").split("/")
    source = catalog.runs.named(group, "/".join(home))
    if source is None:
        return None
    instances = catalog.runs.instances(source.id)
    return Result(source, next((each for each in instances if each.identity == identity), None))


def _trace(result: Result, source: Trace | None, catalog: Catalog) -> Trace:
    run, instance = result.run, result.instance
    reference = run.reference
    return Trace(
        reference=reference if instance is None else f"{reference}.{instance.identity}",
        run=run.manifest,
        instance=None if instance is None else instance.manifest,
        load=catalog.loads.by_id(run.load),
        version=None if run.version is None else catalog.versions.of_result(run.version),
        source=source,
    )
