"""Modes and directives of a comment, and the error policy (sections 2.4, 9.1, 9.2, 10)."""

import pytest

from preboard.errors import ConfigError, StatementError
from preboard.language.modes import DEFAULT_FILES, FILES, ErrorPolicy, Modes
from preboard.language.statement import Statement


def modes(comment):
    return Statement.parse(f"~ {comment} ~ $[*][]").modes


class TestDefaults:
    def test_no_comment(self):
        """Without a comment every mode has its default."""
        assert Statement.parse("$[*][]").modes == Modes()

    def test_inner_comment_sets_nothing(self):
        """A comment inside the match part sets no mode."""
        assert Statement.parse("$[*][ ~ logic-mode: OR ~ ]").modes == Modes()

    def test_key_in_other_case_sets_nothing(self):
        """Keys of modes are in lower case only."""
        assert modes("Logic-Mode: OR") == Modes()

    def test_comment_behind_the_statement(self):
        """Modes may stand behind the statement too."""
        assert Statement.parse("$[*][] ~ logic-mode: OR ~").modes.any_component

    def test_last_word_wins(self):
        """A mode that is set twice has its last value."""
        assert not modes("logic-mode: OR logic-mode: AND").any_component


class TestValues:
    @pytest.mark.parametrize(
        ("comment", "field", "value"),
        [
            ("logic-mode: OR", "any_component", True),
            ("logic-mode: or", "any_component", True),
            ("logic-mode: And", "any_component", False),
            ("return-mode: no-matches", "no_matches", True),
            ("return-mode: matches", "no_matches", False),
            ("return-mode: no-matches : and so on", "no_matches", True),
            ("run-mode: no-run", "runs", False),
            ("run-mode: run", "runs", True),
            ("print-mode: default", "printing", "default"),
            ("print-mode: no-default", "printing", "no-default"),
            ("print-mode: separate", "printing", "separate"),
            ("print-mode: no-default-separate", "printing", "no-default-separate"),
            ("files-mode: all", "files", frozenset(FILES)),
            ("files-mode: data", "files", DEFAULT_FILES | {"data"}),
            ("files-mode: data, unmatched", "files", DEFAULT_FILES | {"data", "unmatched"}),
            ("files-mode: no-data", "files", DEFAULT_FILES),
            ("files-mode: no-unmatched no-printouts", "files", DEFAULT_FILES),
            ("unmatched-mode: keep", "keeps_unmatched", True),
            ("unmatched-mode: anything", "keeps_unmatched", True),
            ("unmatched-mode: no-keep", "keeps_unmatched", False),
            ("explain-mode: explain", "explains", True),
            ("explain-mode: no-explain", "explains", False),
            ("explain-mode: anything", "explains", False),
            ("source-mode: preceding", "source_preceding", True),
            ("source-mode: anything", "source_preceding", False),
            ("transfer-mode: data > v", "transfers", (("data", "v"),)),
            (
                "transfer-mode: data > a, unmatched > b",
                "transfers",
                (("data", "a"), ("unmatched", "b")),
            ),
            ("error-mode: bare", "error_format", "bare"),
            ("error-mode: full", "error_format", "full"),
            ("error-mode: anything", "error_format", None),
            ("validation-mode: raise, no-print", "validation", "raise, no-print"),
        ],
    )
    def test_value(self, comment, field, value):
        """Each word of the table of section 10 has its meaning."""
        assert getattr(modes(comment), field) == value

    @pytest.mark.parametrize(
        ("word", "character"),
        [
            ("pipe", "|"), ("bar", "|"), ("semi", ";"), ("comma", ","), ("colon", ":"),
            ("tab", "\t"), ("space", " "), (";", ";"), ("|", "|"),
        ],
    )  # fmt: skip
    def test_delimiter(self, word, character):
        """A delimiter is named by its word, or stands for itself."""
        assert modes(f"use-delimiter: {word}").delimiter == character

    @pytest.mark.parametrize(
        ("word", "character"),
        [
            ("quotes", '"'), ("quote", '"'), ("single-quote", "'"), ("singlequote", "'"),
            ("single", "'"), ("tick", "`"), ("'", "'"),
        ],
    )  # fmt: skip
    def test_quotechar(self, word, character):
        """A quote character is named by its word, or stands for itself."""
        assert modes(f"use-quotechar: {word}").quotechar == character

    def test_texts(self):
        """The words of the comment are kept as they stand, for print() and metadata."""
        assert modes("id: x run-mode: run logic-mode: Or").texts == (
            ("logic-mode", "Or"),
            ("run-mode", "run"),
        )


class TestBadValues:
    @pytest.mark.parametrize(
        "comment",
        [
            "logic-mode: XOR", "logic-mode:", "return-mode: No-Matches", "return-mode: all",
            "return-mode: matches these", "run-mode: off", "print-mode: none", "files-mode: json",
            "files-mode: data, json", "files-mode:", "use-delimiter: semicolon",
            "use-delimiter: ;;", "use-delimiter: x", "use-delimiter:", "use-quotechar: double",
        ],
    )  # fmt: skip
    def test_refused(self, comment):
        """A value that a mode does not have is an error at its key."""
        with pytest.raises(StatementError) as error:
            modes(comment)
        (finding,) = error.value.diagnostics
        assert (finding.code, finding.span.start) == ("bad-mode", 2)
        assert finding.hint

    def test_every_bad_value_is_told(self):
        """Two bad modes and a bad match part are three findings, in the order of the text."""
        with pytest.raises(StatementError) as error:
            Statement.parse("~ run-mode: off logic-mode: XOR ~ $[*][ lenght(#a) ]")
        starts = [finding.span.start for finding in error.value.diagnostics]
        assert starts == [2, 16, 40]

    def test_transfer_that_is_none(self):
        """A transfer that cannot be read is a warning: it is made after the run."""
        (warning,) = Statement.parse("~ transfer-mode: data ~ $[*][]").warnings
        assert (warning.code, warning.severity) == ("bad-mode", "warning")


class TestErrorPolicy:
    @pytest.mark.parametrize("words", [["collect", "fail"], "collect, fail", "collect fail"])
    def test_words(self, words):
        """A policy is made of words, or of a text that holds them."""
        assert ErrorPolicy.of(words) == ErrorPolicy(collects=True, fails=True)

    def test_nothing_asked(self):
        """A policy of no words does nothing about an error; quiet says so."""
        nothing = ErrorPolicy(collects=False, fails=False)
        assert ErrorPolicy.of([]) == nothing
        assert ErrorPolicy.of(["quiet"]) == nothing

    def test_unknown_word(self):
        """A word that is no part of a policy is a setting that does not exist."""
        with pytest.raises(ConfigError, match="'explode'"):
            ErrorPolicy.of(["collect", "explode"])

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (None, ErrorPolicy()),
            ("", ErrorPolicy()),
            ("raise", ErrorPolicy(raises=True)),
            ("raise, stop print", ErrorPolicy(raises=True, stops=True, prints=True)),
            ("no-fail,no-collect", ErrorPolicy(fails=False, collects=False)),
            ("match", ErrorPolicy(matches=True)),
            ("fail no-fail", ErrorPolicy(fails=False)),
            ("no-raised nofail", ErrorPolicy()),
        ],
    )
    def test_validation_mode(self, words, expected):
        """Whole words of validation-mode override the policy; a word with no- wins."""
        assert ErrorPolicy().overridden(words) == expected
