"""What people say in chat, read: a table of commands, and of words that are none."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.chat.commands import HELP, Said, Unclear, Word, parse

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ack", Said(Word.ACK)),
        ("  ACK  ", Said(Word.ACK)),
        ("/ack", Said(Word.ACK)),
        ("@oncall ack", Said(Word.ACK)),
        ("oncall: acknowledge", Said(Word.ACK)),
        ("ack looking at it", Said(Word.ACK, "looking at it")),
        ("ack all mine", Said(Word.ACK_MINE)),
        ("Ack All Mine", Said(Word.ACK_MINE)),
        ("resolve", Said(Word.RESOLVE)),
        ("resolve rolled back by hand", Said(Word.RESOLVE, "rolled back by hand")),
        ("reopen", Said(Word.REOPEN)),
        ("assign @alice", Said(Word.ASSIGN, "@alice")),
        ("snooze 30m", Said(Word.SNOOZE, "", 30 * MINUTES)),
        (
            "snooze 1h30m until the deploy is over",
            Said(Word.SNOOZE, "until the deploy is over", 90 * MINUTES),
        ),
        ("escalate", Said(Word.ESCALATE)),
        ("approve", Said(Word.APPROVE)),
        ("approve undo_deploy", Said(Word.APPROVE, "undo_deploy")),
        ("reject undo_deploy not now", Said(Word.REJECT, "undo_deploy not now")),
        ("run disk-full", Said(Word.RUN, "disk-full")),
        ("note the Cache is warm", Said(Word.NOTE, "the Cache is warm")),
        ("note line one\nline two", Said(Word.NOTE, "line one\nline two")),
        ("who", Said(Word.WHO)),
        ("help", Said(Word.HELP)),
        ("?", Said(Word.HELP)),
        ("<@U0BOT> ack", Said(Word.ACK)),
        ("<@U0BOT|oncall>: snooze 30m", Said(Word.SNOOZE, "", 30 * MINUTES)),
        ("<at>On-call bot</at> assign <@U2>", Said(Word.ASSIGN, "<@U2>")),
        ("note ask @oncall first", Said(Word.NOTE, "ask @oncall first")),
        ("snooze 30m\nuntil lunch", Said(Word.SNOOZE, "until lunch", 30 * MINUTES)),
    ],
)
def test_commands(text, said):
    assert parse(text) == said


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("akc", "I do not know `akc`. Did you mean `ack`?"),
        ("resolv it is over", "Did you mean `resolve it is over`?"),
        ("aprove undo", "Did you mean `approve undo`?"),
        ("asign @bob", "Did you mean `assign @bob`?"),
        ("acknowlege", "Did you mean `ack`?"),
        ("ack all mien", "Did you mean `ack all mine`?"),
        ("ack all", "Did you mean `ack all mine`?"),
        ("make coffee", "I do not know `make`. Say `help` for all that I know."),
        ("snooze", "Say for how long, such as `snooze 30m`."),
        ("snooze 30", "`30` is no duration; write 30m, 2h or 1h30m. Did you mean `snooze 30m`?"),
        ("snooze for a while", "`for` is no duration"),
        ("snooze 0m", "Snooze for more than nothing and at most 7 days."),
        ("snooze 8d", "at most 7 days"),
        ("assign", "Say whom, such as `assign @alice` or `assign me`."),
        ("run", "Say which runbook"),
        ("note", "Say what to note"),
        ("", HELP),
        ("@oncall", HELP),
    ],
)
def test_what_is_no_command_is_answered(text, answer):
    read = parse(text)
    assert isinstance(read, Unclear)
    assert answer in read.answer


@given(st.text(max_size=60))
def test_whatever_is_said_is_read_or_answered(text):
    read = parse(text)
    assert isinstance(read, Said) or read.answer
