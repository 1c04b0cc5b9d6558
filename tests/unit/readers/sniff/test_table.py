"""How a text is written, told from its first lines."""

import json
import random
import re
import time
from pathlib import Path

import pytest
from tests.data.sniff.corpus_tables import made_tables
from tests.data.sniff.corpus_texts import TEXTS

from preboard.readers.sniff.encoding import guess_encoding
from preboard.readers.sniff.table import sep_line, sniff

CORPUS = Path(__file__).parents[3] / "data" / "sniff"
TRUTHS = [json.loads(line) for line in (CORPUS / "expected.jsonl").read_text().splitlines()]
UNSURE = 0.5


def sniffed(truth):
    """Return for each thing in question whether it is right, and how sure the answer is."""
    data = (CORPUS / "files" / truth["file"]).read_bytes()
    guess = guess_encoding(data, ended=True)
    found = sniff(data.decode(guess.encoding, "replace"))
    is_one_column = truth["delimiter"] is None
    is_delimiter = found.delimiter == truth["delimiter"] and found.columns > 1
    same = guess.encoding == truth["encoding"]
    return {
        "delimiter": (
            found.columns <= 1 if is_one_column else is_delimiter,
            found.delimiter_confidence,
        ),
        "quotechar": (found.quotechar == truth["quotechar"], found.quotechar_confidence),
        "encoding": (same or alike(data, guess.encoding, truth["encoding"]), guess.confidence),
        "header": (found.has_header == truth["header"], found.header_confidence),
    }


def alike(data, one, other):
    """Say whether two encodings read the same."""
    try:
        return data.decode(one) == data.decode(other)
    except UnicodeError:
        return False


class TestCorpus:
    """Our files, as partners send them."""

    def test_it_is_what_the_script_writes(self):
        """Files, script and truths belong together."""
        cases = {case.name: case for case in [*made_tables(), *TEXTS]}
        files = {path.name: path.read_bytes() for path in (CORPUS / "files").iterdir()}
        assert files == {name: case.data() for name, case in cases.items()}
        assert [case.truth() for case in cases.values()] == TRUTHS
        assert len(files) >= 150
        assert max(map(len, files.values())) < 20_000

    def test_98_of_100_are_right(self):
        """In all that somebody could be sure of."""
        wrong = [
            (truth["file"], what, confidence)
            for truth in TRUTHS
            for what, (is_right, confidence) in sniffed(truth).items()
            if not is_right and what not in truth["unsure"]
        ]
        assert len({name for name, _, _ in wrong}) <= 0.02 * len(TRUTHS), wrong

    def test_what_nobody_can_know_is_unsure(self):
        """All of them."""
        bold = [
            (truth["file"], what)
            for truth in TRUTHS
            for what in truth["unsure"]
            if sniffed(truth)[what][1] >= UNSURE
        ]
        assert bold == []

    def test_what_is_right_is_mostly_sure(self):
        """A sniffer that is never sure is no help: 95 of 100 answers are no guesses."""
        answers = [
            confidence
            for truth in TRUTHS
            for what, (is_right, confidence) in sniffed(truth).items()
            if is_right and what not in truth["unsure"] and "delimiter" not in truth["unsure"]
        ]
        assert sum(answer < UNSURE for answer in answers) <= 0.05 * len(answers)


class TestDelimiter:
    """Which character cuts the lines, if one does."""

    @pytest.mark.parametrize("delimiter", list(",;\t|^~¦\x01\x1f"))
    def test_any_usual_one_is_found(self, delimiter):
        lines = [["id", "name", "amount"], ["1", "Anna", "12.50"], ["2", "Bob", "7.00"]] * 3
        found = sniff("\n".join(map(delimiter.join, lines)))
        assert found.delimiter == delimiter
        assert found.delimiter_confidence > UNSURE
        assert found.columns == 3

    def test_decimal_commas_are_no_delimiters(self):
        found = sniff("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n7,5;8,5;9,5\n")
        assert (found.delimiter, found.columns) == (";", 3)

    def test_delimiters_in_quotes_do_not_count(self):
        found = sniff('a;b\n"x,y,z";1\n"u,v,w";2\n"r,s,t";3\n')
        assert (found.delimiter, found.quotechar) == (";", '"')

    def test_one_column_is_known_as_one(self):
        """Its delimiter is one that it does not hold."""
        found = sniff("remark\nfine, as always\nlate; called\nbroken\nnone\n")
        assert found.columns == 1
        assert found.delimiter not in "remark\nfine, as always\nlate; called\nbroken\nnone\n"
        assert "one column" in found.reasons[0]

    def test_a_delimiter_that_is_given_is_taken(self):
        found = sniff("a;b\n1;2\n", delimiter=",", quotechar="'")
        assert (found.delimiter, found.delimiter_confidence, found.columns) == (",", 1.0, 1)
        assert (found.quotechar, found.quotechar_confidence) == ("'", 1.0)

    def test_two_that_do_as_well_are_a_guess(self):
        assert sniff("1,2;3,4\n5,6;7,8\n9,1;2,3\n").delimiter_confidence < UNSURE

    def test_lines_of_other_widths_do_not_hide_it(self):
        text = "id,name,phone,fax\n1,Anna,1,2\n2,Bob,3\n3,Chen\n4,Dora,5,6\n5,Emil,7\n6,F,8,9\n"
        assert sniff(text).delimiter == ","

    def test_lines_before_the_table_are_counted(self):
        found = sniff("Report of May\n\nid;name;n\n1;Anna;2\n2;Bob;3\n3;Chen;4\n")
        assert (found.delimiter, found.preamble_lines, found.has_header) == (";", 2, True)

    def test_a_cut_sample_does_not_mislead(self):
        """Its last line is not all there."""
        text = "id;name;n\n" + "1;Anna;2\n" * 3 + "1;An"
        found = sniff(text, ended=False)
        assert (found.delimiter, found.columns) == (";", 3)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends_do_not_matter(self, end):
        assert sniff(end.join(["a;b", "1;2", "3;4"])).delimiter == ";"

    def test_bytes_are_decoded(self):
        assert sniff("a;b\n1;ä\n2;ö\n".encode("utf-16")).delimiter == ";"


class TestSepLine:
    """The first line `sep=;`, by which Excel is told the delimiter."""

    @pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "Sep=;"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_it_is_a_declaration(self, line, end):
        text = end.join([line, "a,1;b,2", "c,1;d,2"])
        assert sep_line(text) == ";"
        found = sniff(text)
        assert (found.delimiter, found.delimiter_confidence, found.has_sep_line) == (";", 1.0, True)
        assert found.columns == 2

    @pytest.mark.parametrize("text", ["sep=", "sep=;;\n", "separator=;\n", " sep=;\n", "a\nsep=;"])
    def test_what_is_like_it_is_none(self, text):
        assert sep_line(text) is None

    def test_a_tab_can_be_said(self):
        assert sep_line("sep=\t\r\na\tb") == "\t"


class TestHeader:
    """Whether the first row names the columns."""

    @pytest.mark.parametrize(
        ("text", "header"),
        [
            ("id,price\n1,2.50\n2,3.10\n3,4.00\n", True),
            ("1,2.50\n2,3.10\n3,4.00\n", False),
            ("Anna,2024-05-01\nBob,2024-05-02\nChen,2024-05-03\n", False),
            ("country,2019,2020,2021\nAT,1,2,3\nBE,4,5,6\n", True),
            ("KUNNR|NAME1|LAND1\n0001|ACME|DE\n0002|BETA|AT\n0003|GAMA|FR\n", True),
        ],
    )
    def test_columns_tell(self, text, header):
        found = sniff(text)
        assert found.has_header is header
        assert found.header_confidence > UNSURE
        assert any(reason.startswith("header: ") for reason in found.reasons)

    def test_a_header_alone_is_known_by_its_words(self):
        found = sniff("order_id;customer;amount\n")
        assert found.has_header
        assert found.header_confidence < 0.8

    def test_words_over_words_are_a_guess(self):
        assert sniff("apple;red\npear;green\nplum;blue\n").header_confidence < UNSURE


@pytest.mark.parametrize("text", ["", "\n", "\r\n\r\n", "   \n", "\ufeff", "sep=;\n"])
def test_nothing_is_told_of_nothing(text):
    """There are no columns, and all but a declared delimiter is a guess."""
    found = sniff(text)
    assert found.columns == 0
    assert found.header_confidence == 0
    assert not found.has_header


@pytest.mark.parametrize(
    "text",
    [
        '"' * 40_000,
        "a" * 300_000,
        ",".join("a" * 20_000),
        ("a" * 200 + "'") * 200,
        "\n".join('"' + "," * n for n in range(200)),
        "1" * 30_000 + "," + "1" * 30_000,
        "12.345." * 5_000,
        "'a" * 20_000,
        " " * 40_000,
        "a@" * 20_000,
        "a_" * 20_000 + "\n",
        "\n".join("".join(map(chr, range(1, 256))) for _ in range(60)),
    ],
)
def test_no_text_takes_long(text):
    """Nor fails."""
    begun = time.process_time()
    found = sniff(text, ended=False)
    assert time.process_time() - begun < 1
    assert all(0 <= c <= 1 for c in (found.delimiter_confidence, found.header_confidence))


def test_an_ordinary_file_takes_a_few_milliseconds():
    """So that validating costs what it did."""
    rng = random.Random(1)  # noqa: S311 - any numbers
    text = "id,name,day,amount,city\n" + "".join(
        f"{n},name {n % 7},2024-05-{n % 27 + 1:02d},{rng.random():.2f},Hamburg\n"
        for n in range(3_000)
    )
    times = []
    for _ in range(5):
        begun = time.process_time()
        sniff(text[:65536], ended=False)
        times.append(time.process_time() - begun)
    assert min(times) < 0.02


def test_reasons_are_sentences_for_people():
    """Short, and without a name of the program."""
    for truth in TRUTHS[::10]:
        data = (CORPUS / "files" / truth["file"]).read_bytes()
        for reason in sniff(data).reasons:
            assert re.match(r"[a-z0-9'\"(]", reason), reason
            assert len(reason) < 120
