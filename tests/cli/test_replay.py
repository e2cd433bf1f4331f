"""`oncall replay` on a file: what `oncall tail --raw` writes is read back, and mistakes are told in one line."""

import asyncio
import json

import pytest

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


@pytest.fixture
def log(tmp_path):
    """A log that was decided with the library of an empty folder, as files hold it."""
    files = {"rules.yaml": "mode: auto\nrules: {team: ops}\nteams: {ops: {}}\n"}
    story = Story(compile_library(files))
    story.alert(severity="critical")
    story.at(5).resolves(severity="critical")
    signals = [
        Message("signals", 0, offset, DOMAIN.encode(), JSON.encode(batch), at)
        for offset, (batch, at) in enumerate(story.log)
    ]
    records = [*records_of(files), (CURRENT, library_hash(files))]
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
    ("text", "words"),
    [
        ("{}\n", "no line of `oncall tail --raw`"),
        ("nonsense\n", "log:1: no line of"),
        ("", "there is no message of `signals` in it"),
    ],
)
def test_files_that_hold_something_else(oncall, tmp_path, text, words):
    path = tmp_path / "log"
    path.write_text(text)
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
