"""What services and teams say of chat and tickets: what is read, and what is refused with its mend."""

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.desk import Apart, WhenClosed
from app.model.words import Severity


def team(text: str) -> dict[str, str]:
    return {"x.yaml": f"teams:\n  shop:\n    {text}\n"}


def test_all_of_it():
    read = compile_library(
        team(
            """chat: {channel: "#shop", each: channel}
    ticket:
      project: SHOP
      severity: error
      fields: {summary: "[${{ incident.severity }}] ${{ incident.title }}", points: 3, blocked: true}
      states: {resolved: Fixed, closed: Done}
      closed: [Done, "Won't do"]
      when_closed: resolve"""
        )
    ).teams["shop"]
    ticket = read.ticket
    assert (read.chat, read.apart) == ("#shop", Apart.CHANNEL)
    assert (ticket.project, ticket.severity) == ("SHOP", Severity.ERROR)
    assert {name: each.source for name, each in ticket.fields.items()} == {
        "summary": "[${{ incident.severity }}] ${{ incident.title }}",
        "points": "3",
        "blocked": "true",
    }
    assert ticket.states == {"resolved": "Fixed", "closed": "Done"}
    assert (ticket.closed, ticket.when_closed) == (("Done", "Won't do"), WhenClosed.RESOLVE)


def test_the_short_forms():
    read = compile_library({"x.yaml": 'services: {cart: {chat: "#cart", tickets: CART}}'}).services["cart"]
    assert (read.chat, read.apart, read.tickets, read.ticket) == ("#cart", None, "CART", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("chat: {each: channel}", 'x.yaml:3:11: error: chat names no channel; write channel: "#NAME"'),
        ('chat: {channel: "#a", each: chanel}', "each: 'chanel' is unknown; did you mean 'channel'?"),
        ('chat: {chanel: "#a"}', "chat has no 'chanel'; did you mean 'channel'?"),
        ("ticket: SHOP", "ticket is no map"),
        ("ticket: {when_closed: resolved}", "did you mean 'resolve'?"),
        ("ticket: {severity: none}", "severity: none never opens an incident"),
        ("ticket: {severity: bad}", "severity: 'bad' is unknown"),
        ("ticket: {states: {done: Done}}", "states.done: no ticket is moved there"),
        ("ticket: {states: {closed: [Done]}}", "states.closed is no text"),
        ("ticket: {fields: {a: '${{ incident.titel }}'}}", "fields.a: incident has no 'titel'"),
        ("ticket: {fields: {a: '${{ 1 + }}'}}", "fields.a: it is no CEL expression"),
        (
            "ticket: {fields: {a: '${{ steps.x.status }}'}}",
            "fields.a reads steps, which a ticket knows nothing of",
        ),
        ("ticket: {fields: {a: [b]}}", "fields.a is no text"),
        ("ticket: {fields: [a]}", "fields is no map"),
        ("ticket: {filds: {}}", "ticket has no 'filds'; did you mean 'fields'?"),
    ],
)
def test_mistakes(text, told):
    found = [str(each) for each in lint(team(text)) if each.level == "error"]
    assert any(told in each for each in found), found


def test_the_project_is_said_once():
    (found,) = [each for each in lint(team("tickets: A\n    ticket: {project: B}")) if each.level == "error"]
    assert "the project is said twice" in str(found)
