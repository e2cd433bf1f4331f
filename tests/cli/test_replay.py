"""`oncall replay` on a file: what `oncall tail --raw` writes is read back, and mistakes are told in one line."""

import asyncio
import json
from dataclasses import replace

import pytest
import typer

from app.cli.replay import _judge, _replay
from app.cli.replay_sources import from_file
from app.library.compile import compile_library
from app.library.hashes import library_hash
from app.library.topic import CURRENT, records_of
from app.model.messages import Message
from app.model.topics import LIBRARY
from tests.core.story import DOMAIN, Story
from tests.road.test_verdict import JSON, left_by_production
from tests.support.ports import EPOCH, MemoryLibraries


def line(message):
    return json.dumps(
        {
            "topic": message.topic,
            "partition": message.partition,
            "offset": message.offset,
            "timestamp": message.timestamp.isoformat(),
            "key": message.key.decode() if message.key else None,
            "headers": [],
            "value": message.value.decode(),
        }
    )


FILES = {"rules.yaml": "mode: auto\nrules: {team: ops}\nteams: {ops: {}}\n"}


@pytest.fixture
def log(tmp_path):
    """A log that was decided with the library of an empty folder, as files hold it."""
    story = Story(compile_library(FILES))
    story.alert(severity="critical")
    story.at(5).resolves(severity="critical")
    return written(story, tmp_path)


@pytest.fixture
def two(tmp_path):
    """A log with two incidents."""
    story = Story(compile_library(FILES))
    story.alert(severity="critical")
    story.at(5).resolves(severity="critical")
    story.at(100_000).alert(severity="critical", starts=100_000)
    return written(story, tmp_path)


def written(story, tmp_path):
    signals = [
        Message("signals", 0, offset, DOMAIN.encode(), JSON.encode(batch), at)
        for offset, (batch, at) in enumerate(story.log)
    ]
    records = [*records_of(FILES), (CURRENT, library_hash(FILES))]
    library = [
        Message(LIBRARY, 0, offset, key.encode(), value.encode(), EPOCH)
        for offset, (key, value) in enumerate(records)
    ]
    found, _ = asyncio.run(left_by_production(signals, MemoryLibraries(story.library)))
    path = tmp_path / "log"
    path.write_text("\n".join(map(line, [*signals, *library, *found])))
    return path


def test_equal(oncall, log):
    done = oncall("replay", str(log))
    assert done.exit_code == 0, done.stderr
    assert "oncall: equal" in done.stderr


def test_one_changed_byte_is_told_with_its_field(oncall, log):
    text = log.read_text()
    assert text.count("#incidents") >= 1
    log.write_text(text.replace("#incidents", "#incidentz", 1))
    done = oncall("replay", str(log), "--json")
    assert done.exit_code == 1
    [difference] = json.loads(done.stdout)["differences"]
    assert "conversation is '#incidentz' and should be '#incidents'" in difference["detail"]
    assert difference["cause"] == "signals/0@0"


def test_the_life_of_one_incident(oncall, log):
    ids = {json.loads(each)["key"] for each in log.read_text().splitlines() if '"topic": "incidents"' in each}
    done = oncall("replay", str(log), "--incident", ids.pop()[:8])
    assert done.exit_code == 0
    for word in ("IncidentOpened", "because of alert:", "→ ticket-commands: open", "IncidentResolved"):
        assert word in done.stdout


def test_an_incident_that_the_log_does_not_know(oncall, log):
    done = oncall("replay", str(log), "--incident", "zzzz")
    assert done.exit_code == 1
    assert "an incident whose id begins with 'zzzz'" in done.stderr


def test_a_state_is_saved_and_begun_at(oncall, log, tmp_path):
    state = tmp_path / "state.json"
    assert oncall("replay", str(log), "--save", str(state)).exit_code == 0
    done = oncall("replay", str(log), "--from", str(state))
    assert (done.exit_code, done.stdout.split()[0]) == (0, "0")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[" * 100_000,
        '{"offsets": {"0": "x"}, "records": {}}',
        '{"offsets": {"0": null}, "records": {}}',
        '{"offsets": {}, "records": {"production/shop": "zzz"}}',
    ],
)
def test_a_state_that_is_none(oncall, log, tmp_path, text):
    state = tmp_path / "state.json"
    state.write_text(text)
    done = oncall("replay", str(log), "--from", str(state))
    assert done.exit_code == 2
    assert "state.json: no state that `oncall replay --save` wrote" in done.stderr


def test_a_state_that_is_newer_than_the_log_shows_nothing(oncall, log, tmp_path):
    state = tmp_path / "state.json"
    state.write_text('{"offsets": {"0": 999}, "records": {}}')
    done = oncall("replay", str(log), "--from", str(state))
    assert done.exit_code == 2
    assert "begins at offset 999 of partition 0 of `signals`, and the log ends at 2" in done.stderr


@pytest.fixture
def changelog(log):
    """What is found in the file, and in the changelog a record that replay gives."""
    found = from_file(log)
    told = asyncio.run(_replay(found, None, None))
    [(domain, record)] = told.table.records.items()
    return found, Message("changelog", 0, 0, domain.encode(), record, EPOCH)


def test_a_record_is_as_replay_gives_it(changelog, capsys):
    found, record = changelog
    found.changelog = [record]
    _judge(asyncio.run(_replay(found, None, None)), as_json=False)
    assert "equal" in capsys.readouterr().err


@pytest.mark.parametrize("place", [0, 1, 40])
def test_a_changed_byte_of_a_record_is_told_with_its_domain(changelog, capsys, place):
    found, record = changelog
    value = bytearray(record.value)
    value[place] ^= 0x80  # no JSON any more
    found.changelog = [replace(record, value=bytes(value))]
    with pytest.raises(typer.Exit):
        _judge(asyncio.run(_replay(found, None, None)), as_json=False)
    assert f"changelog, domain {DOMAIN}: a record cannot be read: " in capsys.readouterr().out


def test_an_id_that_several_incidents_begin_with(oncall, two):
    done = oncall("replay", str(two), "--incident", "")
    assert done.exit_code == 1
    assert "is the beginning of 2 incidents; give more of the id" in done.stderr
    assert done.stdout == ""


def test_the_life_of_an_incident_is_told_in_lines_only(oncall, log):
    done = oncall("replay", str(log), "--incident", "1", "--json")
    assert done.exit_code == 2
    assert "leave one out" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{}\n", "no line of `oncall tail --raw`"),
        (b"nonsense\n", "log:1: no line of"),
        (b"\xff\xfe\x00", "log:1: no line of"),
        (b"[" * 100_000, "log:1: no line of"),
        (b"", "there is no message of `signals` in it"),
    ],
)
def test_files_that_hold_something_else(oncall, tmp_path, text, words):
    path = tmp_path / "log"
    path.write_bytes(text)
    done = oncall("replay", str(path))
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_without_its_library(oncall, log):
    log.write_text(
        "\n".join(each for each in log.read_text().splitlines() if '"topic": "library"' not in each)
    )
    done = oncall("replay", str(log))
    assert done.exit_code == 2
    assert "oncall tail library --raw" in done.stderr


def test_a_log_whose_beginning_is_gone(oncall, log):
    lines = log.read_text().splitlines()
    log.write_text(
        "\n".join(each for each in lines if not ('"topic": "signals"' in each and '"offset": 0' in each))
    )
    done = oncall("replay", str(log))
    assert done.exit_code == 2
    assert "begins at offset 1" in done.stderr
    assert "--from FILE" in done.stderr
