"""What people and connectors answer: wishes of persons, receipts of connectors, step results."""

from __future__ import annotations

from app.core import approvals
from app.core.announce import say_noted
from app.core.attempts import take_result
from app.core.bounds import LINE_CHARS, TEXT_CHARS, cut
from app.core.chat import hearing
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.escalation import delivery, wishes
from app.core.executions import At
from app.core.gates import go_on
from app.core.identity import output_id
from app.core.lifecycle import acknowledge, reopen, resolve
from app.core.merging import goes_on, merge
from app.core.people import is_vouched_for, named
from app.core.permits import tell_judgement
from app.core.refusals import WHY_NOT
from app.core.reviews.writing import finalize, note_final
from app.core.splitting import split
from app.core.steering import steer
from app.core.tickets.answers import is_of_the_past, take_state
from app.core.tickets.follow_ups import on_response as on_task
from app.model.incident import Incident
from app.model.inputs import Answer, Response, StepResult
from app.model.outputs import DeadLetter
from app.model.words import AnswerStatus, IncidentStatus, Mode, ResponseKind


def on_step_result(draft: Draft, result: StepResult) -> None:
    """Take an executor's answer; one that answers no command known here becomes a dead letter."""
    for incident in list(draft.incidents.values()):
        for execution in incident.executions:
            for run in execution.steps:
                by_command = result.command_id and run.command_id == result.command_id
                by_object = result.object_id and run.object_id == result.object_id
                if by_command or by_object:
                    take_result(draft, At(incident.id, execution.id), run.step, result)
                    return
    _refuse(
        draft,
        result,
        "unknown_command",
        "command_id",
        "no step known in this domain has that command or object id",
    )


def on_response(draft: Draft, response: Response) -> None:
    """Take a person's wish or a connector's receipt."""
    if response.response is None:
        _receipt(draft, response)
        return
    if response.response in (ResponseKind.APPROVE, ResponseKind.REJECT):
        _approve(draft, response)
        return
    if on_task(draft, response):
        return
    found = draft.incidents.get(response.incident_id) or _by_object(draft, response)
    incident = goes_on(draft.incidents, found.id) if found is not None else None
    if response.response is ResponseKind.SAY and _said(draft, incident, response):
        return
    if incident is None:
        detail = "no incident of this domain that is open or may be reopened has that id"
        _refuse(draft, response, "unknown_incident", "incident_id", detail)
        return
    if incident.status in OPEN:
        incident = draft.update(incident.id, stirred_at=draft.at)
    _wish(draft, incident, response, response.response)


def _said(draft: Draft, incident: Incident | None, response: Response) -> bool:
    """Do what somebody said in chat, and answer there; False where there is nothing that it is about, and no place to say so."""
    if incident is None:
        return hearing.answer_nowhere(draft, response)
    heard, before = hearing.hear(draft, incident, response), len(draft.outputs)
    for wish in heard.wishes:
        on_response(draft, wish)
    hearing.answer(draft, incident.id, response, heard, before)
    return True


def _approve(draft: Draft, response: Response) -> None:
    found = approvals.find(draft, response.object_id)
    if found is None:
        detail = "no approval that is open in this domain has that object id; parameters or attempt may have changed since"
        _refuse(draft, response, "unknown_approval", "object_id", detail)
        if (incident := goes_on(draft.incidents, response.incident_id)) is not None:
            _note_refused(draft, incident, response, "unknown_approval")
        return
    at, run = found
    draft.update(at.incident_id, stirred_at=draft.at)
    if approvals.take(draft, at, run, response, agrees=response.response is ResponseKind.APPROVE):
        go_on(draft, at, run.step)


def _do(draft: Draft, incident: Incident, response: Response, kind: ResponseKind) -> None:
    """Do what may be refused, and say by name why where it is."""
    of_pages = dict.fromkeys(wishes.WISHES, wishes.take)
    doing = {
        ResponseKind.MERGE: merge,
        ResponseKind.SPLIT: split,
        ResponseKind.FINALIZE: finalize,
        **of_pages,
    }
    why_not = doing.get(kind, steer)(draft, incident, response)
    if why_not:
        _note_refused(draft, incident, response, why_not)


def _note_refused(draft: Draft, incident: Incident, response: Response, why_not: str) -> None:
    words = f"{response.response} by {named(response.actor, draft.library)} changes nothing: {WHY_NOT.get(why_not, why_not)}"
    draft.record(incident.id, "ResponseRefused", why_not, words, actor=response.actor)


def _judge_shadow_runs(draft: Draft, incident: Incident, *, right: bool) -> None:
    """Tell what somebody says of runs in shadow. Anybody may say `wrong`; `right` earns a page trust, so it must be vouched for."""
    for execution in incident.executions:
        if execution.mode is Mode.SHADOW and not execution.parent_id:
            tell_judgement(draft, At(incident.id, execution.id), right=right)


def _wish(draft: Draft, incident: Incident, response: Response, kind: ResponseKind) -> None:
    is_open = incident.status in OPEN
    who = named(response.actor, draft.library)
    match kind:
        case ResponseKind.ACKNOWLEDGE if is_open:
            acknowledge(draft, incident.id, response.actor, response.object_id)
        case ResponseKind.RESOLVE if is_open:
            resolve(
                draft, incident.id, "by_person", f"{who}: {_words(response)}".rstrip(": "), response.actor
            )
        case ResponseKind.REOPEN if incident.status is IncidentStatus.RESOLVED:
            reopen(draft, incident.id, "by_person", response.actor)
        case ResponseKind.ANNOTATE:
            draft.record(
                incident.id, "NoteAdded", "by_person", f"{who}: {_words(response)}", actor=response.actor
            )
            say_noted(draft, incident.id, f"{who}: {_words(response)}")
        case ResponseKind.FEEDBACK if response.text in ("right", "wrong"):
            said_before = incident.feedback == response.text
            draft.update(incident.id, feedback=response.text)
            words = f"{who} says the runbook was {response.text}"
            draft.record(incident.id, "FeedbackGiven", "by_person", words, actor=response.actor)
            right = response.text == "right"
            if not said_before and (not right or is_vouched_for(response.actor, draft.library)):
                _judge_shadow_runs(draft, incident, right=right)
        case kind if kind is ResponseKind.FINALIZE or (kind in _WHILE_OPEN and is_open):
            _do(draft, incident, response, kind)
        case _:
            reason = "not_in_this_state" if kind in _STATEFUL else "not_supported"
            words = f"{kind} by {who} changes nothing: the incident is {incident.status}"
            draft.record(incident.id, "ResponseRefused", reason, words, actor=response.actor)


STEERING = (
    ResponseKind.PAUSE,
    ResponseKind.RESUME,
    ResponseKind.CANCEL,
    ResponseKind.RETRY,
    ResponseKind.SKIP,
    ResponseKind.RUN,
    ResponseKind.TAKE_OVER,
    ResponseKind.REPORT,
)
REGROUPING = (ResponseKind.MERGE, ResponseKind.SPLIT)
_WHILE_OPEN = (*STEERING, *REGROUPING, *wishes.WISHES)
_STATEFUL = (ResponseKind.ACKNOWLEDGE, ResponseKind.RESOLVE, ResponseKind.REOPEN, *_WHILE_OPEN)


def _receipt(draft: Draft, response: Response) -> None:
    if on_task(draft, response):
        return
    incident = _by_object(draft, response)
    if incident is None and is_of_the_past(draft.domain, response):
        return
    if incident is None:
        _refuse(draft, response, "unknown_command", "object_id", "no object known in this domain has that id")
        return
    kind, key = _kind_of(draft, incident, response.object_id), cut(response.external_key, LINE_CHARS)
    if key and incident.refs.get(kind) != key:
        url = cut(response.external_url, TEXT_CHARS)
        draft.update(incident.id, refs={**incident.refs, kind: key}, urls={**incident.urls, kind: url})
        words = f"{kind} is {key} {url}".rstrip()
        draft.record(incident.id, "ReferenceReceived", response.status.value, words, actor=response.actor)
    if kind == "document" and response.output.get("final") is True:
        note_final(draft, draft.incidents[incident.id], response.actor)
    if response.status in (AnswerStatus.FAILED, AnswerStatus.REFUSED, AnswerStatus.EXPIRED):
        words = f"{kind}: {cut(response.reason, TEXT_CHARS) or response.status}"
        draft.record(incident.id, "CommandFailed", response.status.value, words, actor=response.actor)
    delivery.take_receipt(draft, incident.id, response)
    take_state(draft, draft.incidents[incident.id], response)


def _by_object(draft: Draft, response: Response) -> Incident | None:
    return next((each for each in draft.incidents.values() if response.object_id in each.revisions), None)


def _kind_of(draft: Draft, incident: Incident, object_id: str) -> str:
    for kind, name in (("ticket", "ticket"), ("chat", "conversation"), ("document", "document")):
        if draft.object_id(incident.id, name) == object_id:
            return kind
    return "escalation" if any(each.id == object_id for each in incident.escalations) else "step"


def _words(response: Response) -> str:
    return cut(response.text, TEXT_CHARS)


def refuse_in_control(draft: Draft, response: Response, field: str = "response", why_not: str = "") -> None:
    """Refuse a response to the domain `control` that is none of those it takes, or that asks for what cannot be."""
    detail = why_not or (
        "the domain `control` takes pause and resume only, resume of pages of which runs have counted, silence and unsilence, page_test, and what is said of test pages"
    )
    _refuse(draft, response, "not_supported", field, detail)


def refuse_in_library(draft: Draft, response: Response) -> None:
    """Refuse a response to the domain `library` that is no answer to a document command of its pages."""
    detail = "the domain `library` takes answers to its document commands only"
    _refuse(draft, response, "unknown_command", "object_id", detail)


def _refuse(draft: Draft, answer: Answer, reason: str, field: str, detail: str) -> None:
    """Put an answer that nothing here waits for into the dead letters, whole."""
    value = answer.model_dump_json().encode()
    draft.outputs.append(
        DeadLetter(
            id=output_id(draft.domain, draft.cause, "dead-letter"),
            topic=draft.source.topic,
            partition=draft.source.partition,
            offset=draft.source.offset,
            index=draft.source.index,
            reason=reason,
            field=field,
            detail=detail,
            key=draft.domain.encode(),
            value=value,
            value_size=len(value),
            timestamp=draft.at,
        )
    )
