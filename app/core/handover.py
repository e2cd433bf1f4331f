"""Steps that a person does: those that say `manual`, and those that automation may not do itself."""

from __future__ import annotations

from datetime import timedelta

from app.core.announce import say_manual
from app.core.attempts import STEP_TIMERS, end_step, succeed
from app.core.bounds import TEXT_CHARS, cut
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At
from app.core.identity import output_id
from app.core.paging import page
from app.core.people import named
from app.core.permits import give_back
from app.core.render import render_prose
from app.model.base import Values
from app.model.inputs import Response
from app.model.runbook import DEFAULT_MANUAL_TIMEOUT, Step
from app.model.timers import Timer
from app.model.words import AnswerStatus, Effect, Gate, Mode, StepStatus, TimerKind

WHY = {
    "manual": "the runbook leaves it to a person",
    "suggested": "automation only suggests here",
    "no_trusted_source": "it needs an approval, and nothing that is trusted can vouch for anybody here",
    "unknown_requester": "it needs the approval of a second person, and nothing that is trusted says who asked for this run",
    "too_many_targets": "it would touch more targets than one command may",
    "frozen": "nothing is changed by automation now",
    "breaker_open": "runs of this page failed too often of late",
    "blast_radius": "the action has touched as many targets this hour as it may",
    "queue_full": "too many steps wait for their turn",
}
"""Why a step is a person's to do, in words."""


def do_by_hand(draft: Draft, at: At, step_id: str) -> None:
    """Begin a step that the page leaves to a person."""
    step = at.step(draft, step_id)
    if step.manual is None:
        return
    names = context_of(at.incident(draft), at.execution(draft), at.step_run(draft, step_id))
    hand_over(draft, at, step_id, "manual", cut(render_prose(step.manual, names), TEXT_CHARS))


def hand_over(draft: Draft, at: At, step_id: str, reason: str, words: str) -> None:
    """Leave a step to a person, who reports what came of it; in shadow it counts as done."""
    execution = at.execution(draft)
    if execution.mode is Mode.SHADOW:
        succeed(draft, at, step_id, {}, "assumed_in_shadow", words)
        return
    run = at.step_run(draft, step_id)
    give_back(draft, at, run)
    draft.drop_timers(*STEP_TIMERS, incident_id=at.incident_id, execution_id=at.execution_id, step=step_id)
    object_id = run.object_id or output_id(draft.domain, at.execution_id, f"step/{step_id}")
    at.update_step(
        draft,
        step_id,
        status=StepStatus.RUNNING,
        gate=Gate.PERSON,
        reason=reason,
        detail=words,
        object_id=object_id,
        started_at=run.started_at or draft.at,
    )
    step = at.step(draft, step_id)
    draft.set_timer(
        Timer(
            id=f"{at.execution_id}/{step_id}/person",
            due=draft.at + _time_for(step),
            kind=TimerKind.STEP_TIMEOUT,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
            step=step_id,
        )
    )
    why = WHY.get(reason, reason)
    draft.record(
        at.incident_id, "StepHandedOver", reason, f"{step_id}: {words} ({why})", data={"step": step_id}
    )
    say_manual(draft, at.incident_id, at.execution_id, step_id, words, why)
    if reason != "suggested":
        page(draft, at.incident_id, "step_needs_person", f"step {step_id}: {why}")


def in_words(action: str, params: Values) -> str:
    """Give what is to be done as a line that a person can follow."""
    given = ", ".join(f"{name}={value!r}" for name, value in params.items())
    return cut(f"{action}({given})", TEXT_CHARS)


def report(draft: Draft, at: At, step_id: str, response: Response) -> None:
    """Take a person's word for what came of a step that was left to them."""
    run = at.step_run(draft, step_id)
    who = named(response.actor, draft.library)
    if run.gate is not Gate.PERSON:
        words = f"{step_id}: {who} reports on a step that nobody was asked to do"
        draft.record(at.incident_id, "ResponseIgnored", "no_effect_now", words, actor=response.actor)
        return
    step = at.step(draft, step_id)
    if step.action:
        at.update_step(draft, step_id, effect=at.action(draft, step_id).effect.value)
    elif step.manual is not None:
        at.update_step(draft, step_id, effect=Effect.CHANGE.value)
    words = cut(f"{who}: {response.text or response.reason}".rstrip(": "), TEXT_CHARS)
    draft.record(
        at.incident_id, "StepReported", response.status.value, f"{step_id}: {words}", actor=response.actor
    )
    match response.status:
        case AnswerStatus.SUCCEEDED:
            succeed(draft, at, step_id, response.output, "done_by_person", words)
        case AnswerStatus.ACCEPTED | AnswerStatus.RUNNING:
            pass  # somebody is at it
        case AnswerStatus.UNKNOWN if at.step_run(draft, step_id).effect == Effect.CHANGE:
            end_step(draft, at, step_id, StepStatus.UNKNOWN, "person_does_not_know", words)
        case _:
            end_step(draft, at, step_id, StepStatus.FAILED, "failed_by_person", words)


def give_up(draft: Draft, at: At, step_id: str) -> None:
    """End a step that nobody reported on in time."""
    end_step(draft, at, step_id, StepStatus.TIMED_OUT, "nobody_reported", "nobody reported on it in time")


def _time_for(step: Step) -> timedelta:
    return DEFAULT_MANUAL_TIMEOUT if step.manual is None else step.timeout
