"""What somebody said in an incident's conversation becomes the wishes that buttons and tools send too; what becomes none is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.core.bounds import LINE_CHARS, cut
from app.core.chat import commands
from app.core.chat.calls import call_nobody
from app.core.chat.commands import Said, Unclear, Word
from app.core.chat.people import find_person, is_stranger, nobody_called, stranger
from app.core.chat.threads import flush, reply
from app.core.chat.who import who_is_paged
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.identity import output_id
from app.core.people import person_of
from app.model.commands import ChatBlock, ChatCommand
from app.model.incident import Incident
from app.model.inputs import Response
from app.model.outputs import IncidentEvent
from app.model.words import EscalationStatus, Gate, ResponseKind, Severity, Urgency, strictest

PLAIN = {
    Word.ACK: ResponseKind.ACKNOWLEDGE,
    Word.RESOLVE: ResponseKind.RESOLVE,
    Word.REOPEN: ResponseKind.REOPEN,
    Word.ESCALATE: ResponseKind.ESCALATE,
    Word.NOTE: ResponseKind.ANNOTATE,
}
"""Commands that are a wish with the rest as its words."""
NO_INCIDENT = "No incident that is open, or may be reopened, is talked about here."


@dataclass(frozen=True)
class Heard:
    """The wishes that somebody's words stand for, and what is answered."""

    wishes: tuple[Response, ...] = ()
    answer: str = ""
    """Empty: what the wish comes to is the answer."""


def hear(draft: Draft, incident: Incident, response: Response) -> Heard:
    """Understand what somebody said of an incident."""
    said = commands.parse(response.text)
    if isinstance(said, Unclear):
        return Heard(answer=said.answer)
    if said.word is Word.RESOLVE:
        flush(draft, incident.id)  # it is said in the end, but is no answer
    wish = response.model_copy(
        update={"incident_id": incident.id, "object_id": "", "text": said.rest, "conversation": ""}
    )
    if said.word in PLAIN:
        return _one(wish, PLAIN[said.word])
    return _DO[said.word](draft, incident, wish, said)


def answer(draft: Draft, incident_id: str, response: Response, heard: Heard, before: int) -> None:
    """Answer in the conversation; `before` is how many outputs there were before the wishes were taken.

    What a wish comes to is said by the incident itself, or else by the event that names who wished it.
    """
    fresh = [each for each in draft.outputs[before:] if getattr(each, "incident_id", "") == incident_id]
    events = [each for each in fresh if isinstance(each, IncidentEvent)]
    said = [each.text for each in fresh if isinstance(each, ChatCommand) and each.op == "reply"]
    refused = next((each for each in events if each.type.endswith(("Refused", "Ignored"))), None)
    words = heard.answer
    if not words and refused is not None:
        words = f"{refused.text}."
    elif not words and not said:
        by_them = [each for each in events if each.actor == response.actor] or events[-1:]
        words = _told(by_them[0]) if by_them else "That changes nothing."
    hint = stranger(response.actor) if is_stranger(response.actor, draft.library) else ""
    if heard.wishes and not any(hint in each for each in said):
        words = f"{words} {hint}".strip()
    if words and incident_id in draft.incidents:
        reply(draft, incident_id, "answer", words, reply_to=response.id)


def answer_nowhere(draft: Draft, response: Response) -> bool:
    """Answer what is said of no incident that is known here; False where the response does not say where that would be read."""
    if not response.conversation:
        return False
    said = commands.parse(response.text)
    is_help = isinstance(said, Said) and said.word is Word.HELP
    words = commands.HELP if is_help else said.answer if isinstance(said, Unclear) else NO_INCIDENT
    words = call_nobody(words)
    draft.outputs.append(
        ChatCommand(
            id=draft.new_id("answer"),
            object_id=output_id(draft.domain, draft.cause, "conversation"),
            revision=1,
            domain=draft.domain,
            incident_id=response.incident_id,
            severity=Severity.INFO,
            urgency=Urgency.LOW,
            title="Answer",
            text=words,
            mode=strictest(draft.library.rules.mode, draft.mode),
            issued_at=draft.at,
            op="reply",
            conversation=cut(response.conversation, LINE_CHARS),
            blocks=[ChatBlock(kind="text", text=words)],
            reply_to=response.id,
        )
    )
    return True


def _told(event: IncidentEvent) -> str:
    """Give an event in words, such as `Note added: alice: the cache is warm`."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", event.type).capitalize()
    return f"{name}: {event.text}." if event.text else f"{name}."


def _one(wish: Response, kind: ResponseKind, **fields: object) -> Heard:
    return Heard((wish.model_copy(update={"response": kind, **fields}),))


def _help(_draft: Draft, _incident: Incident, _wish: Response, _said: Said) -> Heard:
    return Heard(answer=commands.HELP)


def _who(draft: Draft, incident: Incident, _wish: Response, _said: Said) -> Heard:
    return Heard(answer=who_is_paged(draft, incident))


def _snooze(_draft: Draft, _incident: Incident, wish: Response, said: Said) -> Heard:
    return _one(wish, ResponseKind.SNOOZE, seconds=int(said.lasts.total_seconds()))


def _acknowledge_mine(draft: Draft, _incident: Incident, wish: Response, _said: Said) -> Heard:
    person = person_of(wish.actor, draft.library)
    if not person:
        return Heard(answer=f"Nothing can be yours. {stranger(wish.actor)}")
    mine = [
        each
        for each in draft.incidents.values()
        if each.status in OPEN
        and any(
            page.person_id == person and page.status is EscalationStatus.NOTIFIED for page in each.escalations
        )
    ]
    if not mine:
        return Heard(answer=f"No open incident of {draft.domain} pages you now.")
    wishes = [
        wish.model_copy(update={"response": ResponseKind.ACKNOWLEDGE, "incident_id": each.id, "text": ""})
        for each in mine
    ]
    titles = "; ".join(each.title for each in mine)
    return Heard(
        tuple(wishes), f"Acknowledged what pages you in {draft.domain}, {len(mine)} in all: {titles}."
    )


def _assign(draft: Draft, _incident: Incident, wish: Response, _said: Said) -> Heard:
    person = find_person(wish.text, wish.actor, draft.library)
    if person:
        return _one(wish, ResponseKind.ASSIGN, text="", target=person)
    if wish.text.casefold() == "me":
        return Heard(answer=stranger(wish.actor))
    return Heard(answer=nobody_called(wish.text, draft.library))


def _run(draft: Draft, _incident: Incident, wish: Response, _said: Said) -> Heard:
    if wish.text in draft.library.runbooks:
        return _one(wish, ResponseKind.RUN, runbook_id=wish.text, text="", output={})
    hint = commands.nearest(wish.text, sorted(draft.library.runbooks))
    return Heard(answer=f"There is no runbook `{wish.text}`. {hint}".strip())


def _approve(_draft: Draft, incident: Incident, wish: Response, said: Said) -> Heard:
    kind = ResponseKind.APPROVE if said.word is Word.APPROVE else ResponseKind.REJECT
    asking = [
        run
        for each in incident.executions
        for run in each.steps
        if run.gate is Gate.APPROVAL and run.approval_id
    ]
    if not asking:
        return Heard(answer="No step of this incident asks for leave now.")
    step, why = [*said.rest.split(maxsplit=1), "", ""][:2]
    meant = [run for run in asking if run.step == step] if step else asking
    if len(meant) == 1:
        return _one(wish, kind, object_id=meant[0].approval_id, step=meant[0].step, text=why.strip())
    names = ", ".join(f"`{said.word} {run.step}`" for run in asking)
    wrong = f"No step `{step}` asks for leave" if step else "Several steps ask for leave"
    return Heard(answer=f"{wrong}. Say which: {names}.")


_DO: dict[Word, Callable[[Draft, Incident, Response, Said], Heard]] = {
    Word.HELP: _help,
    Word.WHO: _who,
    Word.ACK_MINE: _acknowledge_mine,
    Word.ASSIGN: _assign,
    Word.RUN: _run,
    Word.SNOOZE: _snooze,
    Word.APPROVE: _approve,
    Word.REJECT: _approve,
}
"""Commands that need more than their name."""
