"""`preboard init`, `register` and `load`: what comes into a project."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.options import UsageError
from preboard.cli.output import answer, tell, tell_error
from preboard.cli.parameters import STANDARD_INPUT, NoProgress
from preboard.cli.progress import Meter
from preboard.cli.projects import parameters as p
from preboard.cli.shown import many
from preboard.cli.statements import as_text, read_bytes
from preboard.cli.visible import visible
from preboard.errors import ConfigError, InputError, PartlyRegistered, PreboardError

if TYPE_CHECKING:
    from preboard.catalog.loads import Load
    from preboard.catalog.versions import Version
    from preboard.manifests.staging import Provenance
    from preboard.project.project import Project

NamedSources = Annotated[
    list[str],
    typer.Argument(
        metavar="[NAME] SOURCE...",
        help="The named-file, made if it is new, and what is registered under it: paths or URLs. "
        "book.xlsx#sheet is one worksheet, - is standard input, a directory means the files in "
        "it. Without NAME: a directory, whose files go under their own names, or a JSON file of "
        "names and paths.",
        autocompletion=p.first_of("files"),
    ),
]
Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help="Directories between the name and the file, such as :1/:year/:filename.",
    ),
]
FileName = Annotated[
    str | None,
    typer.Option(
        "--file-name", metavar="NAME", help="What the file is called, if not as its path says."
    ),
]
Recursive = Annotated[
    bool,
    typer.Option("--recursive/--no-recursive", help="Of a directory, also those below it or not."),
]
Match = Annotated[
    str | None,
    typer.Option(
        "--match",
        metavar="REGEX",
        help="Of a directory, only files in whose path this regular expression is found.",
    ),
]
Partner = Annotated[
    str | None, typer.Option("--partner", metavar="NAME", help="Who sent it, for the manifest.")
]
GroupSource = Annotated[
    list[str],
    typer.Argument(
        metavar="[GROUP] SOURCE",
        help="The group, made if it is new, and its statements: a file of them, a directory of "
        "such files, a JSON definition, or - for standard input. Without GROUP: every group of a "
        "definition, or one for each file, by its name.",
        autocompletion=p.first_of("groups"),
    ),
]
RunTemplate = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help="Directories between the group and its runs, such as :1/:run_dir.",
    ),
]
Append = Annotated[bool, typer.Option("--append", help="Put them behind those the group has.")]


def init_command(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="Where the project is to be; made if need be.")
    ],
    *,
    as_json: p.AsJson = False,
) -> int:
    """Make a project: a directory with settings, named-files, groups and an archive.

    Exits with 0, or 3 when there is a project already or the directory cannot be written.
    """
    from preboard.config.ini import CONFIG_FILE  # noqa: PLC0415 - only when used
    from preboard.project.project import Project  # noqa: PLC0415

    p.need_word(directory, "the name of a directory")
    with Project.create(directory) as project, answer() as out:
        if as_json:
            out.write(dumps({"project": str(project.root)}) + "\n")
        else:
            where, settings = p.place_of(project.root), p.place_of(project.root / CONFIG_FILE)
            out.write(f"{where} is a project; its settings are in {settings}\n")
    return Exit.VALID


def register_command(  # noqa: PLR0913 - what can be said of a file
    words: NamedSources,
    *,
    template: Template = None,
    file_name: FileName = None,
    recursive: Recursive = True,
    match: Match = None,
    partner: Partner = None,
    no_progress: NoProgress = False,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Store files as the newest versions of a named-file.

    The bytes are kept as they are, under their fingerprint, and never change. A file that is just
    what the newest version is gives that version. Every SOURCE is tried.

    Exits with 0, or 3 when something could not be registered.
    """
    from preboard.manifests.staging import Provenance  # noqa: PLC0415 - only when used

    name, sources = (words[0], words[1:]) if len(words) > 1 else (None, words)
    for source in sources:
        p.need_word(source, "the name of a file")
    if file_name is not None and len(sources) > 1:
        raise UsageError("--file-name names one file, and there are several")
    told = Provenance(partner=partner)
    wanted = _Wanted(name, file_name, template, recursive, match, told, not no_progress)
    complete = True
    with p.opened(project) as opened:
        for source in sources:
            versions, failures = _registered(opened, source, wanted)
            complete = complete and not failures
            with answer() as out:
                for version in versions:
                    out.write(_version_json(version) if as_json else _version_text(version))
            if not versions and not failures:
                tell("there was no file to register")
            for failure in failures:
                tell_error(failure)
    return Exit.VALID if complete else Exit.FAILED


def load_command(
    words: GroupSource,
    *,
    append: Append = False,
    template: RunTemplate = None,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Make the statements of a source those of a group.

    Every statement is checked; a group with one that is wrong is refused, and nothing is changed.
    Each text that a group had is kept.

    Exits with 0, or 3 when a group is refused.
    """
    if len(words) > 2:  # noqa: PLR2004 - a name and a source
        raise UsageError("a group has one SOURCE: a file, a directory or a JSON definition")
    source = p.need_word(words[-1], "the name of a file")
    with p.opened(project) as opened:
        if len(words) == 1:
            if append:
                raise UsageError("--append needs the GROUP")
            if source == STANDARD_INPUT:
                raise UsageError("what comes from standard input needs the name of a GROUP")
            loads = opened.load_groups(source, template=template)
        else:
            taken = _statements(source)
            loads = [opened.load_group(words[0], taken, template=template, append=append)]
    with answer() as out:
        for load in loads:
            out.write(_load_json(load) if as_json else _load_text(load))
    for load in loads:
        for warning in load.warnings:
            tell(f"warning: the definition of {p.told(load.name)}: {p.told(warning)}")
    return Exit.VALID


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How sources are to be registered."""

    name: str | None
    file_name: str | None
    template: str | None
    recursive: bool
    match: str | None
    provenance: "Provenance"
    shows_progress: bool


def _registered(
    project: "Project", source: str, wanted: _Wanted
) -> "tuple[list[Version], list[PreboardError]]":
    """Return the versions that a source became, and why others did not."""
    try:
        with Meter(source, wanted=wanted.shows_progress) as meter:
            return _versions(project, source, wanted, meter), []
    except PartlyRegistered as error:
        made = cast("tuple[Version, ...]", error.versions)
        return list(made), [_with_place(*failure) for failure in error.failures]
    except ConfigError:
        raise
    except PreboardError as error:
        return [], [error]


def _versions(project: "Project", source: str, wanted: _Wanted, meter: Meter) -> "list[Version]":
    if source != STANDARD_INPUT and _is_directory(source):
        if wanted.file_name is not None:
            raise UsageError("--file-name names one file, and a directory has several")
        return project.register_directory(
            source,
            name=wanted.name,
            recurse=wanted.recursive,
            regex=wanted.match,
            template=wanted.template,
            provenance=wanted.provenance,
            progress=meter.watch_bytes,
        )
    if wanted.name is None:
        return project.register_mapping(_mapping(source))
    version = project.register(
        wanted.name,
        _standard_input(wanted) if source == STANDARD_INPUT else source,
        file_name=wanted.file_name,
        template=wanted.template,
        provenance=wanted.provenance,
        progress=meter.watch_bytes,
    )
    return [version]


def _is_directory(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except (OSError, ValueError):  # no path at all: the staging area says why
        return False


def _mapping(source: str) -> str:
    """Return a source that needs no name.

    Raises:
        UsageError: it needs one.
    """
    if source.lower().endswith(".json"):
        return source
    raise UsageError(
        f"NAME or SOURCE is missing: did you mean preboard register NAME {visible(source)}?"
    )


def _standard_input(wanted: _Wanted) -> BinaryIO:
    if wanted.file_name is None:
        raise UsageError("what comes from standard input needs a name: give it with --file-name")
    if sys.stdin is None:
        raise InputError("standard input is closed")
    return sys.stdin.buffer


def _statements(source: str) -> list[str] | Path:
    """Return what a group is loaded from: a path, or the text of standard input."""
    if source == STANDARD_INPUT:
        return [as_text(read_bytes(source), "<stdin>")]
    return Path(source)


def _with_place(place: str, error: PreboardError) -> PreboardError:
    """Return an error that says which file it is about."""
    return PreboardError(f"{place}: {error.message}", hint=error.hint)


def _version_text(version: "Version") -> str:
    profile = version.entry.profile
    lines = f"{profile.lines:,} lines, " if profile else ""
    below = f"{version.size:,} bytes, {lines}{p.told(version.entry.file)}"
    return f"{p.told(version.reference)}\n  {below}\n"


def _version_json(version: "Version") -> str:
    import msgspec  # noqa: PLC0415 - only when used

    return msgspec.json.encode(version.entry).decode() + "\n"


def _load_text(load: "Load") -> str:
    named = p.told(", ".join(load.entry.named_paths_identities))
    return f"{p.told(load.name)}: {many(load.entry.named_paths_count, 'statement')}: {named}\n"


def _load_json(load: "Load") -> str:
    import msgspec  # noqa: PLC0415 - only when used

    return msgspec.json.encode(load.entry).decode() + "\n"
