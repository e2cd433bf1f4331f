"""The API: what it gives, and what it says when it cannot."""

import pytest

from app.model.words import IncidentStatus
from tests.support.incidents import ago, an_id, an_incident, resolved
from tests.web.conftest import a_library, a_runbook, template


async def ids(client, query=""):
    answer = await client.get(f"/api/v1/incidents{query}")
    assert answer.status == 200, await answer.text()
    return [each["id"] for each in (await answer.json())["incidents"]]


@pytest.fixture
def three(show):
    show(
        an_incident("old", opened_at=ago(hours=3), service="cart", team="shop"),
        an_incident("new", opened_at=ago(minutes=1), service="search", team="find", severity="warning"),
        resolved("done", opened=ago(hours=2), service="cart"),
    )


FILTERS = {
    "all, newest first": ("", ["new", "done", "old"]),
    "one status": ("?status=resolved", ["done"]),
    "open": ("?status=open", ["new", "old"]),
    "several statuses": ("?status=open,resolved", ["new", "done", "old"]),
    "service": ("?service=cart", ["done", "old"]),
    "team": ("?team=find", ["new"]),
    "severity": ("?severity=critical", ["done", "old"]),
    "all at once": ("?severity=critical&service=cart&status=open", ["old"]),
    "limit": ("?limit=1", ["new"]),
    "nothing": ("?service=none-such", []),
}


@pytest.mark.parametrize(("query", "names"), FILTERS.values(), ids=FILTERS)
async def test_incidents_are_filtered(client, three, query, names):
    assert await ids(client, query) == [an_id(name) for name in names]


async def test_a_list_says_how_many_there_are_beyond_the_limit(client, three):
    document = await (await client.get("/api/v1/incidents?limit=1")).json()
    assert (document["total"], document["limit"], len(document["incidents"])) == (3, 1, 1)
    assert "timeline" not in document["incidents"][0]


async def test_an_incident_has_its_timeline(client, show):
    show(an_incident("one"))
    document = await (await client.get(f"/api/v1/incidents/{an_id('one')}")).json()
    assert [entry["type"] for entry in document["timeline"]] == ["IncidentOpened", "Escalated"]
    assert document["opened_at"] == "2026-11-03T03:07:00Z"


async def test_an_incident_is_found_by_the_beginning_of_its_id(client, show):
    show(an_incident("one"), an_incident("two"))
    document = await (await client.get(f"/api/v1/incidents/{an_id('one')[:8].upper()}")).json()
    assert document["id"] == an_id("one")


async def test_a_beginning_that_two_bear_names_both(client, show):
    show(an_incident("one", id="abcd-1"), an_incident("two", id="abcd-2"))
    answer = await client.get("/api/v1/incidents/abcd")
    assert answer.status == 409
    assert (await answer.json())["candidates"] == ["abcd-1", "abcd-2"]


WRONG = {
    "no such path": ("/api/v1/nothing", 404, "There is nothing at /api/v1/nothing."),
    "no such incident": ("/api/v1/incidents/deadbeef", 404, "There is no incident 'deadbeef'"),
    "too short an id": ("/api/v1/incidents/ab", 400, "Give at least 4 characters"),
    "no such status": ("/api/v1/incidents?status=bad", 400, "status is one of open, triggered"),
    "no such severity": ("/api/v1/incidents?severity=p1", 400, "severity is one of critical"),
    "a mistyped parameter": ("/api/v1/incidents?sevrity=critical", 400, "There is no parameter 'sevrity'"),
    "limit zero": ("/api/v1/incidents?limit=0", 400, "limit is a whole number"),
    "limit too large": ("/api/v1/incidents?limit=99999999999999999999", 400, "limit is a whole number"),
    "limit behind zeros": ("/api/v1/incidents?limit=00000000150000", 400, "limit is a whole number"),
    "limit without end": (f"/api/v1/incidents?limit=00000000{'1' * 5000}", 400, "limit is a whole number"),
    "said twice": ("/api/v1/incidents?status=open&status=closed", 400, "status is said twice"),
    "said without a value": ("/api/v1/incidents?status=", 400, "status says nothing"),
    "limit in other digits": ("/api/v1/incidents?limit=%D9%A1", 400, "limit is a whole number"),
    "no such runbook": ("/api/v1/runbooks/nope", 404, "There is no runbook 'nope'"),
    "no words": ("/api/v1/runbooks?q=%21", 400, "q holds one or more words"),
    "a window without unit": ("/api/v1/slo?window=30", 400, "window is a length of time"),
}


@pytest.mark.parametrize(("path", "status", "detail"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_a_problem_document(client, path, status, detail):
    answer = await client.get(path)
    document = await answer.json(content_type="application/problem+json")
    assert (answer.status, document["status"]) == (status, status)
    assert detail in document["detail"]
    assert set(document) >= {"type", "title", "status", "detail"}


async def test_a_wrong_method_is_told_the_right_ones(client):
    answer = await client.delete("/api/v1/incidents", headers={"Content-Type": "application/json"})
    assert (answer.status, answer.content_type) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}


async def test_a_fault_of_ours_shows_no_trace(client, model, show, caplog):
    show(an_incident("one"))
    model._decode = None  # as a programming error would
    answer = await client.get(f"/api/v1/incidents/{an_id('one')}")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "Traceback" not in text
    assert "TypeError" not in text
    assert "NoneType" in caplog.text


async def test_before_the_topic_is_read_incidents_are_not_shown(client, model):
    model.ready, model.why_not = False, "12 messages of x.incidents to read"
    for path in ("/api/v1/incidents", "/api/v1/incidents/abcd1234", "/api/v1/slo"):
        answer = await client.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "12 messages" in (await answer.json(content_type=None))["detail"]


async def test_runbooks_are_listed_and_shown(client):
    listed = await (await client.get("/api/v1/runbooks")).json()
    assert [(each["id"], each["steps"], each["checklist"]) for each in listed["runbooks"]] == [
        ("kube-pod-crash-looping", 1, False)
    ]
    shown = await (await client.get("/api/v1/runbooks/kube-pod-crash-looping")).json()
    assert shown["library"] == "current"
    assert "${{ trigger.labels.pod }}" in shown["body"]
    assert shown["steps"][0]["action"] == "kubernetes.describe"
    assert shown["match"] == [['alertname="KubePodCrashLooping"']]


SEARCHES = {
    "a word of the title beats one of the text": ("disk", ["disk-filling", "node-not-ready"]),
    "every word counts": ("disk node", ["node-not-ready"]),
    "the beginning of a word will do": ("kube", ["node-not-ready", "disk-filling"]),
    "case does not matter": ("DISK FILLING", ["disk-filling"]),
    "words of alert names": ("crash looping", ["disk-filling", "node-not-ready"]),
    "none": ("kafka", []),
}


@pytest.mark.parametrize(("query", "expected"), SEARCHES.values(), ids=SEARCHES)
async def test_runbooks_are_found_by_words(client, runtime, query, expected):
    runtime.libraries.known = [
        a_library(
            a_runbook("node-not-ready", "Node is not ready", template("The disk may be full. See kubelet.")),
            a_runbook("disk-filling", "Disk is filling", template("Find what grows.")),
        )
    ]
    document = await (await client.get("/api/v1/runbooks", params={"q": query})).json()
    assert [each["id"] for each in document["runbooks"]] == expected


async def test_without_a_library_runbooks_are_503(client, runtime):
    runtime.libraries.known = []
    assert (await client.get("/api/v1/runbooks")).status == 503


async def test_slo_gives_the_four_promises(client, three):
    document = await (await client.get("/api/v1/slo?window=24h")).json()
    promises = {each["name"]: each for each in document["promises"]}
    assert list(promises) == [
        "execution_time",
        "resolution_success",
        "knowledge_accuracy",
        "escalation_effectiveness",
    ]
    resolution = promises["resolution_success"]
    assert (resolution["numerator"], resolution["denominator"], resolution["value"]) == (1, 2, 0.5)
    assert (resolution["target"], resolution["met"]) == (0.9, False)
    assert resolution["window"] == {"from": "2026-11-02T03:12:00+00:00", "to": "2026-11-03T03:12:00+00:00"}
    assert promises["knowledge_accuracy"]["value"] is None
    assert promises["knowledge_accuracy"]["note"] == "not measured: no feedback"


async def test_every_status_can_be_asked_for(client):
    for status in IncidentStatus:
        assert await ids(client, f"?status={status}") == []
