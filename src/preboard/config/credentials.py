"""With which credentials a project fetches files: its own settings, and nothing else.

In: the values of [s3], [azure], [gcs] and [sftp] of config.ini, and those of the project's file of
variables (`var_sub_source`) that go by the names that such stores give them. Never the environment
of the process, a profile in a home directory or the metadata of a machine: those are of whoever
runs the program, not of the project. Out: a record for each kind, checked when it is asked for.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from preboard.config.names import shown
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE_KEYS = {
    "s3": (
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region",
        "aws_endpoint_url",
    ),
    "azure": (
        "azure_storage_connection_string",
        "azure_storage_account_name",
        "azure_storage_account_key",
    ),
    "gcs": ("gcs_credentials_path", "google_service_account"),
}
"""Keys of config.ini; in capitals they are the variables that say the same."""
SFTP_KEYS = (
    "server", "port", "username", "password", "private_key", "passphrase", "host_keys",
    "known_hosts",
)  # fmt: skip
ANY_HOST_KEY = "any"
DEFAULT_REGION = "us-east-1"
DEFAULT_SFTP_PORT = 22
MOST_BYTES = 1 << 20

_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+)+")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_SUFFIX = re.compile(r"core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_MOST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class S3Credentials:
    """Of S3 and stores that speak like it; without a key, requests are not signed."""

    key_id: str = ""
    secret: str = ""
    token: str = ""
    region: str = DEFAULT_REGION
    endpoint: str = ""
    """Empty is Amazon's own for the region."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AzureCredentials:
    """Of a storage account: its key, or a shared access signature; with neither it is public."""

    account: str
    key: bytes = b""
    signature: str = ""
    suffix: str = "core.windows.net"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GoogleCredentials:
    """Of a service account; without one, only what is public can be fetched."""

    email: str = ""
    private_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SftpCredentials:
    """Of one SFTP server, and of no other."""

    server: str
    port: int
    username: str
    password: str = ""
    private_key: str = ""
    passphrase: str = ""
    fingerprints: tuple[str, ...] = ()
    known_hosts: str = ""
    """The text of a known_hosts file."""
    takes_any_key: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a project's settings say, by key; `root` is where the files lie that they name."""

    root: Path = field(default_factory=Path)
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def s3(self) -> S3Credentials:
        """Return those of S3.

        Raises:
            ConfigError: they are not whole, or can't be.
        """
        key_id, secret = self._get("s3.aws_access_key_id"), self._get("s3.aws_secret_access_key")
        if bool(key_id) != bool(secret):
            raise ConfigError(
                "[s3] has one of aws_access_key_id and aws_secret_access_key",
                hint="both, or neither for buckets that are public",
            )
        region = self._get("s3.aws_region") or DEFAULT_REGION
        if not _REGION.fullmatch(region):
            raise ConfigError(f"[s3] aws_region can't be {shown(region)}", hint="such as eu-west-1")
        return S3Credentials(
            key_id=key_id,
            secret=secret,
            token=self._get("s3.aws_session_token") if key_id else "",
            region=region,
            endpoint=_endpoint(self._get("s3.aws_endpoint_url")),
        )

    def azure(self) -> AzureCredentials:
        """Return those of Azure.

        Raises:
            ConfigError: there is no account, or they can't be.
        """
        said = _connection(self._get("azure.azure_storage_connection_string"))
        account = said.get("accountname") or self._get("azure.azure_storage_account_name")
        suffix = said.get("endpointsuffix", "core.windows.net")
        if not _ACCOUNT.fullmatch(account) or not _SUFFIX.fullmatch(suffix):
            raise ConfigError(
                "[azure] names no storage account",
                hint="azure_storage_connection_string, or azure_storage_account_name and "
                "azure_storage_account_key",
            )
        key = said.get("accountkey") or self._get("azure.azure_storage_account_key")
        try:
            decoded = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ConfigError("[azure] the key of the account is no Base64") from error
        signature = said.get("sharedaccesssignature", "").lstrip("?")
        return AzureCredentials(account=account, key=decoded, signature=signature, suffix=suffix)

    def google(self) -> GoogleCredentials:
        """Return those of Google Cloud Storage.

        Raises:
            ConfigError: what is given is no service account.
        """
        text = self._get("gcs.google_service_account")
        path = self._get("gcs.gcs_credentials_path")
        if not text and not path:
            return GoogleCredentials()
        text = text or self._file("[gcs] gcs_credentials_path", path)
        try:
            found = json.loads(text)
            email, key = found["client_email"], found["private_key"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(
                "[gcs] what is given is no service account",
                hint="the JSON file of its key, with client_email and private_key",
            ) from error
        return GoogleCredentials(email=str(email), private_key=str(key))

    def sftp(self) -> SftpCredentials | None:
        """Return those of the SFTP server, None if there is none.

        Raises:
            ConfigError: they can't be.
        """
        server = self._get("sftp.server").lower()
        if not server:
            return None
        port = self._get("sftp.port") or str(DEFAULT_SFTP_PORT)
        if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= _MOST_PORT):
            raise ConfigError(f"[sftp] port can't be {shown(port)}")
        keys = [word.strip() for word in self._get("sftp.host_keys").split(",") if word.strip()]
        takes_any = keys == [ANY_HOST_KEY]
        odd = next((key for key in keys if not takes_any and not _FINGERPRINT.fullmatch(key)), None)
        if odd is not None:
            raise ConfigError(
                f"[sftp] host_keys can't have {shown(odd)}",
                hint="fingerprints such as SHA256:..., or any",
            )
        private, hosts = self._get("sftp.private_key"), self._get("sftp.known_hosts")
        if private and "-----BEGIN" not in private:
            private = self._file("[sftp] private_key", private)
        return SftpCredentials(
            server=server,
            port=int(port),
            username=self._get("sftp.username"),
            password=self._get("sftp.password"),
            private_key=private,
            passphrase=self._get("sftp.passphrase"),
            fingerprints=() if takes_any else tuple(key.rstrip("=") for key in keys),
            known_hosts=self._file("[sftp] known_hosts", hosts) if hosts else "",
            takes_any_key=takes_any,
        )

    def _get(self, key: str) -> str:
        return self.values.get(key, "").strip()

    def _file(self, key: str, said: str) -> str:
        """Return the text of a file of the project."""
        root = self.root.resolve()
        try:
            path = (root / said).resolve()
            if not path.is_relative_to(root):
                raise ConfigError(
                    f"{key} leads out of the project: {shown(said, 200)}",
                    hint="the file lies in the project, such as config/id_ed25519",
                )
            with path.open("rb") as file:
                return file.read(MOST_BYTES).decode()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError(f"{key}: {shown(said, 200)} can't be read: {why}") from error


def credential_values(
    sections: Mapping[str, Mapping[str, str]], variables: Mapping[str, str]
) -> dict[str, str]:
    """Return what sections and variables say, as `section.key`; a section goes first."""
    found: dict[str, str] = {}
    for section, keys in STORE_KEYS.items():
        for key in keys:
            value = sections.get(section, {}).get(key, "") or variables.get(key.upper(), "")
            if value:
                found[f"{section}.{key}"] = value
    told = sections.get("sftp", {})
    return found | {f"sftp.{key}": told[key] for key in SFTP_KEYS if told.get(key)}


def _endpoint(text: str) -> str:
    """Return the address of a store as `scheme://host:port`."""
    if not text:
        return ""
    try:
        split = urlsplit(text)
        port = f":{split.port}" if split.port else ""
    except ValueError as error:
        raise _no_endpoint(text) from error
    plain = not (split.username or split.query or split.fragment or split.path.strip("/"))
    if split.scheme not in ("http", "https") or not split.hostname or not plain:
        raise _no_endpoint(text)
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    return f"{split.scheme}://{host}{port}"


def _no_endpoint(text: str) -> ConfigError:
    shown_text = shown(text, 200) if "@" not in text else "no plain URL"
    return ConfigError(
        f"[s3] aws_endpoint_url is {shown_text}",
        hint="https://HOST:PORT, without a path, user or password",
    )


def _connection(text: str) -> dict[str, str]:
    """Return the parts of a connection string, their names in lower case."""
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
