"""A dry run sends nothing, and says in order what would be decided and sent if all went well."""

from datetime import UTC, datetime

from app.core.membership import view_of
from app.model.incident import IncidentSnapshot
from app.model.inputs import Alert, AlertSignal
from app.model.words import Mode, Severity
from app.rehearse.dry_run import dry_run
from tests.rehearse.estate import FILES, GIVEN, LIBRARY, compile_library, played

NOW = datetime(2026, 11, 24, 3, 0, 0, 123_456, tzinfo=UTC)
"""With microseconds, which the engine's time has not."""
OPEN = compile_library(
    {
        **FILES,
        "all.yaml": FILES["all.yaml"]
        .replace("shadow", "auto")
        .replace("rules: {", "rules: {trusted: [slack], "),
    }
)


def trigger(name="Rich"):
    labels = {"alertname": name, "severity": "warning", "service": "cart"}
    alert = Alert(labels=labels, starts_at=NOW, fingerprint="f1")
    return view_of(
        AlertSignal(alert=alert, severity=Severity.WARNING, service="cart", environment="production")
    )


def sent(come, topic):
    return [f"{line.name} {line.text}" for line in come.lines if line.what == topic]


def test_it_goes_the_whole_way_with_what_the_pages_test_answers():
    come = dry_run(trigger(), None, OPEN, {"rich.test.yaml": GIVEN}, NOW)
    assert (come.page, come.reason) == ("rich", "match")
    assert sent(come, "step-commands") == [
        "run pods: k.look(what='pods'), read",
        "run closer/dig: k.look(what='2'), read",
        "run scale: k.scale(replicas=6), idempotent",
    ]
    told = [(line.name, line.reason) for line in come.lines if line.what == "decides"]
    for each in (
        ("ApprovalAsked", "needs_approval"),
        ("StepApproved", "by_person"),
        ("StepReported", "succeeded"),
        ("IncidentResolved", "alerts_resolved"),
    ):
        assert each in told
    assert [line.seconds for line in come.lines] == sorted(line.seconds for line in come.lines)


def test_without_any_answer_it_says_where_a_person_would_be_needed():
    come = dry_run(trigger(), None, OPEN, {}, NOW)
    assert sent(come, "step-commands")[0].startswith("run pods")
    assert ("Escalated", "step_needs_person") in [(line.name, line.reason) for line in come.lines]


def test_an_incident_brings_its_alerts_changes_and_what_executors_said():
    case = "name: x\ngiven: {changes: [{deploy: cart, ago: 5m}]}\nthen: [1m: alice takes over]\nexpect: {outcome: cancelled}"
    snapshot = played(case).facts.incident
    again = IncidentSnapshot.model_validate_json(snapshot.model_dump_json())
    come = dry_run(again.executions[0].trigger, again, OPEN, {}, NOW)
    assert come.assumed["pods"][0].output == {"bad": ["cart-1", "cart-2"]}
    assert come.assumed["closer/dig"][0].output == {"worst": "load"}
    assert "run scale: k.scale(replicas=6), idempotent" in sent(come, "step-commands")


def test_in_shadow_it_goes_to_the_shadow_topics():
    come = dry_run(trigger(), None, OPEN, {"rich.test.yaml": GIVEN}, NOW, Mode.SHADOW)
    assert sent(come, "step-commands") == []
    assert sent(come, "step-commands.shadow")


def test_where_no_page_fits_a_person_is_paged():
    come = dry_run(trigger("Nobody"), None, OPEN, {}, NOW)
    assert (come.page, come.reason) == ("", "no_runbook")
    assert sent(come, "escalation-commands") == ["notify user:alice: no runbook fits this incident"]


def test_where_nothing_is_trusted_an_approval_is_a_persons_step():
    untrusting = compile_library({**FILES, "all.yaml": FILES["all.yaml"].replace("shadow", "auto")})
    come = dry_run(trigger(), None, untrusting, {"rich.test.yaml": GIVEN}, NOW)
    assert ("StepHandedOver", "no_trusted_source") in [(line.name, line.reason) for line in come.lines]
    assert LIBRARY.rules.trusted == ()
