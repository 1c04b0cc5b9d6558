"""A server, from its first key to a result: what `make run` does.

    python examples/first_server.py [DIRECTORY]          start it, or find it, and send a file
    python examples/first_server.py --stop [DIRECTORY]   end it

Everything is in DIRECTORY, .sample/server without one. Run again it goes on with what is there. It
needs what a server needs: pip install 'preboard[server]'.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ORDERS = Path(__file__).parent / "orders" / "orders.csv"
CHECKS = Path(__file__).parent / "orders" / "checks.csvpath"
PROJECT = "sample"
PREBOARD = [sys.executable, "-m", "preboard"]
START_S = 60.0
STOP_S = 90.0  # behind runs that go on
RUN_S = 120.0


def main(arguments: list[str]) -> int:
    """Do what the command line asks for; returns 0 when the run was made, whatever it found."""
    stop = "--stop" in arguments
    named = [each for each in arguments if each != "--stop"]
    home = Path(named[0] if named else ".sample/server")
    if stop:
        stop_server(home)
        return 0
    url = start_server(home)
    with httpx.Client(base_url=url, headers={"access_token": admin_key(home)}, timeout=60) as api:
        uploaded = send_file(api)
        run = until_ended(api, uploaded["run_uuid"])
        if run["status"] != "done":
            print(f"the run could not be made: {run['error']}", file=sys.stderr)
            return 1
        result = good(api.get(f"/v2/runs/{run['run_uuid']}/result"))
        show_result(result)
        show_provenance(good(api.get(result["links"]["trace"]))["trace"])
    show_urls(url, home, run)
    return 0


def start_server(home: Path) -> str:
    """Return the URL of the server of a home, which is started in the background if need be."""
    url = running_at(home)
    if url is not None:
        print(f"the server runs: {url}")
        return url
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = home / "start.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*PREBOARD, "serve", "--home", str(home), "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # it goes on when this script ends
        )
    last = time.monotonic() + START_S
    while time.monotonic() < last and process.poll() is None:
        url = running_at(home)
        if url is not None:
            print(f"the server is started: {url}")
            return url
        time.sleep(0.1)
    sys.exit(f"the server does not start:\n{said.read_text()}")


def running_at(home: Path) -> str | None:
    """Return the URL of the server of a home, if it can do its work."""
    with contextlib.suppress(OSError, httpx.HTTPError):
        found = re.search(r"serves (\S+), from ", (home / "start.txt").read_text())
        if found and httpx.get(f"{found[1]}/readyz", timeout=10).status_code == httpx.codes.OK:
            return found[1]
    return None


def stop_server(home: Path) -> None:
    """End the server of a home, if it runs, and wait for its end."""
    process = process_of(home)
    if process is None:
        print("no server runs")
        return
    os.kill(process, signal.SIGTERM)
    last = time.monotonic() + STOP_S
    while process_of(home) is not None:
        if time.monotonic() > last:
            sys.exit(f"the server does not end: process {process}")
        time.sleep(0.1)
    (home / "start.txt").unlink(missing_ok=True)
    print("the server is stopped")


def process_of(home: Path) -> int | None:
    """Return the process of the server of a home: its number stands in the lock that it holds."""
    with contextlib.suppress(FileNotFoundError), (home / "server.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
    return None


def admin_key(home: Path) -> str:
    """Return a key of the server: it is shown once, so it is kept in a file for the next time."""
    kept = home / "key.txt"
    if not kept.exists():
        words = [*PREBOARD, "keys", "create", "--home", str(home), "--admin", "--name", "sample"]
        made = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
        found = re.search(r"pb_[A-Za-z0-9_-]{51}", made.stdout)
        if found is None:
            sys.exit(f"there is no key: {made.stderr}")
        print(f"its admin key is kept in {kept}")
        kept.touch(mode=0o600)
        kept.write_text(found[0])
    return kept.read_text()


def send_file(api: httpx.Client) -> dict[str, Any]:
    """Make the project and its group if they are not there, send the orders and have them checked.

    The run is accepted in the transaction that registers the file: there is never one without the
    other.
    """
    made = api.post("/v2/projects", json={"name": PROJECT})
    if made.status_code != httpx.codes.CONFLICT:  # which says that it is there
        good(made)
    project = {"project_name": PROJECT}
    checks = CHECKS.read_bytes()
    good(api.put("/v2/validations/order-checks", params=project, content=checks,
                 headers={"Content-Type": "text/plain"}))  # fmt: skip
    asked = {**project, "file_name": ORDERS.name, "group": "order-checks"}
    with ORDERS.open("rb") as file:
        sent = api.post("/v2/files/orders", params=asked, content=file,
                        headers={"Content-Type": "text/csv"})  # fmt: skip
    return good(sent)


def until_ended(api: httpx.Client, run: str) -> dict[str, Any]:
    """Return how a run stands when it has ended."""
    last = time.monotonic() + RUN_S
    while time.monotonic() < last:
        found = good(api.get(f"/v2/runs/{run}"))
        if found["status"] not in ("queued", "running"):
            return found
        time.sleep(0.1)
    sys.exit(f"the run {run} has not ended after {RUN_S:g} s")


def show_result(result: dict[str, Any]) -> None:
    """Print what came of a run."""
    print(f"\n{result['reference']}: {verdict(result)}")
    for each in result["instances"]:
        print(f"  {each['identity']:<18} {verdict(each)}")


def verdict(judged: dict[str, Any]) -> str:
    """Return in words what was found."""
    errors = judged["error_count"]
    return f"{'valid' if judged['valid'] else 'INVALID'}, {errors} errors"


def show_provenance(trace: dict[str, Any]) -> None:
    """Print where the bytes and the statements of a run come from."""
    version, load = trace["version"], trace["load"]
    print(f"\n{version['reference']}")
    told = {
        "arrived": version["time"],
        "file name": version["file_name"],
        "bytes": version["size"],
        "SHA-256": version["fingerprint"],
        **{name.replace("_", " "): value for name, value in version["provenance"].items()},
        "checked by": f"{load['named_paths_name']}, as loaded {load['time']}",
    }
    for name, value in told.items():
        print(f"  {name:<18} {value}")


def show_urls(url: str, home: Path, run: dict[str, Any]) -> None:
    """Print what to open in a browser."""
    print("\nto open, with the key of " + str(home / "key.txt"))
    print(f"  {url}/")
    print(f"  {url}/overview/runs/{run['run_uuid']}")
    print(f"  {url}/docs")
    print("make stop ends the server")


def good(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer; one that tells of a problem ends the script."""
    if answer.is_error:
        sys.exit(f"{answer.request.method} {answer.request.url.path}: {answer.text}")
    body: dict[str, Any] = answer.json()
    return body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
