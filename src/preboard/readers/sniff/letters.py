"""Which encoding of one byte a character makes words of a text.

Each of them reads any bytes, so nothing is proof. A language uses few letters beyond ASCII: the
encoding wins under which most of the other characters are letters of one language and stand as
letters do (no capital behind a small letter, no sign inside a word).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Final

_WEST: Final = {
    "German": "äöüß",
    "French": "éèêëàâçîïôûùüœæ",
    "Spanish": "ñáéíóúü",
    "Portuguese": "ãõáéíóúâêôçà",
    "Italian": "àèéìíòóù",
    "the Nordic languages": "åäöæøéü",
    "Icelandic": "áéíóúýþæöð",
    "Dutch": "éèëïöüç",
}
_CENTRAL: Final = {
    "Polish": "ąćęłńóśźż",
    "Czech or Slovak": "áčďéěíňóřšťúůýžäľô",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţ",
    "Croatian or Slovene": "čćđšž",
    "German": "äöüß",
}
_LANGUAGES: Final = {
    # In the order in which they win when they do as well.
    "cp1252": _WEST,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp850": _WEST,
    "mac-roman": _WEST,
    "cp1254": {"Turkish": "çğıöşüâİ"},
    "cp1251": {"Russian": "абвгдежзийклмнопрстуфхцчшщъыьэюяё"},
}
_ALIKE: Final = ("latin-1", "iso8859-15")
_SIGNS: Final = frozenset("€£§°²³½¼¾µ±×÷·–—‘’“”„‚…«»®©™ªº¡¿¢¥№\xa0")  # noqa: RUF001
_IN_WORDS: Final = frozenset("’€£®™§¦\xa0")  # noqa: RUF001
_WORD: Final = re.compile(rb"[A-Za-z\x80-\xff]{1,40}")
_MOST_WORDS: Final = 200
_MIXED: Final = 0.8  # what a text with the letters of several languages is worth
_LEAD: Final = 0.1  # that an encoding must be better by, to be told from another
_ENOUGH: Final = 3
_WORDS: Final = 0.9  # with more that fit, these are words
_UNFIT: Final = 0.85  # with fewer that fit, it may be anything
_SURE: Final = 0.85  # at most: what follows may need a character that only another one has
_RARE: Final = frozenset({"cp850", "mac-roman"})
_RUN: Final = re.compile(rb"[\x80-\xff]+")
_PAIRS: Final = (
    ("cp932", re.compile("[\u3041-\u30fe]")),
    ("euc_jp", re.compile("[\u3041-\u30fe]")),
    ("euc_kr", re.compile("[\uac00-\ud7a3]")),
    ("gb18030", re.compile("[\u4e00-\u9fff]")),
    ("big5", re.compile("[\u4e00-\u9fff]")),
)
_MOST_PAIRS: Final = 0.5
_LOOKED_AT: Final = 1 << 13

_Seen = Counter[tuple[str, bool, bool]]
"""How often a character is seen, whether as a letter should stand, whether at an edge."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The encoding, how sure that is, and why."""

    encoding: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text under one encoding: how much of it is letters of `language`."""

    encoding: str
    language: str
    score: float
    fit: float
    text: str


def judge_letters(sample: bytes) -> Verdict:
    """Return the encoding of one byte a character that fits `sample` best.

    >>> judge_letters("Straße, München, Köln".encode("cp1252")).encoding
    'cp1252'
    >>> judge_letters("Straße, München, Köln".encode("mac-roman")).encoding
    'mac-roman'
    """
    others = (word[0] for word in _WORD.finditer(sample) if not word[0].isascii())
    words = list(islice(others, _MOST_WORDS))
    joined = b" ".join(words)
    readings = [found for name in _LANGUAGES if (found := _read(joined, name))]
    if not readings:
        return Verdict("latin-1", 0.1, ("no other encoding of one byte has all of its bytes",))
    best = readings[0]
    for reading in readings[1:]:
        if reading.score > best.score + (_LEAD if best is readings[0] else 0):
            best = reading
    if best.score < _WORDS and _looks_paired(joined):
        return _pairs(sample[sample.index(words[0]) :]) or _verdict(best, readings, joined)
    return _verdict(best, readings, joined)


def _looks_paired(joined: bytes) -> bool:
    """Return whether most bytes beyond ASCII stand in even runs, as where two make a character."""
    runs = [len(found[0]) for found in _RUN.finditer(joined)]
    in_pairs = sum(length for length in runs if length % 2 == 0)
    return in_pairs > _MOST_PAIRS * sum(runs)


def _pairs(sample: bytes) -> Verdict | None:
    """Return the encoding of two bytes a character that reads the sample, as far as one can say."""
    for encoding, script in _PAIRS:
        text = sample[:_LOOKED_AT].decode(encoding, "replace")
        others = sum(char > "\x7f" for char in text)
        if text.count("\ufffd") <= 1 and len(script.findall(text)) * 3 > others:
            reasons = (
                f"most bytes beyond ASCII stand in pairs, which {encoding} can read",
                "which encoding of two bytes a character it is cannot be told for sure",
            )
            return Verdict(encoding, 0.4, reasons)
    return None


def _read(joined: bytes, encoding: str) -> _Reading | None:
    try:
        text = joined.decode(encoding)
    except UnicodeDecodeError:
        return None
    seen: _Seen = Counter()
    for word in text.split(" "):
        for at, char in enumerate(word):
            if char > "\x7f":
                seen[char, _stands_well(word, at), at in (0, len(word) - 1)] += 1
    languages = _LANGUAGES[encoding]
    scores = {name: _share(seen, frozenset(chars)) for name, chars in languages.items()}
    language = max(scores, key=lambda name: scores[name])
    fit = _share(seen, frozenset("".join(languages.values())))
    if fit * _MIXED > scores[language]:
        return _Reading(encoding, "several languages", fit * _MIXED, fit, text)
    return _Reading(encoding, language, scores[language], scores[language], text)


def _stands_well(word: str, at: int) -> bool:
    """Return whether the letter at `at` stands as in a word of one script, capitals in front."""
    char = word[at]
    before = word[at - 1] if at else ""
    if before.islower() and char.isupper():
        return False
    if char >= "\u0400":
        neighbours = before + word[at + 1 : at + 2]
        return not neighbours.isascii() or not neighbours
    return True


def _share(seen: _Seen, letters: frozenset[str]) -> float:
    """Return how many of the characters are such letters, or signs where signs stand."""
    good = 0.0
    for (char, stands_well, at_edge), count in seen.items():
        if char.lower() in letters or char in letters:
            good += count if stands_well else 0
        elif char in _SIGNS and (at_edge or char in _IN_WORDS):
            good += count
    return good / max(1, seen.total())


def _verdict(best: _Reading, readings: list[_Reading], joined: bytes) -> Verdict:
    count = sum(char > "\x7f" for char in best.text)
    reasons = [
        f"{best.fit:.0%} of {count:,} other characters fit {best.language} in {best.encoding}"
    ]
    confidence = min(_SURE, best.score)
    if best.fit < _UNFIT:
        reasons.append("that is not many: it may be another encoding altogether")
        confidence *= 0.5
    if count < _ENOUGH:
        reasons.append("there are too few of them to be sure")
        confidence = min(confidence, 0.4 if best.encoding in _RARE else 0.6)
    alike = [other.encoding for other in readings if other is not best and other.text == best.text]
    alike += [name for name in _ALIKE if joined.decode(name) == best.text]
    if alike:
        reasons.append(f"{', '.join(alike)} would read the same so far")
    rivals = [
        other.encoding
        for other in readings
        if other.text != best.text and other.score > best.score - _LEAD
    ]
    if rivals:
        reasons.append(f"{', '.join(rivals)} would read other characters that fit as well")
        confidence = min(confidence, 0.4)
    return Verdict(best.encoding, round(confidence, 2), tuple(reasons))
