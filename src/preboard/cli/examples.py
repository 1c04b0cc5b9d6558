"""The examples at the end of each command's help; a test runs them all over examples/orders."""

EXAMPLES = {
    "validate": (
        "preboard validate orders.csv --statement '$[1*][ integer(#quantity) ]'",
        "preboard validate *.csv --file checks.csvpath --errors errors.csv",
        "preboard validate - --file checks.csvpath --format json < orders.csv",
        "preboard validate orders.csv --file checks.csvpath --matched good/ --unmatched bad/",
    ),
    "check": ("preboard check checks.csvpath",),
    "explain": ("preboard explain orders.csv --text-line 12 --file checks.csvpath",),
    "test": ("preboard test checks.csvpath",),
    "fmt": ("preboard fmt checks.csvpath", "preboard fmt --check *.csvpath"),
    "functions": ("preboard functions", "preboard functions count_lines"),
    "sniff": ("preboard sniff orders.csv", "preboard sniff --format json - < orders.csv"),
    "compile": ("preboard compile orders.csv --file checks.csvpath --show",),
    "init": ("preboard init acme",),
    "register": (
        "preboard register orders orders.csv",
        "preboard register orders *.csv --partner alder",
        "preboard register orders - --file-name orders.csv < orders.csv",
    ),
    "load": (
        "preboard load checks checks.csvpath",
        "preboard load more - < checks.csvpath",
    ),
    "run": (
        "preboard run orders checks",
        "preboard run '$orders.files.:first' checks --method collect_by_line",
        "preboard run '$orders.files.:today' checks --each",
    ),
    "find": (
        "preboard find '$orders.files.:all'",
        "preboard find '$checks.results.:last.order-rules:errors'",
    ),
    "get": (
        "preboard get '$orders.files.:last' > orders.csv",
        "preboard get '$checks.results.:last.order-rules:errors'",
    ),
    "trace": ("preboard trace '$checks.results.:last.order-rules'",),
    "list": (
        "preboard list files",
        "preboard list runs --json",
        "preboard list runs --state failed --state aborted",
    ),
    "remove": ("preboard remove file orders --yes", "preboard remove group checks --yes"),
    "verify": ("preboard verify",),
    "config": ("preboard config show",),
    "serve": (
        "preboard serve --home server",
        "preboard serve --home server --host 0.0.0.0 --port 8443 --workers 4 --check",
    ),
    "backup": ("preboard backup --home server monday.tar",),
    "restore": ("preboard restore server.tar --home restored",),
    "migrate": ("preboard migrate --home server",),
    "keys": ("preboard keys create --home server --name loader --scope register --scope run",),
}


def epilog(command: str) -> str | None:
    """Return the examples of a command as its help ends with them, each in a line of its own."""
    lines = [f"  {example}" for example in EXAMPLES.get(command, ())]
    return "\n".join(["\b", "Examples:", *lines]) if lines else None
