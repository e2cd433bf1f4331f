"""The domain `control`: who may act now, how pages did, and whether automation is paused. Decided like everything else.

Silences, which it keeps as well, are app.core.quiet.silencing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from app.core.bounds import FAILURES, LINE_CHARS, PERMITS, TEXT_CHARS, cut
from app.core.draft import Draft
from app.core.quiet import silencing
from app.model.catalog import Guards, Limit
from app.model.control import Control, PageRecord, Permit, Run, Spent
from app.model.inputs import Response
from app.model.notices import CONTROL, Notice
from app.model.standings import Standing
from app.model.timers import Timer
from app.model.words import ExecutionStatus, Mode, NoticeKind, ResponseKind, TimerKind

TIMER = "permit/"
"""Timers that end permits; the permit's id follows."""
HOUR = timedelta(hours=1)
KEPT = HOUR + timedelta(minutes=1)
"""How long what was spent in a minute counts: until all of that minute is an hour ago."""
LONGEST = timedelta(days=2 * 366)
"""A permit lasts no longer, whatever was asked for: twice what a step may take."""
FORGOTTEN = timedelta(days=1)
"""After so long without a permit an execution holds no slot, should its end never have been told."""

Verdict = tuple[Literal["grant", "queue", "deny", "approval"], str]


def on_notice(draft: Draft, notice: Notice) -> None:
    """Take what an incident's domain asks or tells."""
    match notice.kind:
        case NoticeKind.SILENCE_USED | NoticeKind.SILENCES_ASKED:
            silencing.on_notice(draft, notice)
            return
        case NoticeKind.PERMIT_ASKED:
            _grant_queued(draft)  # who waits comes first, should a newer library have made room
            _asked(draft, notice)
        case NoticeKind.PERMIT_RETURNED:
            _drop(draft, notice.permit_id)
        case NoticeKind.RUN_ENDED:
            _ended(draft, notice)
        case NoticeKind.RUN_JUDGED:
            page = _page(draft, notice.runbook_id)
            good = page.good + 1 if notice.right else 0
            _set_page(draft, notice.runbook_id, "judged_right" if notice.right else "judged_wrong", good=good)
        case _:
            return
    _grant_queued(draft)


def on_response(draft: Draft, response: Response) -> bool:
    """Pause or resume automation, or trust a page again; False where the response asks for something else."""
    who, text = cut(response.actor.id, LINE_CHARS) or "somebody", cut(response.text, TEXT_CHARS)
    if response.response is ResponseKind.PAUSE:
        _pause(draft, who, text)
    elif response.response is ResponseKind.RESUME and response.runbook_id:
        if response.runbook_id not in _control(draft).pages:
            return False
        _set_page(draft, response.runbook_id, "trusted_again", failures=[])
    elif response.response is ResponseKind.RESUME:
        _resume(draft, who, text)
    else:
        return False
    return True


def on_timer(draft: Draft, timer: Timer) -> None:
    """End a permit that was never given back."""
    _drop(draft, timer.id.removeprefix(TIMER))
    _grant_queued(draft)


def judge(control: Control, permit: Permit, guards: Guards, at: datetime) -> Verdict:
    """Decide a request."""
    page = control.pages.get(permit.runbook_id, PageRecord())
    blast = guards.blast.get(permit.action)
    if control.paused_at is not None:
        return "deny", "automation_paused"
    if is_open(page, guards, at):
        return "deny", "breaker_open"
    if permit.must_earn and page.good < guards.runs_to_auto:
        return "approval", "not_earned"
    if blast and blast.per_hour and spent(control, permit.action, at) + permit.targets > blast.per_hour:
        return "deny", "blast_radius"
    if not _fits(control, permit, guards, at):
        return "queue", "too_many_at_once"
    return "grant", "free"


def is_open(page: PageRecord, guards: Guards, at: datetime) -> bool:
    """Whether so many runs of the page failed within the window that it goes to people."""
    return 0 < guards.breaker_failures <= recent(page, guards, at)


def recent(page: PageRecord, guards: Guards, at: datetime) -> int:
    """Count the page's failures within the breaker's window."""
    return sum(at - failure < guards.breaker_window for failure in page.failures)


def open_until(page: PageRecord, guards: Guards, at: datetime) -> datetime | None:
    """Give until when the page goes to people, unless more of its runs fail; None if it does not."""
    if not is_open(page, guards, at):
        return None
    return page.failures[-guards.breaker_failures] + guards.breaker_window


def spent(control: Control, action: str, at: datetime) -> int:
    """Count the targets that an action was permitted to touch within the last hour; a minute counts until all of it is an hour ago."""
    return sum(each.targets for each in control.spent.get(action, ()) if at - each.minute < KEPT)


def _fits(control: Control, permit: Permit, guards: Guards, at: datetime) -> bool:
    granted = [each for each in control.permits.values() if each.granted_at is not None]
    same = [each for each in granted if each.action == permit.action]
    limit = guards.commands.get(permit.action) or guards.commands.get("*")
    if limit and not _below(limit, permit, same):
        return False
    runs = [
        run for id_, run in control.runs.items() if id_ != permit.execution_id and at - run.since < FORGOTTEN
    ]
    return permit.execution_id in control.runs or _below(guards.executions, permit, runs)


def _below(limit: Limit, permit: Permit, holders: list[Permit] | list[Run]) -> bool:
    counts = (
        (limit.service, sum(each.service == permit.service for each in holders)),
        (limit.team, sum(each.team == permit.team for each in holders)),
        (limit.overall, len(holders)),
    )
    return all(not most or count < most for most, count in counts)


def _asked(draft: Draft, notice: Notice) -> None:
    permit = Permit(
        id=notice.permit_id,
        domain=notice.sender,
        incident_id=notice.incident_id,
        execution_id=notice.execution_id,
        step=notice.step,
        runbook_id=notice.runbook_id,
        action=notice.action,
        service=notice.service,
        team=notice.team,
        targets=notice.targets,
        must_earn=notice.mode is Mode.AUTO and not notice.approved,
        asked_at=draft.at,
        expires_at=min(notice.expires_at or draft.at + HOUR, draft.at + LONGEST),
    )
    verdict, reason = judge(_control(draft), permit, draft.library.guards, draft.at)
    if verdict == "queue" and len(_control(draft).permits) >= PERMITS:
        verdict, reason = "deny", "queue_full"
    match verdict:
        case "grant":
            _grant(draft, permit)
        case "queue":
            _update(draft, permits={**_control(draft).permits, permit.id: permit})
        case _:
            _answer(draft, permit, _NO[verdict], reason)


def _grant_queued(draft: Draft) -> None:
    """Grant what waits and fits now, first come first served; answer what may not be any more."""
    # Kinds of request for which there was no room: nor is there for the next like them.
    full: set[tuple[object, ...]] = set()
    for permit in [each for each in _control(draft).permits.values() if each.granted_at is None]:
        acts = permit.execution_id in _control(draft).runs
        kind = (permit.runbook_id, permit.action, permit.service, permit.team, permit.targets, acts)
        if kind in full:
            continue
        verdict, reason = judge(_control(draft), permit, draft.library.guards, draft.at)
        if verdict == "queue":
            full.add(kind)
        elif verdict == "grant":
            _grant(draft, permit)
        else:
            _drop(draft, permit.id)
            _answer(draft, permit, _NO[verdict], reason)


_NO = {"deny": NoticeKind.PERMIT_DENIED, "approval": NoticeKind.APPROVAL_NEEDED}


def _grant(draft: Draft, permit: Permit) -> None:
    control = _control(draft)
    lasts = permit.expires_at - permit.asked_at
    granted = permit.model_copy(update={"granted_at": draft.at, "expires_at": draft.at + lasts})
    run = Run(runbook_id=permit.runbook_id, service=permit.service, team=permit.team, since=draft.at)
    _update(
        draft,
        permits={**control.permits, permit.id: granted},
        runs={
            id_: each
            for id_, each in {**control.runs, permit.execution_id: run}.items()
            if draft.at - each.since < FORGOTTEN
        },
        spent=_spend(control, permit, draft.at),
    )
    draft.set_timer(
        Timer(id=f"{TIMER}{permit.id}", due=granted.expires_at, kind=TimerKind.STEP_TIMEOUT, incident_id="")
    )
    _answer(draft, granted, NoticeKind.PERMIT_GRANTED, "free")


def _spend(control: Control, permit: Permit, at: datetime) -> dict[str, list[Spent]]:
    minute = at.replace(second=0, microsecond=0)
    kept = [each for each in control.spent.get(permit.action, ()) if at - each.minute < KEPT]
    now = sum(each.targets for each in kept if each.minute == minute) + permit.targets
    kept = [each for each in kept if each.minute != minute]
    return {**control.spent, permit.action: [*kept, Spent(minute=minute, targets=now)]}


def _drop(draft: Draft, permit_id: str) -> None:
    permits = {id_: each for id_, each in _control(draft).permits.items() if id_ != permit_id}
    _update(draft, permits=permits)
    draft.timers.pop(f"permit/{permit_id}", None)


def _ended(draft: Draft, notice: Notice) -> None:
    control = _control(draft)
    left = {id_: run for id_, run in control.runs.items() if id_ != notice.execution_id}
    _update(draft, runs=left)
    page = _page(draft, notice.runbook_id)
    if notice.verification_failed:
        failures = [*page.failures, draft.at][-FAILURES:]
        _set_page(
            draft,
            notice.runbook_id,
            "verification_failed",
            good=0,
            failures=failures,
            failed_verification_at=draft.at,
        )
    elif notice.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT):
        _set_page(
            draft,
            notice.runbook_id,
            notice.reason or "run_failed",
            failures=[*page.failures, draft.at][-FAILURES:],
        )
    elif notice.status is ExecutionStatus.SUCCEEDED and notice.acted and notice.approved:
        _set_page(draft, notice.runbook_id, "approved_run_succeeded", good=page.good + 1)


def _pause(draft: Draft, who: str, text: str) -> None:
    control = _control(draft)
    _update(
        draft,
        version=control.version + 1,
        paused_at=control.paused_at or draft.at,
        paused_by=who,
        pause_reason=text,
    )
    _tell_automation(draft, "paused", who, text)
    _grant_queued(draft)  # which denies what waits


def _resume(draft: Draft, who: str, text: str) -> None:
    _update(draft, version=_control(draft).version + 1, paused_at=None, paused_by="", pause_reason="")
    _tell_automation(draft, "resumed", who, text)


def _tell_automation(draft: Draft, reason: str, who: str, text: str) -> None:
    control = _control(draft)
    draft.outputs.append(
        Standing(
            id="automation",
            version=control.version,
            at=draft.at,
            reason=reason,
            is_paused=control.paused_at is not None,
            paused_at=control.paused_at,
            by=who,
            text=text,
        )
    )


def _set_page(draft: Draft, runbook_id: str, reason: str, **fields: object) -> None:
    before = _page(draft, runbook_id)
    page = before.model_copy(update={**fields, "version": before.version + 1})
    _update(draft, pages={**_control(draft).pages, runbook_id: page})
    guards = draft.library.guards
    draft.outputs.append(
        Standing(
            id=f"page:{runbook_id}",
            version=page.version,
            at=draft.at,
            reason=reason,
            runbook_id=runbook_id,
            good_runs=page.good,
            runs_needed=guards.runs_to_auto,
            recent_failures=recent(page, guards, draft.at),
            breaker_open=is_open(page, guards, draft.at),
            breaker_open_until=open_until(page, guards, draft.at),
            failed_verification_at=page.failed_verification_at,
        )
    )


def _page(draft: Draft, runbook_id: str) -> PageRecord:
    return _control(draft).pages.get(runbook_id, PageRecord())


def _answer(draft: Draft, permit: Permit, kind: NoticeKind, reason: str) -> None:
    draft.outputs.append(
        Notice(
            id=draft.new_id(f"{permit.id}/{kind}"),
            kind=kind,
            domain=permit.domain,
            sender=CONTROL,
            permit_id=permit.id,
            incident_id=permit.incident_id,
            execution_id=permit.execution_id,
            step=permit.step,
            runbook_id=permit.runbook_id,
            action=permit.action,
            expires_at=permit.expires_at,
            reason=reason,
        )
    )


def _control(draft: Draft) -> Control:
    return draft.control or Control()


def _update(draft: Draft, **fields: object) -> None:
    draft.control = _control(draft).model_copy(update=fields)
