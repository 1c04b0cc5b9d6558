"""What lies in deploy/ fits the server that it starts."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from preboard.server.settings import ServerSettings, read_settings

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_every_line_of_the_example_is_a_setting_and_says_what_it_is_without_it(tmp_path):
    text = (DEPLOY / "server.toml").read_text()
    lines = [line.removeprefix("# ") for line in text.splitlines() if re.match(r"# \w+ = ", line)]
    told = tomllib.loads("\n".join(lines))
    examples = {
        "workers", "host_name", "database_url", "tls_cert", "tls_key", "trusted_proxies",
        "local_files", "local_roots", "private_hosts",
    }  # fmt: skip

    assert examples < told.keys()
    for name in told.keys() - examples:
        default = ServerSettings.model_fields[name].default
        assert told[name] == (list(default) if isinstance(default, tuple) else default), name
    (tmp_path / "server.toml").write_text("\n".join(lines))
    assert read_settings(tmp_path).worker_count == told["workers"]


def test_the_times_to_end_are_longer_than_the_server_takes():
    """What starts the server must not kill it while runs come to their end."""
    wait = ServerSettings.model_fields["shutdown_s"].default
    unit = (DEPLOY / "preboard.service").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    given = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)

    assert given
    assert int(given[1]) > wait + 5
    assert int(compose["services"]["preboard"]["stop_grace_period"].rstrip("s")) > wait + 5


def test_compose_names_settings_that_there_are():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service = compose["services"]["preboard"]
    names = {name.removeprefix("PREBOARD_").lower() for name in service["environment"]}
    docker = (DEPLOY / "Dockerfile").read_text()
    names |= {name.lower() for name in re.findall(r"PREBOARD_([A-Z_]+)=", docker)}

    assert names <= ServerSettings.model_fields.keys()
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", docker, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in line.split())


def test_a_proxy_hands_on_the_header_with_the_key():
    assert "underscores_in_headers on;" in (DEPLOY / "nginx.conf").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_one(tmp_path):
    program = shutil.which("true")
    assert program
    unit = (DEPLOY / "preboard.service").read_text().replace("/opt/preboard/bin/preboard", program)
    (tmp_path / "preboard.service").write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / "preboard.service")],
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
