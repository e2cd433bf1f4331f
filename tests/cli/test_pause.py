"""`oncall pause`, `resume` and `standings`, against a stand-in for the domain `control`."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.reading import Reader
from app.model.inputs import Response
from app.model.standings import MutedAlert, MutedAlerts, Standing
from app.wire.codec import Codec
from app.wire.decode import decode

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def standing(version=1, id_="automation", **facts):
    made = Standing(id=id_, version=version, at=AT, **facts)
    return made.id.encode(), Codec().encode(made)


def page(id_, version=1, **facts):
    return standing(version, f"page:{id_}", runbook_id=id_, **facts)


@pytest.fixture
def control(put, embedded_broker, topic_prefix):
    """Answers each response to `control` by the standing of the next version; gives what was asked."""
    put("standings", page("other"))
    put("responses", (b"x", b"{}"))
    stop, asked = threading.Event(), []
    topic = f"{topic_prefix}.responses"
    reader = Reader(embedded_broker.bootstrap_servers, topic, name="responses", stop=stop)

    def answer():
        for message in reader.following():
            response = decode(message.value, Response)
            asked.append((message.key, response))
            put("standings", page("noise", 1 + len(asked)), _answer(response, len(asked)))

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield asked
    stop.set()
    thread.join()
    reader.close()


def _answer(response, version):
    if response.runbook_id:
        return page(response.runbook_id, version + 1, reason="trusted_again")
    paused = response.response == "pause"
    return standing(
        version, is_paused=paused, paused_at=AT if paused else None, by=response.actor.id, text=response.text
    )


def test_pause_waits_until_the_service_says_so_and_says_who_when_and_why(oncall, kafka, control):
    done = oncall("pause", "--reason", "the network is ill", "--as", "carol", *kafka)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        "automation is paused since 2026-11-01 12:00:00 UTC by carol: the network is ill\n"
    )
    [(key, response)] = control
    assert (key, response.domain, response.response) == (b"control", "control", "pause")
    assert (response.text, response.actor.provider, response.actor.id) == (
        "the network is ill",
        "cli",
        "carol",
    )


def test_each_call_is_a_request_of_its_own(oncall, kafka, control):
    for _ in range(2):
        assert oncall("pause", "--as", "carol", *kafka).exit_code == 0
    assert len({response.id for _, response in control}) == 2


def test_resume_by_the_user_of_this_machine(oncall, kafka, control, monkeypatch):
    monkeypatch.setenv("LOGNAME", "dora")
    done = oncall("resume", "--json", *kafka)
    told = json.loads(done.stdout)
    assert (told["is_paused"], told["by"]) == (False, "dora")
    assert control[0][1].response == "resume"


def test_resume_of_a_page(oncall, kafka, control, put):
    put("standings", page("crash", breaker_open=True))
    done = oncall("resume", "--page", "crash", "--as", "carol", *kafka)
    assert done.stdout.startswith("crash is trusted again")
    assert control[0][1].runbook_id == "crash"


def test_resume_of_a_page_that_nobody_knows(oncall, kafka, control):
    done = oncall("resume", "--page", "othr", "--as", "carol", *kafka)
    assert done.exit_code == 2
    assert "no run of a page othr has counted yet" in done.stderr
    assert "did you mean other?" in done.stderr
    assert control == []


def test_nobody_answers(oncall, kafka, put):
    put("standings", page("other"))
    done = oncall("pause", "--within", "1", "--as", "carol", *kafka)
    assert done.exit_code == 2
    assert "no worker has answered within 1 s" in done.stderr
    assert "oncall standings" in done.stderr


def test_no_brokers(oncall, nowhere):
    assert oncall("pause", "--as", "carol", *nowhere).exit_code == 2


def test_standings(oncall, kafka, put):
    soon = datetime.now(UTC) + timedelta(hours=1)
    put(
        "standings",
        page("crash", 1, good_runs=2, runs_needed=5),
        page("crash", 3, good_runs=3, runs_needed=5, reason="approved_run_succeeded"),
        page("crash", 2),
        page("loop", 1, breaker_open=True, breaker_open_until=soon, recent_failures=3),
        page("mended", 1, breaker_open=True, breaker_open_until=AT, recent_failures=3),
    )
    done = oncall("standings", *kafka)
    assert "it was never paused" in done.stdout
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[2:]}
    assert rows["crash"].split()[1:3] == ["3", "5"]
    assert "approved_run_succeeded" in rows["crash"]
    assert "open until" in rows["loop"]
    assert "closed" in rows["mended"]
    put("standings", standing(is_paused=True, paused_at=AT, by="carol"))
    told = json.loads(oncall("standings", "--json", *kafka).stdout)
    assert told["automation"]["by"] == "carol"
    assert [each["runbook_id"] for each in told["pages"]] == ["crash", "loop", "mended"]


def test_standings_show_what_is_muted(oncall, kafka, put):
    alert = MutedAlert(fingerprint="f", name="Crash", service="cart", by="inhibit:node", since=AT)
    held = MutedAlerts(domain="production/shop", count=1, beyond=2, by={"inhibit": 1}, alerts=[alert])
    put(
        "standings",
        standing(id_="muted:production/shop", muted=held),
        standing(id_="muted:b", muted=MutedAlerts(domain="b")),
    )
    said = oncall("standings", *kafka).stdout
    assert "production/shop: 1 alerts are muted, and 2 more that are not held" in said
    assert "inhibit:node" in said
    document = json.loads(oncall("standings", "--json", *kafka).stdout)
    assert [each["domain"] for each in document["muted"]] == ["production/shop"]
    assert document["pages"] == []
