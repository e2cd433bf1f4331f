"""The hand-over note: whose incidents, which shift, and what stands where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.shift_note import markdown, note_for, teams_of
from app.library.compile import compile_library
from app.model.words import Gate, Mode, Severity
from tests.support.incidents import NOW, a_page, an_execution, an_incident

MANIFEST = """
people: {alice: {}, bob: {}}
teams: {shop: {escalation: shop, members: [alice]}, data: {members: [bob]}}
services: {lake: {team: data, escalation: shop}}
policies: {shop: {levels: [{targets: ["schedule:nights"]}]}}
schedules:
  nights:
    timezone: UTC
    layers: [{name: days, rotation: daily, start: "2026-11-01T08:00", people: [alice, bob]}]
"""


@pytest.fixture(scope="module")
def library():
    return compile_library({"x.yaml": MANIFEST})


def test_a_schedule_stands_for_all_whose_policies_name_it(library):
    assert teams_of("nights", library) == {"shop", "data"}
    assert teams_of("data", library) == {"data"}
    with pytest.raises(KeyError):
        teams_of("days", library)


def test_what_has_no_policy_of_its_own_has_that_of_the_rules():
    default = MANIFEST.replace("{members: [bob]}", "{members: [bob]}, sales: {escalation: other}")
    default = default.replace("policies: {", 'policies: {other: {levels: [{targets: ["user:bob"]}]}, ')
    known = compile_library({"x.yaml": default + "rules: {escalation: shop}\n"})
    assert teams_of("nights", known) == {"shop", "data", ""}


def test_whom_it_was_paged_for_is_in_its_note_whatever_policy_named_it(library):
    hours = timedelta(hours=1)
    page = a_page(target="schedule:nights", notified_at=NOW - hours)
    elsewhere = an_incident("e", title="Elsewhere", team="sales", escalations=[page])
    note = note_for("nights", [elsewhere], library, NOW)
    assert [each.title for each in note.open] == [each.title for each, _ in note.paged] == ["Elsewhere"]


@pytest.mark.parametrize(
    ("at", "since", "off", "on"),
    [
        ("2026-11-03T08:00", "2026-11-02T08:00", "bob", "alice"),  # at the very hand-over
        ("2026-11-03T09:00", "2026-11-03T08:00", "alice", "alice"),  # within a shift
    ],
)
def test_the_last_shift(library, at, since, off, on):
    note = note_for("nights", [], library, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert (note.since, note.off, note.on) == (datetime.fromisoformat(since).replace(tzinfo=UTC), off, on)


def test_what_stands_where(library):
    execution = an_execution()
    asking = [
        run.model_copy(update={"gate": Gate.APPROVAL}) if run.step == "undo_deploy" else run
        for run in execution.steps
    ]
    hours = timedelta(hours=1)
    incidents = [
        an_incident("plain", title="Plain", severity=Severity.ERROR, responders=["alice"]),
        an_incident(
            "grave",
            title="Grave",
            escalations=[
                a_page(notified_at=NOW - hours, channel="push", delivery="failed", status="stopped")
            ],
        ),
        an_incident("off", title="Off", snoozed_until=NOW + hours),
        an_incident("asks", title="Asks", executions=[execution.model_copy(update={"steps": asking})]),
        an_incident(
            "over",
            title="Over",
            status="closed",
            escalations=[a_page(notified_at=NOW - 2 * hours), a_page(notified_at=NOW - 13 * hours)],
        ),
        an_incident("theirs", title="Theirs", team="data"),
        an_incident("shadow", title="Shadow", mode=Mode.SHADOW),
    ]
    note = note_for("shop", incidents, library, NOW)
    assert [each.title for each in note.open] == ["Grave", "Plain"]
    assert [each.title for each in note.snoozed] == ["Off"]
    assert [(each.title, step) for each, step in note.approvals] == [("Asks", "undo_deploy")]
    assert [each.title for each, _ in note.paged] == ["Over", "Grave"]
    assert len(note_for("shop", incidents, library, NOW, NOW - 14 * hours).paged) == 3
    text = markdown(replace(note, off="alice", on="bob"), UTC)
    assert "alice → bob" in text
    assert "## Open (2)" in text
    assert "alice by push: Grave (critical); not delivered" in text
    assert text.index("Grave") < text.index("Plain")
