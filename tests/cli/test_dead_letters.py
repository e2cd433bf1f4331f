"""`oncall dead-letters`: what could not be used is found, shown byte by byte, and put back once."""

import json
from datetime import UTC, datetime

import pytest

from app.core.letters import LETTER_VALUE, dead_letters
from app.model.messages import Message
from app.wire.codec import Codec

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
LARGE = bytes(range(256)) * 8000


def letters(
    topic="alerts", offset=0, value=b"{ text", reason="broken_json", headers=(("h", b"\xff"), ("h", None))
):
    message = Message(topic, 2, offset, b"k", value, AT, headers)
    return [
        (b"k", Codec().encode(each)) for each in dead_letters(message, reason, f"why {offset}", field="a.b")
    ]


def listed(oncall, kafka, *more):
    done = oncall("dead-letters", "list", "--json", *more, *kafka)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def there(put):
    put(
        "dead-letters",
        *letters(),
        *letters(offset=1, value=None, reason="null_value"),
        *letters(offset=2, value=LARGE, reason="too_large"),
        *letters(topic="chat-commands", offset=3, reason="endpoint_refused"),
        *letters(),  # intake read it again after a crash
    )


def test_list(oncall, kafka, there):
    assert [each["reason"] for each in listed(oncall, kafka)] == [
        "broken_json",
        "null_value",
        "too_large",
        "endpoint_refused",
    ]
    assert [each["read_from"] for each in listed(oncall, kafka, "--topic", "chat-commands")] == [
        "chat-commands/2@3"
    ]
    assert len(listed(oncall, kafka, "--reason", "null_value")) == 1
    table = oncall("dead-letters", "list", *kafka)
    assert "alerts/2@0" in table.stdout
    assert "4 dead letters" in table.stderr


def test_show(oncall, kafka, there):
    first, null, large, _ = listed(oncall, kafka)
    shown = json.loads(oncall("dead-letters", "show", first["id"][:6], "--json", *kafka).stdout)
    assert (shown["key"], shown["value"], shown["field"]) == ("k", "{ text", "a.b")
    assert shown["headers"] == [{"name": "h", "value": {"base64": "/w=="}}, {"name": "h", "value": None}]
    assert json.loads(oncall("dead-letters", "show", null["id"], "--json", *kafka).stdout)["value"] is None
    assert large["parts"] == -(-len(LARGE) // LETTER_VALUE) > 1
    assert oncall("dead-letters", "show", large["id"], "--value", *kafka).stdout_bytes == LARGE
    assert "why 0" in oncall("dead-letters", "show", first["id"], *kafka).stdout
    nobody = oncall("dead-letters", "show", "zz", *kafka)
    assert (nobody.exit_code, "no dead letter zz" in nobody.stderr) == (1, True)


def test_retry_puts_back_what_was_there_and_marks_it(oncall, kafka, there):
    first, _, large, _ = listed(oncall, kafka)
    planned = oncall("dead-letters", "retry", "--topic", "alerts", "--dry-run", *kafka)
    assert "3 would be put back" in planned.stderr
    assert oncall("tail", "alerts", "--raw", *kafka).stdout == ""
    done = oncall("dead-letters", "retry", "--topic", "alerts", *kafka)
    assert (done.exit_code, "3 put back" in done.stderr) == (0, True)
    back = [json.loads(line) for line in oncall("tail", "alerts", "--raw", *kafka).stdout.splitlines()]
    assert [(each["key"], each["value"]) for each in back[:2]] == [("k", "{ text"), ("k", None)]
    assert [len(each["headers"]) for each in back] == [3, 3, 3]
    assert back[0]["headers"][-1] == {"name": "oncall-put-back", "value": first["id"]}
    assert [each["read_from"] for each in listed(oncall, kafka)] == ["chat-commands/2@3"]
    assert [bool(each["put_back_at"]) for each in listed(oncall, kafka, "--all")] == [True, True, True, False]
    assert "0 put back" in oncall("dead-letters", "retry", "--topic", "alerts", *kafka).stderr
    assert "1 put back" in oncall("dead-letters", "retry", large["id"], *kafka).stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name letters by id, or choose them"),
        (("--all",), "was read from `chat-commands`"),
        (("3f2a", "--all"), "name letters by id, or choose them"),
    ],
)
def test_retry_refuses(oncall, kafka, there, arguments, words):
    done = oncall("dead-letters", "retry", *arguments, *kafka)
    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    assert oncall("tail", "alerts", "--raw", *kafka).stdout == ""


def test_a_letter_that_lacks_a_part_stays(oncall, kafka, put):
    put("dead-letters", *letters(value=LARGE)[:2])
    done = oncall("dead-letters", "retry", "--all", *kafka)
    assert (done.exit_code, "part 3 of 3 is not on" in done.stderr) == (2, True), done.stderr


def test_what_is_left_of_a_letter_that_lacks_a_part_is_shown(oncall, kafka, put):
    put("dead-letters", *letters(value=b"x" * len(LARGE))[:2])
    [letter] = listed(oncall, kafka)
    done = oncall("dead-letters", "show", letter["id"], *kafka)
    assert (done.exit_code, "part 3 of 3 is not there" in done.stderr) == (0, True), done.stderr
    assert "x" * 2 * LETTER_VALUE in done.stdout
    assert oncall("dead-letters", "show", letter["id"], "--value", *kafka).exit_code == 2


@pytest.mark.parametrize("foreign", [b"garbage", None, b"\xc3\x01", b"{}"])
def test_what_is_no_letter_hides_none(oncall, kafka, put, foreign):
    put("dead-letters", (b"k", foreign), *letters())
    [letter] = listed(oncall, kafka)
    for command in (("list",), ("show", letter["id"]), ("retry", "--all", "--dry-run")):
        done = oncall("dead-letters", *command, *kafka)
        assert (done.exit_code, "alerts/2@0" in done.stdout) == (0, True), done.stderr
        assert "no dead letter: " in done.stderr


def test_a_letter_named_twice_is_put_back_once(oncall, kafka, there):
    first = listed(oncall, kafka)[0]["id"]
    done = oncall("dead-letters", "retry", first, first[:8], *kafka)
    assert (done.exit_code, "1 put back" in done.stderr) == (0, True), done.stderr
    assert len(oncall("tail", "alerts", "--raw", *kafka).stdout.splitlines()) == 1


def test_words_of_others_neither_mark_up_nor_move_the_terminal(oncall, kafka, put):
    message = Message("alerts", 0, 0, b"\x1b[31mred", b"{\x1b[2J\n}", AT, ())
    [letter] = dead_letters(message, "invalid_field", "[bold]why[/u]", field="labels.[/b]\x1b[2J")
    put("dead-letters", (b"k", Codec().encode(letter)))
    shown = oncall("dead-letters", "show", letter.id, *kafka)
    table = oncall("dead-letters", "list", *kafka)
    for done in (shown, table):
        assert done.exit_code == 0, done.exception
        assert "\x1b" not in done.stdout
        assert "[bold]why[/u]" in done.stdout
        assert r"labels.[/b]\x1b[2J" in done.stdout
    assert "{\\x1b[2J\n}" in shown.stdout
