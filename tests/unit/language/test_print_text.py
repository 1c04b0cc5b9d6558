"""The text of print(): table 8.1 with the repairs that users want."""

import pytest

from preboard.language.print_text import PrintReference, parse_print_text

X = PrintReference("", "variables", "x")


def shown(text):
    """Return the text with every reference as its parts in angle brackets."""
    return "".join(
        part if isinstance(part, str)
        else f"<{'|'.join(w for w in (part.root, part.kind, part.name, part.key) if w)}>"
        for part in parse_print_text(text)
    )  # fmt: skip


class TestSentinels:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("$.variables.x", (X,)),
            ("$.variables.x, next", (X, ", next")),
            ("$.variables.x.. Next", (X, ". Next")),
            ("end $.variables.x..", ("end ", X, ".")),
            ("$.variables.x...", (X, "..")),
            ("pre$.variables.x", ("pre", X)),
            ("($.headers.name)", ("(", PrintReference("", "headers", "name"), ")")),
            ("'$.headers.name'", ("'", PrintReference("", "headers", "name"), "'")),
            ("$.variables.a-b", (PrintReference("", "variables", "a"), "-b")),
            ("$.variables.x*2", (PrintReference("", "variables", "x*2"),)),
            ("$.variables.'a-b'!", (PrintReference("", "variables", "a-b"), "!")),
            ("$.headers.'First Name'", (PrintReference("", "headers", "First Name"),)),
            ("$.variables.x.k", (PrintReference("", "variables", "x", "k"),)),
            ("$g.variables.x", (PrintReference("g", "variables", "x"),)),
            ("$my group.csvpath.x", (PrintReference("my group", "csvpath", "x"),)),
        ],
    )
    def test_as_recorded(self, text, parts):
        """A reference ends at its sentinel, which is printed; two periods print as one."""
        assert parse_print_text(text) == parts

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("$.variables.x. Next", (X, ". Next")),
            ("$.variables.x.", (X, ".")),
            ("$.variables.x$.variables.x", (X, X)),
            ("$.headers.'e.mail'", (PrintReference("", "headers", "e.mail"),)),
            ("$.variables.x.'New York'", (PrintReference("", "variables", "x", "New York"),)),
        ],
    )
    def test_as_users_want(self, text, parts):
        """A period may end a sentence, references may touch, quoted names keep their periods."""
        assert parse_print_text(text) == parts

    @pytest.mark.parametrize("sentinel", "$!^:,;%()-+@#{}[]&<>/|?\"' \t\n")
    def test_each(self, sentinel):
        """Each of the sentinels ends a name, and is text."""
        assert parse_print_text(f"$.variables.x{sentinel}y") == (X, f"{sentinel}y")

    @pytest.mark.parametrize("character", "*=~\\_`é€𝄞0")
    def test_other_characters_are_names(self, character):
        """Any other character is part of a name."""
        name = f"x{character}y"
        assert parse_print_text(f"$.variables.{name}") == (PrintReference("", "variables", name),)


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "plain", "cost $5", "cost $", "$$", "$.nothing.a", "$.variables y", "$.variables",
            "$.variables.", "$.variables. x", "$.Variables.x", "a\n\tb  ", " ", "é𝄞\x00",
            "$.variables.'open", "100 % of $5. Or $.5",
        ],
    )  # fmt: skip
    def test_kept(self, text):
        """A dollar sign that begins no reference is text, and text is kept exactly."""
        assert parse_print_text(text) == (text,)

    def test_nothing(self):
        """An empty text has no parts."""
        assert parse_print_text("") == ()

    def test_text_is_one_part(self):
        """Text between two references is one part, dollar signs and all."""
        assert shown("a$b$$c $.variables.x d$ $.variables.y") == (
            "a$b$$c <variables|x> d$ <variables|y>"
        )

    def test_a_dollar_sign_before_a_reference(self):
        """A dollar sign directly before a reference is text."""
        assert shown("$$.variables.x") == "$<variables|x>"
        assert shown("$5 and $.variables.x") == "$5 and <variables|x>"

    def test_long_texts(self):
        """A long text of nothing but dollar signs and quotes is text."""
        for text in ("$" * 50_000, "$.variables." * 5_000, "$a" * 30_000, "'" * 500_000):
            assert shown(text) == text
