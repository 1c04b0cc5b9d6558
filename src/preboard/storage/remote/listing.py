"""What lies in a folder of a bucket or of an SFTP server, for those who look for new files.

In: the address of a folder. Out: `Listing`, its files in the order of their names, at most as many
as the rules say. Who has seen them up to a name asks for those behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from preboard.errors import Refused
from preboard.storage.remote.addresses import address_of, object_address
from preboard.storage.remote.objects import objects_below
from preboard.storage.remote.rules import WEB
from preboard.storage.remote.sftp import files_below

if TYPE_CHECKING:
    from preboard.config.credentials import Credentials
    from preboard.storage.remote.addresses import Address
    from preboard.storage.remote.rules import RemoteRules


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a folder: where it is, and what tells one state of it from another.

    `path` is the key of an object, or the path on a server; `modified` is ISO 8601 in UTC.
    """

    address: str
    path: str
    size: int
    modified: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder; `is_cut`: there are more than may be listed."""

    files: tuple[Listed, ...]
    is_cut: bool


def listed(
    address: str,
    rules: RemoteRules,
    credentials: Credentials,
    *,
    recurse: bool = False,
    after: str = "",
) -> Listing:
    """List the files of a folder, of those behind the path `after` the first ones.

    On an SFTP server symbolic links are left out, and `is_cut` says that some of the directory was
    not looked at: which, is for the server to choose.

    Raises:
        Refused: the address has no list, or may not be asked.
        NotFound: there is no such folder or bucket.
        InputError: it can't be listed.
        ConfigError: the credentials can't be.
    """
    folder = address_of(address)
    folder = replace(folder, path=f"{folder.path.rstrip('/')}/")
    if folder.scheme in WEB:
        raise Refused(f"{folder.told} can't be listed", hint="a web server tells no list of files")
    if folder.scheme == "sftp":
        return _of_server(folder, rules, credentials, recurse=recurse, after=after)
    files: list[Listed] = []
    for one in objects_below(folder, rules, credentials, after, recurse=recurse):
        if len(files) == rules.most_listed:
            return Listing(tuple(files), is_cut=True)
        where = object_address(folder.scheme, folder.host, one.key)
        files.append(Listed(where, one.key, one.size, one.told.modified, one.told.etag))
    return Listing(tuple(files), is_cut=False)


def _quoted(path: str) -> str:
    return quote(path, safe="/-_.~", errors="surrogateescape")


def _of_server(
    folder: Address, rules: RemoteRules, credentials: Credentials, *, recurse: bool, after: str
) -> Listing:
    found = files_below(folder, rules, credentials, recurse=recurse)
    host = f"sftp://{folder.netloc}"
    behind = sorted((one for one in found.files if one.path > after), key=lambda one: one.path)
    files = tuple(
        Listed(f"{host}{_quoted(one.path)}", one.path, one.size, one.told.modified)
        for one in behind[: rules.most_listed]
    )
    return Listing(files, is_cut=len(behind) > len(files) or not found.is_whole)
