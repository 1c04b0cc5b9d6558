"""Which encoding a sample is in, and how sure that is."""

import codecs
import time

import pytest

from preboard.readers.sniff.encoding import guess_encoding

GERMAN = "Straße;München;Köln;Größe;Überweisung;Jürgen Müller\n"


def guess(data, *, ended=True):
    return guess_encoding(data, ended=ended)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_says_it(mark, encoding):
    """Nothing is surer."""
    found = guess(mark + GERMAN.encode(encoding.removesuffix("-sig")))
    assert (found.encoding, found.confidence) == (encoding, 1.0)
    assert "byte order mark" in found.reasons[0]


def test_a_mark_of_what_does_not_follow_is_none():
    """FF FE in front of an odd number of bytes is no UTF-16."""
    assert guess(b"\xff\xfea,b").encoding != "utf-16-le"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_wide_text_without_a_mark_is_told_by_its_nuls(encoding, cut):
    """A sample may end in the middle of a character."""
    data = (GERMAN * 5).encode(encoding)
    found = guess(data[: len(data) - cut], ended=False)
    assert found.encoding == encoding
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    "data", [b"a\0b\0\0c\0\0d", bytes(100), bytes(range(256)), b"\x01\0\x02\0"]
)
def test_nuls_alone_make_no_wide_text(data):
    """Binary data has NULs, too."""
    assert "16" not in guess(data).encoding
    assert "32" not in guess(data).encoding


def test_ascii_is_read_as_utf8_and_says_so():
    """Of a part it cannot be known what follows."""
    assert guess(b"id,name\n").confidence == 1.0
    assert "only ASCII" in guess(b"id,name\n").reasons[0]
    part = guess(b"id,name\n", ended=False)
    assert (part.encoding, part.confidence) == ("utf-8", 0.9)
    assert "first 8 bytes" in part.reasons[0]


def test_no_bytes_are_utf8():
    """As good as any."""
    assert guess(b"").encoding == "utf-8"


def test_valid_utf8_is_hardly_chance():
    """A character may be cut off by the end of a sample, not by the end of the text."""
    assert guess(GERMAN.encode()).confidence == 0.99
    cut = GERMAN.encode() + "ß".encode()[:1]
    assert guess(cut, ended=False).encoding == "utf-8"
    assert guess(cut, ended=True).confidence < 0.5


def test_damaged_utf8_stays_utf8():
    """So that reading it says where it is damaged, instead of giving odd signs for letters."""
    found = guess(GERMAN.encode() + b"caf\xe9;1\n" + GERMAN.encode())
    assert found.encoding == "utf-8"
    assert found.confidence < 0.5
    assert str(len(GERMAN.encode()) + 3) in found.reasons[1]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (GERMAN, "mac-roman"),
        (GERMAN, "cp850"),
        ("Prénom;Libellé;Été;français;à côté;élève;cœur;Noël\n", "cp1252"),
        ("Łódź;Gdańsk;miesiąc;źródło;świętokrzyskie;Józef\n", "cp1250"),
        ("Łódź;Gdańsk;miesiąc;źródło;świętokrzyskie;Józef\n", "iso8859-2"),
        ("Győr;Székesfehérvár;árvíztűrő tükörfúrógép\n", "cp1250"),
        ("Москва;Иванов;Санкт-Петербург;Сумма\n", "cp1251"),
        ("İstanbul;Şişli;ağaç;ığdır;Beyoğlu;Çağ\n", "cp1254"),  # noqa: RUF001
    ],
)
def test_letters_of_one_byte_are_told_by_the_words_they_make(text, encoding):
    """The guess reads the text as it was written."""
    data = text.encode(encoding)
    found = guess(data)
    assert data.decode(found.encoding) == text
    assert 0.5 <= found.confidence < 0.9


def test_encodings_that_read_alike_are_named():
    """What cannot be told apart is said."""
    assert any("latin-1" in reason for reason in guess(GERMAN.encode("latin-1")).reasons)


@pytest.mark.parametrize(
    "data",
    [
        "id;name\n1;P\xe8ve\n".encode("latin-1"),  # as good in Czech
        "東京,カタカナ,ひらがな\n".encode("cp932"),
        "北京,名称,数量\n".encode("gb18030"),
        bytes(range(128, 256)),
    ],
)
def test_what_may_be_several_is_unsure(data):
    """Below 0.5 is a guess."""
    assert guess(data).confidence < 0.5


def test_what_is_no_text_in_any_is_left_to_fail():
    """Reading it as UTF-8 says at which byte, where another encoding would give odd signs."""
    found = guess(b"a,b\n\x01\xff\xfe\x80")
    assert found.encoding == "utf-8"
    assert "no encoding makes words of it" in found.reasons


@pytest.mark.parametrize(
    "data",
    [
        b"a" * 262143 + b"\xe9",
        bytes(range(128, 256)) * 2048,
        ("北京;12,50;上海\n" * 20000).encode("gb18030")[:262144],
        ("Straße;12,50\n" * 20000).encode("cp1252")[:262144],
        b"\xe9a" * 131072,
    ],
)
def test_a_guess_takes_no_time(data):
    """No sample is slow to judge."""
    begun = time.process_time()
    guess(data, ended=False)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("lines", [3, 1000])
@pytest.mark.parametrize("stray", [b"1;\0\n", b"1;x\0\n", b"\0\n"])
def test_a_stray_nul_makes_no_wide_characters(lines, stray):
    """The reader says where it stands; as UTF-16 it would all be odd signs."""
    assert guess_encoding(b"id;name\n" * lines + stray, ended=True).encoding == "utf-8"


def test_few_nuls_between_other_characters_are_those_of_utf_16():
    text = "商品;価格\n" + "上海の商品説明文書です;高い\n" * 30
    assert guess_encoding(text.encode("utf-16-le"), ended=True).encoding == "utf-16-le"
