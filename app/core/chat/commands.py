"""What people say to the service in chat, read: a command, or why it is none and what was probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum

from app.core.bounds import TEXT_CHARS, cut
from app.model.durations import parse_duration


class Word(StrEnum):
    """The commands."""

    ACK = "ack"
    ACK_MINE = "ack all mine"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    APPROVE = "approve"
    REJECT = "reject"
    RUN = "run"
    NOTE = "note"
    WHO = "who"
    HELP = "help"


@dataclass(frozen=True)
class Said:
    """A command with what it was given."""

    word: Word
    rest: str = ""
    """A person, a step, a runbook, or free words."""
    lasts: timedelta = timedelta()
    """For snooze."""


@dataclass(frozen=True)
class Unclear:
    """Words that are no command, and the answer to them."""

    answer: str


HELP = """\
- `ack` acknowledges this incident; `ack all mine` every open one of this system that pages you
- `resolve [why]`, `reopen [why]`
- `assign @PERSON` (or `assign me`) brings somebody in
- `snooze 30m [why]` leaves everybody in peace for a while; `escalate [why]` pages the next level now
- `approve [STEP]`, `reject [STEP]` answers a step that asks for leave
- `run RUNBOOK` starts a runbook
- `note WORDS` puts words on the timeline
- `who` says who is paged, and who would be next"""
ALIASES = {
    "acknowledge": Word.ACK,
    "resolved": Word.RESOLVE,
    "comment": Word.NOTE,
    "deny": Word.REJECT,
    "?": Word.HELP,
}
_ADDRESS = re.compile(r"\A(?:[@/]?oncall|<@[^<>]*>|<at>[^<>]*</at>)[:,]*(?!\S)", re.IGNORECASE)
"""To whom something is said: by name, or as a mention that the chat made of it."""
_WORDS = {word.value: word for word in Word if word is not Word.ACK_MINE} | ALIASES
_NEEDS = {
    Word.ASSIGN: "Say whom, such as `assign @alice` or `assign me`.",
    Word.SNOOZE: "Say for how long, such as `snooze 30m`.",
    Word.RUN: "Say which runbook, such as `run RUNBOOK`.",
    Word.NOTE: "Say what to note, such as `note the cache is warm again`.",
}
NEAR = 0.6
"""How alike two words must be, from 0 to 1, to be taken for a slip."""
MAX_SNOOZE = timedelta(days=7)


def parse(text: str) -> Said | Unclear:
    """Read what somebody said; case, and to whom it is said before that, do not matter."""
    words = _ADDRESS.sub("", cut(text.strip(), TEXT_CHARS)).split(maxsplit=1)
    if not words:
        return Unclear(f"Say what to do:\n{HELP}")
    said, rest = words[0].casefold().lstrip("/!"), words[1].strip() if len(words) > 1 else ""
    word = _WORDS.get(said)
    if word is None:
        return _unknown(words[0], rest)
    if not rest and word in _NEEDS:
        return Unclear(_NEEDS[word])
    if word is Word.ACK:
        return _acknowledge(rest)
    if word is Word.SNOOZE:
        return _snooze(rest)
    return Said(word, rest)


def nearest(word: str, known: list[str]) -> str:
    """Give the question whether a known word was meant; empty where none is like it."""
    near = get_close_matches(word.casefold(), known, n=1, cutoff=NEAR)
    return f"Did you mean `{near[0]}`?" if near else ""


def _unknown(word: str, rest: str) -> Unclear:
    near = get_close_matches(word.casefold(), list(_WORDS), n=1, cutoff=NEAR)
    meant = f"{_WORDS[near[0]].value} {rest}".strip() if near else ""
    question = f"Did you mean `{cut(meant, 80)}`? " if meant else ""
    return Unclear(f"I do not know `{cut(word, 40)}`. {question}Say `help` for all that I know.")


def _acknowledge(rest: str) -> Said | Unclear:
    words = rest.casefold().split()
    if words == ["all", "mine"]:
        return Said(Word.ACK_MINE)
    if words[:1] == ["all"]:
        return Unclear(
            "I acknowledge either this incident (`ack`) or those that page you. Did you mean `ack all mine`?"
        )
    return Said(Word.ACK, rest)


def _snooze(rest: str) -> Said | Unclear:
    length, why = [*rest.split(maxsplit=1), ""][:2]
    lasts = parse_duration(length.casefold())
    if lasts is None:
        unit = f" Did you mean `snooze {length}m`?" if length.isdigit() else ""
        return Unclear(f"`{cut(length, 40)}` is no duration; write 30m, 2h or 1h30m.{unit}")
    if not timedelta() < lasts <= MAX_SNOOZE:
        return Unclear(f"Snooze for more than nothing and at most {MAX_SNOOZE.days} days.")
    return Said(Word.SNOOZE, why.strip(), lasts)
