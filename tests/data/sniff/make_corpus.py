"""Write the corpus of the sniffer: small files as partners send them, and what is true of each.

usage: make_corpus.py

The files go to the folder `files` beside this script, the truths to `expected.jsonl`, a line each:
delimiter (null: one column), quotechar (of a file without quotes: `"`), encoding, header, and
`unsure`: of which of these nobody can be sure, so that the sniffer must say so, too. The data is
made up; the same script always writes the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.data.sniff.corpus_tables import made_tables
from tests.data.sniff.corpus_texts import TEXTS

HERE = Path(__file__).parent


def main() -> None:
    """Write all files."""
    folder = HERE / "files"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    truths = []
    for case in [*made_tables(), *TEXTS]:
        data = case.data()
        if len(data) >= 20_000:
            raise ValueError(f"{case.name} has {len(data)} bytes")
        path = folder / case.name
        if path.exists():
            raise ValueError(f"two files are called {case.name}")
        path.write_bytes(data)
        truths.append(case.truth())
    lines = [json.dumps(truth, ensure_ascii=True) + "\n" for truth in truths]
    (HERE / "expected.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
