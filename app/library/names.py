"""Ids that look like others: invisible characters, and letters of another script among Latin ones."""

from __future__ import annotations

import unicodedata

from app.library.located import Place
from app.library.problems import Findings

_HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
_LOOKALIKES = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")
"""Scripts whose letters look like Latin ones."""
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
"""Characters that change the order in which a text is shown."""


def key_of(name: str) -> str:
    """Give what two ids that a person takes for the same have in common."""
    return unicodedata.normalize("NFKC", name).casefold()


def check_id(name: str, what: str, place: Place, findings: Findings) -> None:
    """Report an id that is not what it seems."""
    hidden = sorted({each for each in name if unicodedata.category(each) in _HIDDEN})
    if hidden:
        words = f"{what} {name!a} has a character that nobody sees: {', '.join(map(_named, hidden))}"
        findings.error(place, words, "take it out")
    elif script := _mixed_with(name):
        odd = [each for each in name if unicodedata.name(each, "").startswith(script)]
        words = f"{what} {name!a} mixes Latin letters with {', '.join(map(_named, odd[:3]))}"
        findings.error(place, words, "write it in one script")


def check_order(text: str, first_line: int, findings: Findings) -> None:
    """Report characters that make a text look as if it said something else."""
    if TURNING.isdisjoint(text):
        return
    for number, line in enumerate(text.split("\n"), first_line):
        column = next((place for place, each in enumerate(line, 1) if each in TURNING), None)
        if column is not None:
            words = f"{_named(line[column - 1])} changes the order in which the line is shown"
            findings.error((number, column), words, "take it out")


def _mixed_with(name: str) -> str:
    names = [unicodedata.name(each, "") for each in name if each.isalpha()]
    if not any(each.startswith("LATIN") for each in names):
        return ""
    return next((script for script in _LOOKALIKES if any(each.startswith(script) for each in names)), "")


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
