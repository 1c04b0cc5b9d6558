"""Measure the server: runs a second beside the reference, hooks, listings, memory of uploads.

usage: server.py [--rounds N] [--skip-reference] [--history N] [--hooks N] [--upload-mb N]

A run is a request that answers when the run is over (POST /csvpath/run), of a file of five lines
and two statements, by 16 clients. Ours keeps everything that it promises while it is measured:
key, durable queue, a process for each run, manifests, one database.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from reference_setup import SetupFailed, environment, reference_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
CLIENTS = 16
LINES = b"id,name,amount\n1,Ann,3\n2,Bob,5\n3,Cid,7\n4,Dee,9\n"
STATEMENTS = ["~ id: named ~ $[1*][ #name ]", "~ id: amounts ~ $[1*][ integer(#amount) ]"]
RUN = {"project_name": "bench", "file_name": "orders", "path_name": "checks"}


def main() -> None:
    """Measure what the command line asks for, and print it."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="preboard-bench-") as where, _ours(Path(where)) as ours:
        with _reference(Path(where), skip=asked.skip_reference) as reference:
            _runs(ours, reference, asked.rounds)
        _listing(ours, queued=1_000)
        _hooks(ours, Path(where) / "inbox", asked.hooks)
        if asked.history:
            _history(ours, asked.history)
        _upload(ours, asked.upload_mb)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-reference", action="store_true")
    parser.add_argument("--history", type=int, default=0, help="runs in the catalog, to compare")
    parser.add_argument("--hooks", type=int, default=200, help="events that a sender tells of")
    parser.add_argument("--upload-mb", type=int, default=2_048)
    return parser.parse_args()


class Ours:
    """Our server as a process, with a project, a file and a group."""

    def __init__(self, process: subprocess.Popen[str], url: str, key: str) -> None:
        self.process = process
        self.url = url
        self.headers = {"access_token": key}

    def client(self) -> httpx.Client:
        """Return a client with the key."""
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=300)

    def run(self) -> bool:
        """Run once; says whether it was answered with a reference."""
        status, answer = posted(f"{self.url}/csvpath/run", RUN, self.headers)
        return status == httpx.codes.OK and "reference" in answer


_CONNECTIONS = threading.local()


def posted(url: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Send JSON over a connection of this thread; returns status and answer.

    By the standard library: what the client needs of the machine, the server does not have.
    """
    parts = urlsplit(url)
    known = vars(_CONNECTIONS)
    if parts.netloc not in known:
        known[parts.netloc] = HTTPConnection(parts.netloc, timeout=300)
    connection: HTTPConnection = known[parts.netloc]
    given = {"Content-Type": "application/json", **headers}
    try:
        connection.request("POST", parts.path or "/", json.dumps(body), given)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (HTTPException, OSError):
        known.pop(parts.netloc).close()
        return 0, {}


@contextlib.contextmanager
def _ours(where: Path) -> Iterator[Ours]:
    program = [sys.executable, "-m", "preboard"]
    home = where / "server"
    made = subprocess.run(
        [*program, "keys", "create", "--home", str(home), "--name", "bench", "--admin", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"pb_[\w-]{40,}", made.stdout + made.stderr)
    if found is None:
        sys.exit(made.stdout + made.stderr)
    limits = {"PREBOARD_REQUESTS_PER_S": "100000", "PREBOARD_REQUEST_BURST": "100000",
              "PREBOARD_LOG_LEVEL": "warning", "PREBOARD_RUNNING_PER_PROJECT": "8"}  # fmt: skip
    (where / "inbox").mkdir()
    files = {"PREBOARD_LOCAL_FILES": "true", "PREBOARD_LOCAL_ROOTS": str(where / "inbox")}
    process = subprocess.Popen(
        [*program, "serve", "--home", str(home), "--port", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**environment(), **limits, **files},
    )  # fmt: skip
    url = ""
    for line in process.stderr:
        if at := re.search(r"https?://[\w.]+:\d+", line):
            url = at[0]
            break
    threading.Thread(target=process.stderr.read, daemon=True).start()
    ours = Ours(process, url, found[0])
    try:
        with ours.client() as client:
            _until(lambda: client.get("/readyz").status_code == httpx.codes.OK)
            client.post("/v2/projects", json={"name": "bench"}).raise_for_status()
            where_to = "/v2/files/orders?project_name=bench&file_name=orders.csv"
            client.post(where_to, content=LINES).raise_for_status()
            group = {"project_name": "bench", "csvpaths": "\n---- CSVPATH ----\n".join(STATEMENTS)}
            client.post("/v2/validations/checks", json=group).raise_for_status()
            if not ours.run():
                sys.exit("the server does not run what it should")
        yield ours
    finally:
        process.terminate()
        process.wait(120)


@contextlib.contextmanager
def _reference(where: Path, *, skip: bool) -> Iterator[str | None]:
    if skip:
        yield None
        return
    try:
        python = reference_python()
    except SetupFailed as error:
        sys.stderr.write(f"{error}\n")
        yield None
        return
    home = where / "reference"
    home.mkdir()
    (home.parent / "statements.json").write_text(json.dumps(STATEMENTS), encoding="utf-8")
    (home.parent / "orders.csv").write_bytes(LINES)
    process = subprocess.Popen(
        [str(python), str(HERE / "reference_server.py"), str(home.parent / "statements.json"),
         str(home.parent / "orders.csv")],
        cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(),
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait(30)


def _runs(ours: Ours, reference: str | None, rounds: int) -> None:
    """Measure runs a second, in turns."""
    here, there = [], []
    for _ in range(rounds):
        here.append(_load(ours.run, 320))
        if reference is not None:
            there.append(_load(lambda: posted(reference, {}, {})[0] == httpx.codes.OK, 48))
    _tell("ours", here)
    if there:
        _tell("reference", there)
        ratios = [a["a_second"] / b["a_second"] for a, b in zip(here, there, strict=True)]
        print(f"runs a second: {statistics.median(ratios):.1f} times the reference")


def _tell(who: str, rounds: list[dict[str, float]]) -> None:
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    print(
        f"{who}: {middle['a_second']:.1f} runs a second, p50 {middle['p50_ms']:.0f} ms, "
        f"p99 {middle['p99_ms']:.0f} ms, {sum(each['failed'] for each in rounds):.0f} failed"
    )


def _load(act: Callable[[], bool], count: int) -> dict[str, float]:
    """Act by many clients at once; returns figures."""
    times: list[float] = []

    def timed(_: int) -> bool:
        began = time.perf_counter()
        answer = act()
        times.append(time.perf_counter() - began)
        return answer

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        failed = sum(not answer for answer in pool.map(timed, range(count)))
    seconds = time.perf_counter() - began
    return {"a_second": (count - failed) / seconds, "failed": failed, **_percentiles(times)}


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": ordered[len(ordered) // 2] * 1e3,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e3,
    }


def _listing(ours: Ours, queued: int) -> None:
    """Measure GET /v2/projects alone, and while runs are queued."""
    with ours.client() as client:
        alone = _gets(client, 200)
        wish = {"project_name": "bench", "file_name": "orders", "validation_name": "checks"}
        # Some are over before all are accepted.
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda _: client.post("/v2/runs", json=wish), range(queued * 3 // 2)))
        loaded = _gets(client, 400)
        left = client.get("/v2/runs", params={"limit": 1}).json()["total"]
        print(f"GET /v2/projects: p99 {alone['p99_ms']:.1f} ms alone, {loaded['p99_ms']:.1f} ms "
              f"with runs queued, of which {left:,} were left behind it")  # fmt: skip
        _until(lambda: not client.get("/v2/runs").json()["runs"], 600)


def _gets(client: httpx.Client, count: int) -> dict[str, float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        client.get("/v2/projects").raise_for_status()
        times.append(time.perf_counter() - began)
    return _percentiles(times)


def _hooks(ours: Ours, inbox: Path, count: int) -> None:
    """Measure how soon the sender of an event is answered, now and then and as fast as it can."""
    definition = {
        "project": "bench", "adapter": "json", "named_file": "orders", "group": "checks",
        "settings": {"path": "/path", "location": "/path"}, "secret": {"header": "X-Secret"},
    }  # fmt: skip
    with ours.client() as client:
        client.put("/v2/admin/projects/bench/local-files").raise_for_status()
        hook = client.post("/v2/hooks", json=definition).raise_for_status().json()
        for pause_s, when in ((0.2, "now and then"), (0.0, "one after the other")):
            times = []
            for number in range(count):
                path = inbox / f"{pause_s}-{number}.csv"
                path.write_bytes(LINES + f"{number},Eve,{number}\n".encode())
                began = time.perf_counter()
                answer = client.post(
                    f"/v2/hooks/{hook['id']}",
                    json={"path": str(path)},
                    headers={"X-Secret": hook["secret"]},
                )
                times.append(time.perf_counter() - began)
                answer.raise_for_status()
                time.sleep(pause_s)
            _until(lambda: not client.get("/v2/runs").json()["runs"], 600)
            found = _percentiles(times)
            print(f"a hook, {when}: p50 {found['p50_ms']:.1f} ms, p99 {found['p99_ms']:.1f} ms")


def _history(ours: Ours, count: int) -> None:
    """Compare runs a second and listings with and without many runs in the catalog."""
    with ours.client() as client:
        before = _load(ours.run, 320), _gets(client, 300)
        wish = {"project_name": "bench", "file_name": "orders", "validation_name": "checks"}
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: client.post("/v2/runs", json=wish), range(count)))
        _until(lambda: not client.get("/v2/runs").json()["runs"], 3600)
        after = _load(ours.run, 320), _gets(client, 300)
    runs = before[0]["a_second"] / after[0]["a_second"]
    gets = after[1]["p50_ms"] / before[1]["p50_ms"]
    print(f"with {count:,} runs more: a run takes {runs:.2f} times as long, a listing {gets:.2f}")


def _upload(ours: Ours, megabytes: int) -> None:
    """Measure the memory of the API process while it takes a large file."""
    api = next(pid for pid, line in _children(ours.process.pid) if "server.serving" in line)
    peak, stop = [_resident_mb(api)], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            peak.append(_resident_mb(api))

    watching = threading.Thread(target=watch)
    watching.start()

    def body() -> Iterator[bytes]:
        block = b"1,Ann Other,3\n" * 75_000
        yield b"id,name,amount\n"
        for _ in range(megabytes):
            yield block

    began = time.perf_counter()
    where_to = "/v2/files/large?project_name=bench&file_name=large.csv"
    with ours.client() as client:
        client.post(where_to, content=body()).raise_for_status()
    seconds = time.perf_counter() - began
    stop.set()
    watching.join()
    print(f"upload of {megabytes:,} MB: {seconds:.0f} s; the API process took {peak[0]:.0f} MB "
          f"before, {max(peak):.0f} MB at most")  # fmt: skip


def _children(parent: int) -> list[tuple[int, str]]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                line = status.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append((int(status.parent.name), line))
    return found


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _until(look: Callable[[], Any], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not look():
        if time.monotonic() > end:
            sys.exit("the server does not come to an end of what it was asked for")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
