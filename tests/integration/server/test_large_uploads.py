"""A file of any size takes no more memory of the server than a small one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
MIB = 1 << 20
SENT = 300
"""MiB"""
SERVE = """
import sys
from pathlib import Path
from tests.integration.serving import serving

with serving(Path(sys.argv[1])) as served:
    print(served.url, served.key, flush=True)
    sys.stdin.read()
"""


def memory(process: int, which: str) -> int:
    """Return MiB that a process has, now (VmRSS) or at most (VmHWM)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) // 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory")
@pytest.mark.parametrize("as_form", [False, True])
def test_a_large_file_goes_through_in_a_few_blocks(tmp_path, as_form):
    block = b"12345,abcdefgh,2026-11-21\n" * (MIB // 26)
    head = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    parts = [head, b"\r\n--XX--\r\n"] if as_form else [b"", b""]

    def sent():
        yield parts[0] or block
        for _ in range(SENT - 1):
            yield block
        yield parts[1] or block

    kind = "multipart/form-data; boundary=XX" if as_form else "text/csv"
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "home")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        url, key = process.stdout.readline().split()
        with httpx.Client(base_url=url, headers={"access_token": key}, timeout=300) as client:
            client.post("/v2/projects", json={"name": "acme"})
            before = memory(process.pid, "VmRSS")
            answer = client.post(
                "/v2/files/big",
                params={"project_name": "acme", "file_name": "a.csv"},
                headers={"Content-Type": kind},
                content=sent(),
            )
            assert answer.status_code == 201, answer.text
            assert answer.json()["size"] > (SENT - 2) * len(block)
            with client.stream(
                "GET", "/v2/registrations/big/raw", params={"project_name": "acme"}
            ) as stream:
                got = sum(len(chunk) for chunk in stream.iter_raw())
            assert got == answer.json()["size"]
        assert memory(process.pid, "VmHWM") - before < 32
        assert process.stdin is not None
        process.stdin.close()
