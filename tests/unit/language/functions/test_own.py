"""Functions of users: off until somebody allows them, whole or not at all, never in our place."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

import preboard
import preboard.functions
from preboard.errors import ConfigError
from preboard.language.functions.library import functions

pytestmark = pytest.mark.usefixtures("own_functions_forgotten")

HEAD = "from preboard.functions import Anything, Fault, Number, Text, function, many, optional\n\n"
CHECKS = (
    HEAD
    + '''
@function("even_digits", gives="match", args=[Text], aliases=["all_even"])
def even_digits(call, text):
    """Matches a text of even digits alone."""
    if not text.isdecimal():
        raise Fault(f"{text} holds more than digits")
    return all(int(digit) % 2 == 0 for digit in text)


@function("seen", gives="value", args=[many(Anything)], acts=True, state=list)
def seen(call, *values):
    """How many values it has seen so far."""
    call.state.extend(values)
    return len(call.state)


@function("note", gives="nothing", args=[Number])
def note(call, number):
    """Notes a number."""
    call.run.variables["noted"] = number
    return "nobody gets this"
'''
)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that can be imported, and return its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(text, name="acme_checks"):
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


@pytest.fixture
def distribution(tmp_path):
    """Install a distribution whose entry points name modules, and return where it lies."""

    def install(name="acme-checks", version="1.2", **modules):
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        points = "".join(f"{key} = {value}\n" for key, value in modules.items())
        info.joinpath("METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        info.joinpath("entry_points.txt").write_text(f"[preboard.functions]\n{points}")
        return tmp_path

    return install


def run(statement, text="n\n24\n13\nx\n"):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


def test_importing_a_module_allows_nothing(module):
    """Only `use` does, whoever imports the module."""
    __import__(module(CHECKS))
    with pytest.raises(preboard.StatementError, match="no function is called even_digits"):
        run("$[1*][ even_digits(#n) ]")


def test_used_functions_work_as_ours_do(module):
    assert preboard.functions.use(module(CHECKS)) == ["even_digits", "note", "seen"]

    report = run("$[1*][ all_even(#n) @s = seen.onmatch(#n, 1) note(line_number()) ]")
    assert report.lines == [["24"]]
    assert report.variables == {"s": 2, "noted": 3}
    assert [(e.line, e.message) for e in report.errors] == [(3, "x holds more than digits")]
    assert functions()["all_even"].origin == "acme_checks"


def test_their_calls_are_checked_before_a_line_is_read(module):
    preboard.functions.use(module(CHECKS))
    with pytest.raises(preboard.StatementError, match="takes 1 argument, not 2"):
        run("$[*][ even_digits(#n, 1) ]")
    with pytest.raises(preboard.StatementError, match="must be an integer or a decimal"):
        run('$[*][ note("x") ]')


def test_a_file_or_a_module_or_a_function_may_be_used(module, tmp_path):
    path = tmp_path / f"{module(CHECKS, 'acme_file')}.py"
    preboard.functions.use(path)
    preboard.functions.use(str(path))
    assert run("$[1][ even_digits(#n) ]").lines == [["24"]]

    @preboard.functions.function("acme_one", gives="value")
    def one(_call):
        """The number one."""
        return 1

    assert preboard.functions.use(one) == ["acme_one"]
    assert run("$[1][ @o = acme_one() ]").variables == {"o": 1}


def test_installed_functions_are_used_together(distribution, module):
    """Until then the hint says what is missing."""
    module(CHECKS)
    distribution(checks="acme_checks")
    with pytest.raises(preboard.StatementError, match=r"functions of acme-checks must be allowed"):
        run("$[1*][ even_digits(#n) ]")

    assert preboard.functions.use_installed() == ["even_digits", "note", "seen"]
    assert run("$[1*][ even_digits(#n) ]").lines == [["24"]]
    assert functions()["seen"].origin == "acme-checks 1.2"


def test_the_command_line_allows_them_when_asked(distribution, module):
    module(CHECKS)
    directory = distribution(checks="acme_checks")
    (directory / "data.csv").write_text("n\n24\n")

    def program(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "preboard", *arguments], cwd=directory, check=False,
            capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(directory)},  # noqa: TID251 - handed on
        )  # fmt: skip

    call = ["validate", "data.csv", "--statement", "$[1*][ even_digits(#n) ]"]
    assert program(*call).returncode == 3
    assert program("--installed-functions", *call).returncode == 0
    assert program("--functions", "acme_checks", *call).returncode == 0
    shown = program("--functions", "acme_checks.py", "functions", "even_digits").stdout
    assert "Matches a text of even digits alone." in shown
    assert "all_even" in shown
    listed = program("--functions", "acme_checks", "functions").stdout
    assert "seen()" in listed
    wrong = program("--functions", "acme_nowhere", *call)
    assert wrong.returncode == 2
    assert "functions of acme_nowhere cannot be used" in wrong.stderr


BROKEN = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "ends the program": ("raise SystemExit(0)", "SystemExit: 0"),
    "does not parse": ("def (", "SyntaxError"),
    "declares nothing": ("x = 1", "declares no functions"),
    "replaces ours": (
        CHECKS.replace('"seen"', '"count"'),
        r"count\(\) is declared by Preboard itself, and cannot be replaced",
    ),
    "takes an alias of ours": (
        CHECKS.replace('"all_even"', '"eq"'),
        r"eq\(\) is declared by Preboard itself",
    ),
    "declares a name twice": (
        CHECKS.replace('"note"', '"all_even"'),
        r"all_even\(\) is declared by the same source",
    ),
    "has a name that is none": (
        CHECKS.replace('"note"', '"my note"'),
        "'my note' is no name",
    ),
    "has no help": (
        CHECKS.replace('"""Notes a number."""', ""),
        r"note\(\) has no docstring",
    ),
    "gives what is unknown": (CHECKS.replace('"nothing"', '"vote"'), "gives 'vote', not one of"),
    "takes fewer arguments than it says": (
        CHECKS.replace("def note(call, number)", "def note(call)"),
        r"note\(number\) may have 1 arguments",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_source_is_named_and_nothing_of_it_is_used(text, message, module):
    before = dict(functions())
    with pytest.raises(ConfigError, match=message) as caught:
        preboard.functions.use(module(text, "acme_broken"))
    assert "acme_broken" in str(caught.value)
    assert functions() == before


def test_a_broken_distribution_is_named(distribution, module):
    module("1 / 0", "acme_bad")
    distribution("acme-bad", "0.3", bad="acme_bad")
    with pytest.raises(ConfigError, match=r"functions of acme-bad 0\.3 cannot be used"):
        preboard.functions.use_installed()


def test_sources_cannot_take_names_of_each_other(module):
    preboard.functions.use(module(CHECKS))
    with pytest.raises(ConfigError, match=r"even_digits\(\) is declared by acme_checks"):
        preboard.functions.use(module(CHECKS, "acme_other"))


WRONG = {
    "raises": ("raise KeyError('k')", "odd(): 'k'"),
    "gives no boolean": ("return 'yes'", "odd_one() of acme_odd gave str, not True or False"),
    "gives nothing": ("return None", "odd_one() of acme_odd gave NoneType, not True or False"),
    "ends the program": ("raise SystemExit(0)", "odd_one() of acme_odd wanted to end the program"),
    "recurses": ("return odd_one.evaluate(call, value)", "maximum recursion depth"),
}


@pytest.mark.parametrize(("body", "message"), WRONG.values(), ids=WRONG)
def test_a_function_that_fails_is_an_error_of_the_line(body, message, module):
    text = f'''{HEAD}
@function("odd_one", gives="match", args=[Anything])
def odd_one(call, value):
    """Is odd."""
    {body}
'''
    preboard.functions.use(module(text, "acme_odd"))
    report = run("$[1][ odd_one(#n) ]")
    (error,) = report.errors
    assert message.replace("odd()", "odd_one()") in error.message
    assert (report.valid, report.lines) == (False, [])


def test_a_value_that_is_none_of_the_language_is_refused(module):
    text = f'''{HEAD}
@function("thing", gives="value")
def thing(call):
    """Gives a thing."""
    return object()
'''
    preboard.functions.use(module(text, "acme_thing"))
    report = run("$[1][ @t = thing() ]")
    assert report.variables == {"t": None}
    assert [e.message for e in report.errors] == [
        "thing() of acme_thing gave object, not a value of the language"
    ]


def test_a_process_may_forbid_them(module, distribution):
    distribution(checks=module(CHECKS))
    preboard.functions.forbid()
    with pytest.raises(ConfigError, match="not allowed here"):
        preboard.functions.use("acme_checks")
    with pytest.raises(ConfigError, match="not allowed here"):
        preboard.functions.use_installed()
    assert "acme_checks" not in sys.modules
