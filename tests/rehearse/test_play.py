"""Cases are played by the engine: what they say of executors, people and time happens, and what comes of it is seen."""

import pytest

from tests.rehearse.estate import played, told

GOOD = {
    "approved in time": """\
name: x
then: [1m: alice approves scale, 2m: bruno reports tell, 3m: resolved]
expect:
  commands: [pods: {what: pods}, closer/dig: {what: "2"}, scale: {replicas: 6}]
  steps: {closer/dig: succeeded, restart: skipped (condition_false), quiet: succeeded (held), call: skipped (nothing_failed)}
  outcome: succeeded (all_steps_done)
  incident: resolved
  pages: [step_needs_person]
  within: 4m""",
    "not approved in time, so the other way": """\
name: x
then:
  - 5m30s: bruno reports tell
  - 6m: resolved
expect:
  commands: [pods, closer/dig, "restart[0]": {pod: cart-1}, "restart[1]": {pod: cart-2}]
  steps: {scale: skipped (approval_timeout), restart: succeeded, tell: succeeded (done_by_person)}
  outcome: succeeded""",
    "refused by a person": """\
name: x
then: [1m: alice rejects scale]
expect: {commands: [pods, closer/dig, call], steps: {scale: failed (rejected)}, outcome: failed (rejected)}""",
    "by nobody who may": """\
name: x
then: [1m: chidi approves scale in vain, 2m: nobody approves scale in vain]
expect: {commands: ["*"], steps: {scale: skipped}}""",
    "second attempt": """\
name: x
answers: {pods: [failed, {bad: []}]}
expect:
  commands: [pods x2, closer/dig, call]
  steps: {restart: skipped (no_items)}""",
    "silence of a read": """\
name: x
answers: {pods: silent}
expect: {commands: [pods x2, call], steps: {pods: timed_out}, outcome: failed (step_timed_out), within: 1m20s}""",
    "an answer that comes too late": """\
name: x
answers: {pods: {output: {bad: []}, after: 31s}}
expect: {commands: [pods x2, call], outcome: failed (step_timed_out)}""",
    "a probe that says yes": """\
name: x
answers: {restart: silent, restart.probe: {restarted: true}}
expect:
  commands: [pods, closer/dig, "restart[0]", "restart[0].probe", "restart[1]", "restart[1].probe", call]
  steps: {restart: succeeded, "restart[0]": succeeded (probed), tell: timed_out (nobody_reported)}
  outcome: failed (nobody_reported)""",
    "a probe that says no": """\
name: x
answers: {"restart[0]": silent, "restart[0].probe": {restarted: false}}
expect:
  commands: [pods, closer/dig, "restart[0]", "restart[0].probe", call]
  steps: {"restart[0]": failed (probed_not_done), "restart[1]": cancelled}
  outcome: failed (step_failed)""",
    "a precondition that does not hold": """\
name: x
answers: {restart: {finds: {phase: Pending}}}
expect: {commands: ["*", "restart[0]", call], steps: {"restart[0]": failed (refused)}, outcome: failed}""",
    "what was scaled is scaled back": """\
name: x
then: [1m: alice approves scale, 2m: bruno reports tell failed]
expect:
  commands: [pods, closer/dig, scale, scale.rollback: {replicas: 3}, call]
  steps: {scale: rolled_back, tell: failed (failed_by_person)}
  outcome: failed (step_failed)""",
    "a look in between": """\
name: x
then:
  - 30s: {expect: {steps: {scale: waiting_approval, tell: pending}, commands: [pods, closer/dig], outcome: running}}
  - 31s: alice takes over
expect: {outcome: cancelled (taken_over), commands: [pods, closer/dig]}""",
    "paused and resumed": """\
name: x
then: [500ms: alice pauses, 1m: alice resumes, 1m1s: alice resumes in vain, 2m: alice cancels]
expect: {commands: [pods, closer/dig], outcome: cancelled (by_person)}""",
    "cancelled while a command is out": """\
name: x
answers: {pods: silent}
then: [10s: alice cancels]
expect: {commands: [pods, cancel pods], outcome: cancelled}""",
    "skipped by hand, then retried in vain": """\
name: x
then: [1m: alice skips scale, 1m30s: alice retries scale in vain]
expect: {steps: {scale: skipped (skipped_by_person)}, commands: ["*"]}""",
    "retried by hand": """\
name: x
answers: {pods: [failed, failed, {bad: []}]}
then: [1m: alice retries pods]
expect: {commands: [pods x2, call, pods, closer/dig, call], outcome: failed (nobody_reported)}""",
    "automation is paused": """\
name: x
given: {standing: paused}
then: [1m: alice approves scale]
expect: {commands: [pods, closer/dig], outcome: cancelled (automation_paused), pages: [automation_paused]}""",
    "automation is paused on the way": """\
name: x
then: [50s: alice pauses automation, 1m: alice approves scale]
expect: {commands: [pods, closer/dig], outcome: cancelled (automation_paused)}""",
    "the breaker is open": """\
name: x
given: {standing: breaker-open}
then:
  - 1m: alice approves scale
  - 61s: {expect: {steps: {scale: running (breaker_open)}}}
expect: {commands: [pods, closer/dig, call], outcome: failed (nobody_reported)}""",
    "nothing is changed now": """\
name: x
given: {standing: frozen}
then: [20s: {expect: {steps: {scale: running (frozen)}}}, 1m: {alice reports scale: {}}, 2m: alice reports tell, 3m: resolved]
expect: {commands: [pods, closer/dig], outcome: succeeded}""",
    "nobody can be vouched for": """\
name: x
given: {standing: nobody-trusted}
then: [20s: {expect: {steps: {scale: running (no_trusted_source)}}}, 1m: alice approves scale in vain, 2m: alice cancels]
expect: {commands: [pods, closer/dig]}""",
    "in shadow it asks nobody": """\
name: x
given: {mode: shadow}
then: [1m: resolved]
expect: {commands: [pods, closer/dig, scale], steps: {tell: succeeded (assumed_in_shadow)}, outcome: succeeded}""",
    "it only suggests": """\
name: x
given: {mode: suggest}
then: [1s: {alice reports pods: {bad: []}}, 2s: {alice reports closer/dig: {worst: fine}}, 1m: resolved]
expect: {commands: [], incident: resolved}""",
    "more alerts, all of which must end": """\
name: x
given: {alerts: [{pod: cart-2}]}
then: [1m: alice approves scale, 2m: bruno reports tell, 3m: {resolved: {pod: cart-2}}, 4m: {expect: {steps: {quiet: running}}}, 5m: resolved]
expect: {outcome: succeeded, incident: resolved}""",
    "it fires again while it is watched": """\
name: x
then: [1m: alice approves scale, 2m: bruno reports tell, 3m: resolved, 3m30s: fires, 4m: resolved, 4m50s: {expect: {steps: {quiet: running}}}]
expect: {outcome: succeeded, within: 5m}""",
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_what_a_case_says_happens(text):
    assert told(played(text)) == []


BAD = {
    "another outcome": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {outcome: succeeded}",
        [("outcome", "succeeded", "failed (rejected): step scale: alice said no")],
    ),
    "another reason": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {steps: {scale: failed (refused)}}",
        [("step scale", "failed (refused)", "failed (rejected): alice said no")],
    ),
    "a command too much": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {commands: [pods, closer/dig]}",
        [("commands", "pods, closer/dig", "  pods\n  closer/dig\n+ call")],
    ),
    "a command too few": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {commands: [pods, scale, closer/dig, call]}",
        [("commands", "pods, scale, closer/dig, call", "  pods\n- scale\n  closer/dig\n  call")],
    ),
    "another parameter": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {commands: [pods: {what: nodes, how: many}, '*']}",
        [("command pods: what", "'nodes'", "'pods'"), ("command pods: how", "'many'", "'nothing'")],
    ),
    "calls of people": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {pages: []}",
        [("pages", "none", "rejected")],
    ),
    "too late": (
        "name: x\nthen: [1m: alice rejects scale]\nexpect: {within: 1m}",
        [("within", "0:01:00", "0:01:01")],
    ),
    "somebody approves what nobody is asked": (
        "name: x\nthen: [500ms: alice approves scale, 1m: alice cancels]\nexpect: {outcome: cancelled}",
        [
            (
                "500ms: alice approves scale",
                "it can be done",
                "nobody is asked to approve scale: it is pending",
            )
        ],
    ),
    "somebody who may not": (
        "name: x\nthen: [1m: chidi approves scale, 2m: alice cancels]\nexpect: {outcome: cancelled}",
        [
            (
                "1m: chidi approves scale",
                "it is done",
                "scale: chidi: they are not among those who may approve it",
            )
        ],
    ),
    "in vain that is not": (
        "name: x\nthen: [1m: alice rejects scale in vain]\nexpect: {outcome: failed}",
        [("1m: alice rejects scale in vain", "it is refused", "it was done")],
    ),
    "another page": (
        "name: x\ngiven: {alert: {alertname: Drain, node: n1}}\nexpect: {outcome: none}",
        [("page of the alert", "rich", "drain (match)")],
    ),
    "in between": (
        "name: x\nthen: [2s: {expect: {outcome: succeeded}}, 1m: alice cancels]\nexpect: {outcome: cancelled}",
        [("outcome", "succeeded", "running")],
    ),
}


@pytest.mark.parametrize(("text", "found"), BAD.values(), ids=BAD)
def test_what_is_otherwise_is_told(text, found):
    assert told(played(text)) == found


BY_HAND = """\
given: {by: alice}
cases:
"""


def test_a_page_that_no_alert_selects_is_run_by_hand_and_its_outputs_are_seen():
    text = "name: x\ngiven: {inputs: {depth: 3}}\nanswers: {dig: {worst: load}}\nexpect: {commands: [dig: {what: '3'}], outputs: {worst: load}, pages: [no_mitigation_applied, still_firing]}"
    assert told(played(text, "closer.test.yaml", BY_HAND)) == []


def test_a_run_by_hand_without_what_it_needs_is_told():
    found = told(
        played("name: x\nexpect: {outcome: none, pages: [input_missing]}", "closer.test.yaml", BY_HAND)
    )
    assert found == []


def test_a_checklist_is_selected_and_not_run():
    text = "name: x\nexpect: {outcome: none (alert_name), pages: [checklist_only]}"
    assert (
        told(played(text, "list.test.yaml", "given: {alert: {alertname: list, severity: warning}}\ncases:\n"))
        == []
    )


def test_an_alert_that_opens_no_incident_has_no_run():
    text = "name: x\ngiven: {alert: {severity: none}}\nexpect: {outcome: none, commands: []}"
    assert told(played(text)) == []


def test_too_many_targets_are_a_persons():
    given = "given: {alert: {alertname: Drain, severity: error, service: cart}}\ncases:\n"
    text = "name: x\nthen: [1s: {expect: {steps: {drain: running (too_many_targets)}}}]\nexpect: {commands: [], outcome: failed}"
    assert told(played(text, "drain.test.yaml", given)) == []


def test_a_case_is_played_alike_each_time():
    text = GOOD["approved in time"]
    assert list(played(text).facts.outputs) == list(played(text).facts.outputs)
