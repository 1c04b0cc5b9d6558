"""The modes and directives that a statement's comments set, and the error policy.

In: metadata. Out: `Modes`, a frozen value. Rules: spec/language.md sections 2.4, 9.1, 9.2 and 10;
validation-mode words are compared whole (section 15 row 26), `error-mode: bare` overrides (row 27),
files-mode takes `no-unmatched` and `no-printouts` (row 28).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from preboard.diagnostics import Diagnostic, Span
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preboard.language.comments import Metadata

DELIMITERS = {
    "pipe": "|", "bar": "|", "semi": ";", "comma": ",", "colon": ":", "tab": "\t", "space": " ",
}  # fmt: skip
QUOTES = {
    "quotes": '"', "quote": '"', "single-quote": "'", "singlequote": "'", "single": "'", "tick":
    "`",
}  # fmt: skip
FILES = ("data", "unmatched", "printouts", "vars", "errors", "meta")
DEFAULT_FILES = frozenset({"errors", "meta", "vars"})
POLICY_WORDS = ("raise", "collect", "stop", "fail", "print", "quiet")
TRANSFERABLE = (*FILES, "manifest", "source")
"""What can be handed on by a word (framework.md 5.4); files are named with their extension."""
_FILE_NAME = re.compile(r"[^\\/:\0\s>,.][^\\/:\0>,]*\.(?:csv|json|txt|md|parquet)")
MODE_KEYS = (
    "logic-mode", "return-mode", "run-mode", "print-mode", "files-mode", "unmatched-mode",
    "explain-mode", "source-mode", "transfer-mode", "error-mode", "validation-mode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """What an error of a line does; `match` lets the component's own vote stand (9.1, 9.5)."""

    raises: bool = False
    collects: bool = True
    stops: bool = False
    fails: bool = True
    prints: bool = False
    matches: bool = False

    @classmethod
    def of(cls, words: Iterable[str]) -> ErrorPolicy:
        """Return the policy that the words of a configuration or of `on_error` name.

        Raises:
            ConfigError: a word is none of raise, collect, stop, fail, print, quiet.
        """
        asked = list(words) if not isinstance(words, str) else re.split(r"[\s,]+", words.strip())
        for word in asked:
            if word not in POLICY_WORDS:
                raise ConfigError(
                    f"unknown word in the error policy: {word!r}",
                    hint=f"one of {', '.join(POLICY_WORDS)}",
                )
        return cls(
            "raise" in asked, "collect" in asked, "stop" in asked, "fail" in asked, "print" in asked
        )

    def overridden(self, validation_mode: str | None) -> ErrorPolicy:
        """Return the policy with the words of a statement's validation-mode put over it (9.2)."""
        words = set(re.split(r"[\s,]+", validation_mode or ""))

        def decide(word: str, present: bool) -> bool:
            return False if f"no-{word}" in words else present or word in words

        return replace(
            self,
            raises=decide("raise", self.raises),
            collects=decide("collect", self.collects),
            stops=decide("stop", self.stops),
            fails=decide("fail", self.fails),
            prints=decide("print", self.prints),
            matches=decide("match", self.matches),
        )


@dataclass(frozen=True, slots=True)
class Modes:
    """Every mode of a statement with its default (section 10)."""

    any_component: bool = False
    """logic-mode OR: one true vote makes the line match."""
    no_matches: bool = False
    """return-mode no-matches: the lines that do not match are returned."""
    runs: bool = True
    printing: Literal["default", "no-default", "separate", "no-default-separate"] = "default"
    files: frozenset[str] = DEFAULT_FILES
    keeps_unmatched: bool = False
    explains: bool = False
    source_preceding: bool = False
    transfers: tuple[tuple[str, str], ...] = ()
    error_format: Literal["bare", "full"] | None = None
    validation: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    texts: tuple[tuple[str, str | None], ...] = ()
    """The modes as they stand in the comment, for print() and metadata."""


def is_transferable(word: str) -> bool:
    """Say whether a word names what a transfer can take: a result, or a file by its name."""
    return word in TRANSFERABLE or bool(_FILE_NAME.fullmatch(word))


def read_modes(metadata: Metadata) -> tuple[Modes, list[Diagnostic]]:
    """Return the modes that the comments set, and a finding for every value that is none."""
    reader = _Reader(metadata)
    modes = Modes(
        any_component=reader.one_of("logic-mode", ("and", "or"), "and", any_case=True) == "or",
        no_matches=reader.one_of("return-mode", ("matches", "no-matches"), "matches")
        == "no-matches",
        runs=reader.one_of("run-mode", ("run", "no-run"), "run") == "run",
        printing=reader.printing(),
        files=reader.files(),
        keeps_unmatched=reader.get("unmatched-mode") is not None
        and "no-keep" not in (reader.get("unmatched-mode") or ""),
        explains=reader.get("explain-mode") == "explain",
        source_preceding=reader.get("source-mode") == "preceding",
        transfers=reader.transfers(),
        error_format=reader.error_format(),
        validation=reader.get("validation-mode"),
        delimiter=reader.character("use-delimiter", DELIMITERS),
        quotechar=reader.character("use-quotechar", QUOTES),
        texts=tuple((key, metadata.values[key]) for key in MODE_KEYS if key in metadata.values),
    )
    return modes, reader.findings


class _Reader:
    """Reads one value after the other and notes what is wrong with it."""

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata
        self.findings: list[Diagnostic] = []

    def get(self, key: str) -> str | None:
        return self.metadata.values.get(key)

    def refuse(self, key: str, allowed: Iterable[str], *, warn: bool = False) -> None:
        words = list(allowed)
        value = self.get(key)
        hint = f"one of {', '.join(words)}"
        if any((value or "").startswith(f"{word} ") for word in words):
            hint = "end the value with a lone colon before other text: `matches : text`"
        self.findings.append(
            Diagnostic(
                "bad-mode",
                f"{key} is set to nothing" if value is None else f"{key} has no value {value!r}",
                self.metadata.spans.get(key, Span(0, 1)),
                "warning" if warn else "error",
                hint,
            )
        )

    def one_of(
        self, key: str, allowed: tuple[str, ...], default: str, *, any_case: bool = False
    ) -> str:
        value = self.get(key)
        if key not in self.metadata.values:
            return default
        word = value.lower() if any_case and value else value
        if word in allowed:
            return word
        self.refuse(key, allowed)
        return default

    def printing(self) -> Literal["default", "no-default", "separate", "no-default-separate"]:
        match self.one_of(
            "print-mode", ("default", "no-default", "separate", "no-default-separate"), "default"
        ):
            case "no-default":
                return "no-default"
            case "separate":
                return "separate"
            case "no-default-separate":
                return "no-default-separate"
            case _:
                return "default"

    def files(self) -> frozenset[str]:
        if "files-mode" not in self.metadata.values:
            return DEFAULT_FILES
        words = [w for w in re.split(r"[\s,]+", self.get("files-mode") or "") if w]
        if words == ["all"]:
            return frozenset(FILES)
        known = {*FILES, "no-data", "no-unmatched", "no-printouts"}
        if not words or not known.issuperset(words):
            self.refuse("files-mode", ["all", *sorted(known)])
        refused = {word[3:] for word in words if word.startswith("no-")}
        return (DEFAULT_FILES | known.intersection(words, FILES)) - refused

    def transfers(self) -> tuple[tuple[str, str], ...]:
        value = self.get("transfer-mode")
        if not value:
            return ()
        found = []
        for item in value.split(","):
            file, arrow, variable = (word.strip() for word in item.partition(">"))
            if not is_transferable(file) or not arrow or not variable:
                self.refuse("transfer-mode", ["data > variable", "unmatched > variable"], warn=True)
            else:
                found.append((file, variable))
        return tuple(found)

    def error_format(self) -> Literal["bare", "full"] | None:
        match self.get("error-mode"):
            case "bare":
                return "bare"
            case "full":
                return "full"
            case _:
                return None

    def character(self, key: str, words: dict[str, str]) -> str | None:
        """Return the character a directive names; a single literal one is taken as it is."""
        if key not in self.metadata.values:
            return None
        value = self.get(key) or ""
        if value in words:
            return words[value]
        if len(value) == 1 and not value.isalnum():
            return value
        self.refuse(key, words)
        return None
