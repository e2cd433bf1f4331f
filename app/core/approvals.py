"""Approvals: asked for, given by people whom something trusted vouches for, refused, and not given in time.

An approval is bound to the execution, the step, the attempt and the parameters as they were shown: its object id is made of them, so
that an answer to another question fits nothing.
"""

from __future__ import annotations

import hashlib
import json

from app.core.announce import say_approval
from app.core.attempts import end_step
from app.core.bounds import TEXT_CHARS, cut
from app.core.draft import Draft
from app.core.executions import At
from app.core.handover import in_words
from app.core.identity import output_id
from app.core.paging import page
from app.core.people import is_vouched_for, members_of, named, person_of
from app.core.permits import give_back
from app.model.base import Values
from app.model.execution import StepRun
from app.model.inputs import Response
from app.model.runbook import Approval
from app.model.timers import Timer
from app.model.words import Gate, Mode, Otherwise, StepStatus, TimerKind

ENGINE = "engine"
"""Who asks for the executions that an alert starts."""


def is_needed(draft: Draft, at: At, step_id: str) -> bool:
    """Whether people must agree to the step: the page, its mode or `control` says so. Looks and compensations ask nobody."""
    if "." in step_id:
        return False
    run, execution = at.step_run(draft, step_id), at.execution(draft)
    return at.step(draft, step_id).approval is not None or execution.mode is Mode.APPROVE or run.must_ask


def hindrance(draft: Draft, at: At) -> str:
    """Give why no agreement could count, by name; empty: one can."""
    requester, library = at.execution(draft).requested_by, draft.library
    if not library.rules.trusted:
        return "no_trusted_source"
    return "" if requester == ENGINE or requester in library.people else "unknown_requester"


def is_given(draft: Draft, at: At, step_id: str, params: Values, precondition: Values) -> bool:
    """Whether enough people agreed to just this."""
    run = at.step_run(draft, step_id)
    same = run.approval_id == _object_id(draft, at, run, params, precondition, run.attempt + 1)
    return same and len(run.approved_by) >= _approval(at, draft, step_id).count


def ask(draft: Draft, at: At, step_id: str, params: Values, precondition: Values) -> None:
    """Ask people to agree; what they agreed to before in other words is void."""
    run, approval = at.step_run(draft, step_id), _approval(at, draft, step_id)
    give_back(draft, at, run)
    if run.approved_by:
        used = run.approval_id == _object_id(draft, at, run, params, precondition, run.attempt)
        reason = "next_attempt" if used else "parameters_changed"
        words = f"{step_id}: what was approved is not what would be done now"
        draft.record(at.incident_id, "ApprovalVoided", reason, words, data={"step": step_id})
    object_id = _object_id(draft, at, run, params, precondition, run.attempt + 1)
    due = draft.at + approval.timeout
    at.update_step(
        draft,
        step_id,
        status=StepStatus.WAITING_APPROVAL,
        gate=Gate.APPROVAL,
        reason="waiting_for_approval",
        approval_id=object_id,
        approval_due=due,
        approved_by=[],
    )
    _set_timer(draft, at, step_id, 1)
    words = in_words(at.step(draft, step_id).action, params)
    sources = ", ".join(_sources(draft, at, approval)) or "nobody"
    draft.record(
        at.incident_id,
        "ApprovalAsked",
        "must_approve" if run.must_ask else "needs_approval",
        f"{step_id}: {words}; of {sources}",
        data={"step": step_id, "approval_id": object_id},
    )
    say_approval(draft, at.incident_id, at.execution_id, step_id, words, object_id)


def find(draft: Draft, object_id: str) -> tuple[At, StepRun] | None:
    """Find the step whose approval has this object id, asked for now or before."""
    for incident in draft.incidents.values():
        for execution in incident.executions:
            for run in execution.steps:
                if object_id and run.approval_id == object_id:
                    return At(incident.id, execution.id), run
    return None


def take(draft: Draft, at: At, run: StepRun, response: Response, *, agrees: bool) -> bool:
    """Take a person's yes or no; True once enough people have agreed."""
    person = person_of(response.actor, draft.library)
    refusal = _refusal(draft, at, run, response, person, agrees=agrees)
    who = named(response.actor, draft.library)
    said = f": {cut(response.text, TEXT_CHARS)}" if response.text else ""
    if refusal:
        words = f"{run.step}: {who}: {_REFUSALS[refusal]}{said}"
        draft.record(
            at.incident_id, "ApprovalRefused", refusal, words, actor=response.actor, data={"step": run.step}
        )
        return False
    if not agrees:
        draft.record(
            at.incident_id, "StepRejected", "by_person", f"{run.step}: {who}{said}", actor=response.actor
        )
        end_step(draft, at, run.step, StepStatus.FAILED, "rejected", f"{who} said no{said}")
        return False
    approved = [*run.approved_by, person]
    at.update_step(draft, run.step, approved_by=approved)
    count = _approval(at, draft, run.step).count
    words = f"{run.step}: {who} ({len(approved)} of {count}){said}"
    draft.record(
        at.incident_id, "StepApproved", "by_person", words, actor=response.actor, data={"step": run.step}
    )
    if len(approved) < count:
        return False
    draft.drop_timers(
        TimerKind.STEP_TIMEOUT,
        incident_id=at.incident_id,
        execution_id=at.execution_id,
        step=run.step,
    )
    return True


def time_out(draft: Draft, at: At, step_id: str, times: int) -> None:
    """Act on an approval that nobody gave in time."""
    otherwise = _approval(at, draft, step_id).otherwise
    if otherwise is Otherwise.SKIP:
        end_step(draft, at, step_id, StepStatus.SKIPPED, "approval_timeout", "nobody approved it in time")
    elif otherwise is Otherwise.ESCALATE and times == 1:
        page(draft, at.incident_id, "approval_timeout", f"step {step_id}")
        at.update_step(draft, step_id, approval_due=draft.at + _approval(at, draft, step_id).timeout)
        _set_timer(draft, at, step_id, 2)
    else:
        end_step(draft, at, step_id, StepStatus.FAILED, "approval_timeout", "nobody approved it in time")


_REFUSALS = {
    "not_waiting": "the step does not wait for an approval any more",
    "not_vouched_for": "nothing that is trusted vouches for them",
    "unknown_person": "the catalog knows nobody with this identity",
    "requester": "who asked for it cannot approve it",
    "no_right": "they are not among those who may approve it",
    "approved_already": "they have approved it already",
}


def _refusal(draft: Draft, at: At, run: StepRun, response: Response, person: str, *, agrees: bool) -> str:
    allowed = members_of(_sources(draft, at, _approval(at, draft, run.step)), draft.library)
    cases = (
        ("not_waiting", run.gate is not Gate.APPROVAL),
        ("not_vouched_for", not is_vouched_for(response.actor, draft.library)),
        ("unknown_person", not person),
        ("requester", agrees and person == at.execution(draft).requested_by),
        ("no_right", person not in allowed),
        ("approved_already", agrees and person in run.approved_by),
    )
    return next((reason for reason, holds in cases if holds), "")


def _approval(at: At, draft: Draft, step_id: str) -> Approval:
    return at.step(draft, step_id).approval or Approval()


def _sources(draft: Draft, at: At, approval: Approval) -> tuple[str, ...]:
    return approval.sources or (at.page(draft).owner or at.incident(draft).team,)


def _object_id(draft: Draft, at: At, run: StepRun, params: Values, precondition: Values, attempt: int) -> str:
    text = json.dumps([at.step(draft, run.step).action, params, precondition], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return output_id(
        draft.run_home(at.incident_id, at.execution_id),
        at.execution_id,
        f"approval/{run.step}/{attempt}/{digest}",
    )


def _set_timer(draft: Draft, at: At, step_id: str, times: int) -> None:
    draft.set_timer(
        Timer(
            id=f"{at.execution_id}/{step_id}/approval",
            due=draft.at + _approval(at, draft, step_id).timeout,
            kind=TimerKind.STEP_TIMEOUT,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
            step=step_id,
            attempt=times,
        )
    )
