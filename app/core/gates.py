"""What must be so before a step's command goes out. The order is the page a reader looks for.

parameters → (suggest: a person does it) → reads, dry runs and shadow go at once
  → reach of one command → freeze → quiet after a deploy → approval → permit → the command
"""

from __future__ import annotations

from datetime import datetime

from app.core import approvals, permits
from app.core.attempts import end_step, render, send_attempt
from app.core.draft import Draft
from app.core.executions import ACTING, At
from app.core.guards import freeze_of, is_too_wide, quiet_until, targets_of
from app.core.handover import hand_over, in_words
from app.model.base import Values
from app.model.expressions import ExpressionError
from app.model.timers import Timer
from app.model.words import Gate, Mode, StepStatus, TimerKind


def go(draft: Draft, at: At, step_id: str) -> None:
    """Take an action step as far towards its next command as it may go now; a parameter that cannot be worked out fails it."""
    try:
        params, precondition = render(draft, at, step_id)
    except ExpressionError as error:
        end_step(draft, at, step_id, StepStatus.FAILED, "expression_error", str(error))
        return
    if at.execution(draft).mode is Mode.SUGGEST:
        hand_over(draft, at, step_id, "suggested", in_words(at.step(draft, step_id).action, params))
    elif not acts(draft, at, step_id) or _may_act(draft, at, step_id, params, precondition):
        send_attempt(draft, at, step_id, params, precondition)


def go_on(draft: Draft, at: At, step_id: str) -> None:
    """Take a step further that waited for something; in a paused execution it begins anew when that is resumed."""
    run = at.update_step(draft, step_id, gate=Gate.NONE)
    if at.execution(draft).is_paused:
        permits.give_back(draft, at, run)
        at.update_step(draft, step_id, status=StepStatus.PENDING, reason="")
    else:
        go(draft, at, step_id)


def acts(draft: Draft, at: At, step_id: str) -> bool:
    """Whether the next command would really change something."""
    if at.execution(draft).mode is Mode.SHADOW or at.step(draft, step_id).dry_run:
        return False
    return at.action(draft, step_id).effect in ACTING


def _may_act(draft: Draft, at: At, step_id: str, params: Values, precondition: Values) -> bool:
    """Whether the command may go out now; if not, the step waits for what it lacks, or is a person's."""
    action, guards = at.action(draft, step_id), draft.library.guards
    targets = targets_of(action, params)
    services = _concerned(draft, at)
    freeze = next(
        filter(None, (freeze_of(guards, each, team, draft.at) for each, team in services.items())), None
    )
    quiet = max(
        filter(None, (quiet_until(guards, action.id, each, draft.changes, draft.at) for each in services)),
        default=None,
    )
    approved = approvals.is_given(draft, at, step_id, params, precondition)
    words = in_words(action.id, params)
    if is_too_wide(guards, action.id, targets):
        hand_over(draft, at, step_id, "too_many_targets", f"{words}: {targets} targets")
    elif freeze is not None:
        hand_over(draft, at, step_id, "frozen", f"{words}; {freeze.reason}".rstrip("; "))
    elif quiet is not None and "." not in step_id:  # to take something back is no new change
        _wait_quiet(draft, at, step_id, quiet)
    elif approvals.is_needed(draft, at, step_id) and not approved:
        if hindrance := approvals.hindrance(draft, at):
            hand_over(draft, at, step_id, hindrance, words)
        else:
            approvals.ask(draft, at, step_id, params, precondition)
    elif at.step_run(draft, step_id).is_permitted:
        return True
    else:
        permits.ask(draft, at, step_id, targets, approved=approved)
    return False


def _concerned(draft: Draft, at: At) -> dict[str, str]:
    """Give the services that the step may act on, each with its team: the incident's, and the one whose alert began the run."""
    incident, trigger = at.incident(draft), at.execution(draft).trigger.service
    owner = draft.library.services.get(trigger)
    return {incident.service: incident.team, trigger: owner.team if owner else incident.team}


def _wait_quiet(draft: Draft, at: At, step_id: str, until: datetime) -> None:
    permits.give_back(draft, at, at.step_run(draft, step_id))
    at.update_step(draft, step_id, status=StepStatus.PENDING, gate=Gate.QUIET, reason="quiet_after_deploy")
    timer = Timer(
        id=f"{at.execution_id}/{step_id}/quiet",
        due=until,
        kind=TimerKind.STEP_RETRY,
        incident_id=at.incident_id,
        execution_id=at.execution_id,
        step=step_id,
    )
    draft.set_timer(timer)
    words = f"{step_id}: the service was deployed just now; waiting until {timer.due:%H:%M:%S}"
    draft.record(at.incident_id, "StepHeld", "quiet_after_deploy", words, data={"step": step_id})
