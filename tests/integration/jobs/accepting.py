"""Accept deliveries as the server does, until killed: `accepting.py HOME URL PROJECT FIRST LAST`.

Each is a file and a run of it, in one transaction. One that was accepted before is left alone.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from preboard.catalog.database import Database
from preboard.catalog.service.jobs import NewJob, Wish
from preboard.jobs.queue import Queue
from preboard.jobs.terms import terms_of
from preboard.project.project import Project


def delivery(number: int) -> str:
    """Return the id of a delivery."""
    return str(uuid5(NAMESPACE_URL, f"delivery {number}"))


def content(number: int) -> bytes:
    """Return the bytes of a delivery, which no other has."""
    return b"id,name,amount\n%d,Ann,3\n2,Bob,x\n" % number


def main() -> None:
    """Accept some deliveries."""
    home, url, project, first, last = sys.argv[1:]
    database = Database(url)
    queue = Queue(database, url, 4)
    terms = terms_of(database, project, home=Path(home), local_roots=(), private_hosts=())
    with Project.open(Path(home, "projects", project), terms=terms, repair=False) as opened:
        print("ready", flush=True)  # noqa: T201 - whoever kills this waits for it
        for number in range(int(first), int(last)):
            which = delivery(number)
            if queue.jobs.by_id(which) is not None:
                continue

            def enqueue(connection, version, which=which):
                wish = Wish(file="deliveries", group="checks")
                new = NewJob(
                    id=which,
                    project=project,
                    wish=wish,
                    asked_by="a test",
                    version=version.id,
                    registration=version.reference,
                )
                queue.enqueue(connection, new)

            opened.register(
                "deliveries",
                BytesIO(content(number)),
                file_name=f"{number}.csv",
                id=which,
                also=enqueue,
            )


if __name__ == "__main__":
    main()
