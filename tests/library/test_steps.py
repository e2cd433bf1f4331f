"""The step language: what of it becomes which part of a step."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.expressions import Template
from app.model.runbook import Approval, Input, Retry
from app.model.words import Mode, Otherwise
from tests.library.texts import FULL, step

CONTEXT = {
    "trigger": {"labels": {"node": "n1"}},
    "inputs": {"count": 2},
    "item": "a",
    "index": 0,
    "output": {"n": 3},
}


def problems(text, **files):
    return [each for each in lint({**FULL, **files, "page.md": text}) if each.path == "page.md"]


def one(*lines, **where):
    text = step(*lines, **where)
    assert [each for each in problems(text) if each.level == "error"] == []
    return compile_library({**FULL, "page.md": text}).runbooks["page"].steps[0]


def minutes(count):
    return timedelta(minutes=count)


def given(params):
    return {
        name: [each.evaluate(CONTEXT) for each in value.parts] if isinstance(value, Template) else value
        for name, value in params.items()
    }


def test_an_action_with_everything():
    read = one(
        "action: kubernetes.drain",
        "with: {node: '${{ trigger.labels.node }}', grace: 30}",
        "timeout: 2m",
        "retry: {attempts: 3, backoff: constant, initial: 5s, max: 10s}",
        "continue-on-error: true",
        "dry-run: true",
        "secrets: [cluster_token]",
        "approval: {from: [platform, 'user:bruno'], count: 2, timeout: 5m, otherwise: skip}",
        "precondition: {cordoned: true, node: '${{ trigger.labels.node }}'}",
        "outputs: {pods: output.n}",
        "probe: {action: kubernetes.node, with: {node: n1}, timeout: 10s, retry: {attempts: 2}, done: output.n == 3}",
        "rollback: {action: kubernetes.uncordon, with: {node: n1}, timeout: 20s, precondition: {cordoned: true}, secrets: [s]}",
        phase="Mitigation",
    )
    assert (read.action, given(read.params)) == ("kubernetes.drain", {"node": ["n1"], "grace": 30})
    assert (read.timeout, read.retry) == (
        minutes(2),
        Retry(3, False, timedelta(seconds=5), timedelta(seconds=10)),
    )
    assert (read.continue_on_error, read.dry_run, read.on_failure, read.secrets) == (
        True,
        True,
        False,
        ("cluster_token",),
    )
    assert read.approval == Approval(("platform", "user:bruno"), 2, minutes(5), Otherwise.SKIP)
    assert given(read.precondition) == {"cordoned": True, "node": ["n1"]}
    assert read.outputs["pods"].evaluate(CONTEXT) == 3
    assert (read.probe.step.id, read.probe.step.action, read.probe.step.timeout) == (
        f"{read.id}.probe", "kubernetes.node", timedelta(seconds=10),
    )  # fmt: skip
    assert (read.probe.step.retry.attempts, read.probe.done.evaluate(CONTEXT)) == (2, True)
    back = read.rollback
    assert (back.id, back.action, back.timeout, back.precondition, back.secrets) == (
        f"{read.id}.rollback", "kubernetes.uncordon", timedelta(seconds=20), {"cordoned": True}, ("s",),
    )  # fmt: skip
    assert {back.phase, read.probe.step.phase} == {read.phase}
    assert {back.line, read.probe.step.line} == {read.line}


def test_what_an_action_does_not_say_has_a_default():
    read = one("action: kubernetes.cordon", "with: {node: n1}", "approval: true")
    assert (read.timeout, read.retry, read.approval) == (minutes(1), Retry(), Approval())
    assert one("action: kubernetes.cordon", "with: {node: n1}", "approval: false").approval is None


@pytest.mark.parametrize(
    ("line", "concurrency"),
    [
        ("foreach: incident.alerts.map(a, a.name)", 1),
        ("foreach: ${{ incident.alerts.map(a, a.name) }}", 1),
        ("foreach: {items: 'incident.alerts.map(a, a.name)', concurrency: 5}", 5),
    ],
)
def test_foreach_knows_its_item(line, concurrency):
    read = one(
        "action: kubernetes.drain",
        "with: {node: '${{ item }}', grace: '${{ index }}'}",
        "precondition: {node: '${{ item }}'}",
        "outputs: {which: item, n: output.n}",
        "probe: {action: kubernetes.node, with: {node: '${{ item }}'}, done: output.n == index}",
        "rollback: {action: kubernetes.uncordon, with: {node: '${{ item }}'}}",
        line,
    )
    assert (read.foreach.items.source, read.foreach.concurrency) == (
        "incident.alerts.map(a, a.name)",
        concurrency,
    )
    assert given(read.params) == {"node": ["a"], "grace": [0]}
    assert (
        given(read.rollback.params)
        == given(read.probe.step.params)
        == given(read.precondition)
        == {"node": ["a"]}
    )
    assert read.outputs["which"].evaluate(CONTEXT) == "a"


def test_a_step_for_a_person():
    read = one("manual: 'Look at ${{ trigger.labels.node }}'", "timeout: 20m", "outputs: {seen: output.n}")
    assert [part if isinstance(part, str) else part.evaluate(CONTEXT) for part in read.manual.parts] == [
        "Look at ",
        "n1",
    ]
    assert (read.timeout, list(read.outputs), read.action) == (minutes(20), ["seen"], "")
    assert one("manual: look").timeout == timedelta(hours=1)


OTHER = (
    "---\nid: other\ninputs:\n  node: string\n  grace: {type: integer, default: 30, description: Seconds}\n"
    "  why: {type: string, required: false}\n  names: {type: list, default: '${{ [incident.id] }}'}\n"
    "outputs: {pods: size(steps.look.output.pods)}\n---\n"
    + step("action: kubernetes.node", "with: {node: '${{ inputs.node }}'}")
)  # fmt: skip


def test_a_runbook_says_what_it_takes_and_gives():
    page = compile_library({**FULL, "other.md": OTHER}).runbooks["other"]
    default = page.inputs["names"].default
    assert page.inputs == {
        "node": Input("node"),
        "grace": Input("grace", "integer", False, 30, "Seconds"),
        "why": Input("why", "string", False),
        "names": Input("names", "list", False, default),
    }
    assert default.parts[0].evaluate({"incident": {"id": "i"}}) == ["i"]
    assert page.outputs["pods"].source == "size(steps.look.output.pods)"


def test_a_step_that_uses_a_runbook():
    user = step("uses: other", "with: {node: '${{ trigger.labels.node }}'}", id_="check") + step(
        "action: kubernetes.node", "with: {node: a}", "needs: [check]", "if: steps.check.outputs.pods > 0"
    )
    assert problems(user, **{"other.md": OTHER}) == []
    (read, _) = compile_library({**FULL, "other.md": OTHER, "page.md": user}).runbooks["page"].steps
    assert (read.uses, given(read.params), read.action) == ("other", {"node": ["n1"]}, "")


def test_needs_whose_status_the_condition_reads_are_its_to_decide():
    text = (
        step("action: kubernetes.node", "with: {node: a}", "if: incident.firing > 1", id_="a")
        + step("action: kubernetes.node", "with: {node: a}", "if: incident.firing > 1", id_="b")
        + step("action: kubernetes.node", "with: {node: a}", "needs: [a, b]",
               "if: steps.a.status == 'skipped' || has(steps.b.output.x)", id_="c")
    )  # fmt: skip
    assert problems(text) == []
    assert compile_library({**FULL, "page.md": text}).runbooks["page"].step("c").decides_on == {"a"}


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_may_be_asked_for(mode):
    text = step("action: kubernetes.node", "with: {node: a}", front=f"---\nmode: {mode}\n---\n")
    assert compile_library({**FULL, "page.md": text}).runbooks["page"].mode is mode


def test_a_step_only_for_failures():
    assert one("action: kubernetes.uncordon", "with: {node: a}", "on-failure: true").on_failure is True
