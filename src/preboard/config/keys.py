"""Every key of config.ini with its default and its meaning: spec/framework.md 4, and our own.

In: nothing. Out: `KEYS`, from which the reference page is made, and by which unknown keys are told.
Keys without a reader are those of the reference for parts that a project may have beside: they are
kept as text, for whoever reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EVENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.(?:file|paths|run|result|results|error|errors)")
"""A key of [listeners]: a group and an event."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it is when it is not said, and what it means. `own`: the reference has it not."""

    section: str
    name: str
    default: str
    meaning: str
    own: bool = False


def _of(section: str, *keys: tuple[str, str, str], own: bool = False) -> Iterable[Key]:
    return [Key(section, name, default, meaning, own) for name, default, meaning in keys]


KEYS: tuple[Key, ...] = (
    *_of(
        "extensions",
        ("csvpath_files", "csvpath, csvpaths", ("extensions of the files of statements that are "
         "taken from directories")),
        ("csv_files", "csv, tsv, dat, tab, psv, ssv, xlsx, jsonl, json, xml",
         "extensions of the data files that are taken from directories"),
    ),
    *_of(
        "errors",
        ("csvpath", "collect, fail", ("what an error of a statement does: any of raise, quiet, "
         "collect, stop, fail, print")),
        ("csvpaths", "raise, collect", ("what an error does that ends a statement before the end "
         "of the file: the file can't be read on, or an error of a line is raised. The same words; "
         "without raise the run goes on with the next statement, with stop without one, with fail "
         "all of them are invalid")),
        ("use_format", "full", "full: messages as the pattern says; bare: the message only"),
        ("pattern", "{time}:{file}:{line}:{paths}:{instance}:{chain}:  {message}",
         "of expanded_message in errors.json; its words in braces are never variables"),
    ),
    *_of(
        "logging",
        ("csvpath", "info", "what the log says of statements: debug, info, warn or error"),
        ("csvpaths", "info", "what it says of registrations, loads and runs"),
        ("log_file", "logs/csvpath.log", "the file, below the project or absolute"),
        ("log_files_to_keep", "10", "older ones: csvpath.log.1, .2 and so on; at most 1,000"),
        ("log_file_size", "12800000", "bytes from which a new one is begun; at least 1000"),
        ("handler", "rotating", "rotating, or file: one file that grows for ever"),
    ),
    *_of(
        "config",
        ("path", "", ("another config.ini, which is read in place of this one; it may lead on, 6 "
         "times at most")),
        ("allow_var_sub", "false", ("true: {NAME} in a value, and a value that is a NAME in "
         "capitals, are variables")),
        ("var_sub_source", "env", ("where variables are from: env is the environment, else the "
         "path of a flat JSON file")),
    ),
    *_of(
        "config",
        ("var_sub_allow", "PREBOARD_*, CSVPATH_*", ("which variables of the environment may be "
         "used; others are refused")),
        own=True,
    ),
    *_of("functions", ("imports", "", ("modules, or .py files below the project, that declare "
         "functions of your own; * is all that are installed"))),
    *_of("functions", ("env", "", ("the variables that env() gives to statements: names, or "
         "patterns such as ORDERS_*; without it none")), own=True),
    *_of("connections", ("*", "", ("a name for select() and sql_in(), and the SQLAlchemy URL of "
         "its database")), own=True),
    *_of(
        "cache",
        ("path", "", "nothing is cached on disk: without effect"),
        ("use_cache", "", "without effect"),
    ),
    *_of(
        "results",
        ("archive", "archive", "the directory of results, below the project or absolute"),
        ("transfers", "transfers", "the directory that results are handed on to"),
    ),
    *_of(
        "inputs",
        ("files", "inputs/named_files", "the directory of named-files"),
        ("csvpaths", "inputs/named_paths", "the directory of groups"),
        ("on_unmatched_file_fingerprints", "halt", ("halt or continue, when a run is to read bytes "
         "that are no longer those that were registered")),
        ("allow_http_files", "false", "whether files may be registered from URLs"),
        ("allow_local_files", "false", "whether files and statements may be taken from paths"),
    ),
    *_of(
        "inputs",
        ("http_hosts", "", "the hosts that files may come from; without any, every public one"),
        ("remote_locations", "", ("where files may be fetched from, besides what allow_http_files "
         "allows: such as s3://acme-in/*, sftp://sftp.example.com:2022/orders/*, "
         "https://files.example.com/*")),
        ("private_hosts", "", ("hosts of private networks that files may be fetched from: names, "
         "patterns, networks such as 10.1.0.0/16; a server says it itself, whatever stands here")),
        ("max_file_bytes", "0", ("the largest file that may be registered; 0 is no limit, except "
         "of 5 GiB for what is fetched")),
        own=True,
    ),
    *_of("listeners", ("groups", "default", "which integrations are told of events")),
    *_of("parquet", ("batch_size", "100000", "lines that are written at once, at least 1")),
    *_of(
        "catalog",
        ("url", "", ("an SQLAlchemy URL of the database of what exists, such as "
         "postgresql+psycopg://user@host/name; without one, SQLite in the project")),
        own=True,
    ),
    *_of("sqlite", ("db", "archive/csvpath.db", "the database of the sqlite integration")),
    *_of(
        "sql",
        ("dialect", "sqlite", "of the sql integration: sqlite, postgres or mysql"),
        ("connection_string", "", "of the sql integration"),
    ),
    *_of(
        "scripts",
        ("run_scripts", "no", "whether the scripts of groups are run"),
        ("shell", "/bin/bash", "what runs a script that does not say it"),
    ),
    *_of("webhook", ("timeout", "3", "seconds that a webhook may take")),
    *_of("slack", ("webhook_url", "", "where messages for Slack go")),
    *_of("ckan", ("server", "", "the CKAN server"), ("api_token", "", "its token")),
    *_of(
        "openlineage",
        ("base_url", "", "the host of the lineage server"),
        ("endpoint", "", "the path on it"),
        ("api_key", "", "its key"),
        ("timeout", "3", "seconds"),
        ("verify", "", "whether the certificate is checked"),
        ("urlencode", "", "of the client"),
        ("gzip", "", "whether events are compressed"),
        ("retries", "0", "how often it is tried again"),
        ("version", "2", "form of the events"),
        ("namespace_prefix", "csvpath", "{prefix} of the namespace"),
        ("namespace_pattern", "{prefix}.{root_path_separated}", "the namespace"),
        ("path_separator", ".", "{sep} of the names of jobs"),
        ("job_*", "", "patterns of the names of jobs"),
    ),
    *_of("s3", ("aws_access_key_id", "", "else, as those below, its variable in capitals"),
         ("aws_secret_access_key", "", "without a key, requests are not signed")),
    *_of("s3", ("aws_session_token", "", "of a key that holds for some hours"),
         ("aws_region", "us-east-1", "the region of the buckets"),
         ("aws_endpoint_url", "", ("another store that speaks as S3 does; remote_locations lists "
          "it, too, and without TLS it must be among private_hosts")),
         own=True),
    *_of("azure", ("azure_storage_connection_string", "", "else its variable in capitals")),
    *_of("azure", ("azure_storage_account_name", "", "without a connection string"),
         ("azure_storage_account_key", "", "of that account"), own=True),
    *_of("gcs", ("gcs_credentials_path", "", ("the JSON file of the key of a service account, "
         "below the project"))),
    *_of("gcs", ("google_service_account", "", "its text, better as a variable in capitals"),
         own=True),
    *_of(
        "sftp",
        ("server", "", "the SFTP server; what follows is for no other"),
        ("port", "22", "its port"),
        ("username", "", "the user there"), ("password", "", "the user's password"),
    ),
    *_of(
        "sftp",
        ("private_key", "", "a file below the project, or the text of a key"),
        ("passphrase", "", "of the key"),
        ("known_hosts", "", "a file of OpenSSH below the project, with the server's host key"),
        ("host_keys", "", ("instead of it fingerprints such as SHA256:...; any believes every "
         "server")),
        own=True,
    ),
    *_of(
        "sftpplus",
        ("admin_username", "", "for the server's administration"),
        ("admin_password", "", "for the server's administration"),
        ("api_url", "", "of the server's administration"),
        ("scripts_dir", "", "of the server"),
        ("execute_timeout", "300", "seconds that the server waits"),
        ("mailbox_user", "", "who brings files"),
        ("mailbox_password", "", "and the password"),
        ("server", "", "the SFTPPlus server"), ("port", "", "its port"),
    ),
)  # fmt: skip

_EMPTY_SECTIONS = frozenset({"otlp", "aws"})


def unknown_keys(sections: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Give the sections and keys that nobody reads, as `[section] key`."""
    known: dict[str, set[str]] = {section: set() for section in _EMPTY_SECTIONS}
    for key in KEYS:
        known.setdefault(key.section, set()).add(key.name)
    for section, values in sections.items():
        if section not in known:
            yield f"[{section}]"
            continue
        if section in _EMPTY_SECTIONS:
            continue
        for name in values:
            if name not in known[section] and not _belongs(section, name):
                yield f"[{section}] {name}"


def _belongs(section: str, name: str) -> bool:
    if section == "listeners":
        return EVENT.fullmatch(name) is not None
    if section == "connections":
        return True
    return section == "openlineage" and name.startswith("job_")
