"""Acknowledging many incidents over HTTP."""

import json

import pytest

from tests.support.incidents import an_incident

ASKED = {"id": "r1", "match": ['service="cart"'], "text": "on it", "actor": {"provider": "chat", "id": "bob"}}


async def test_each_incident_that_matches_gets_a_response(client, runtime, show):
    one, two = an_incident(id="a" * 8, acknowledged_at=None), an_incident(id="b" * 8, acknowledged_at=None)
    show(one, two, an_incident(id="c" * 8, acknowledged_at=None, service="stock"))
    answer = await client.post("/intake/acknowledge", json=ASKED)
    document = await answer.json()
    assert (answer.status, document["accepted"]) == (202, 2)
    assert set(document["incidents"]) == {one.id, two.id}
    sent = [json.loads(each.value) for each in runtime.log.appended]
    assert {each.key for each in runtime.log.appended} == {one.domain.encode()}
    assert [(each["response"], each["text"], each["actor"]["id"]) for each in sent] == [
        ("acknowledge", "on it", "bob")
    ] * 2
    again = await client.post("/intake/acknowledge", json=ASKED)
    assert again.status == 202
    assert [json.loads(each.value)["id"] for each in runtime.log.appended][2:] == [
        each["id"] for each in sent
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"match": []}, "match"),
        ({"match": ["service"]}, "match[0]"),
        ({"match": 'service="cart"'}, "match"),
        ({"actor": "bob"}, "actor"),
    ],
)
async def test_what_cannot_be_taken_is_named(client, runtime, change, field):
    answer = await client.post("/intake/acknowledge", json=ASKED | change)
    assert (answer.status, (await answer.json())["field"]) == (400, field)
    assert runtime.log.appended == []
