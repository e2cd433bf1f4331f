"""What keeps people in step: chat messages, tickets and the post-incident document."""

from __future__ import annotations

from typing import Any

from app.core.draft import Draft
from app.core.reviews.writing import write_document
from app.model.catalog import Service, Team
from app.model.commands import ChatBlock, ChatButton, ChatCommand, TicketCommand
from app.model.incident import Incident
from app.model.words import ResponseKind, Severity

DEFAULT_CHAT = "#incidents"
BUTTONS = [
    ChatButton(id="acknowledge", label="Acknowledge", response=ResponseKind.ACKNOWLEDGE),
    ChatButton(id="resolve", label="Resolve", response=ResponseKind.RESOLVE),
]


def say_opened(draft: Draft, incident_id: str) -> None:
    """Post the incident's card, and open a ticket if it is critical."""
    _chat(draft, incident_id, "post", "opened", _card(draft.incidents[incident_id]), BUTTONS)
    open_ticket(draft, incident_id)


def say_acknowledged(draft: Draft, incident_id: str, who: str) -> None:
    """Say in thread and ticket who is on it."""
    _reply(draft, incident_id, "acknowledged", f"Acknowledged by {who}.")
    _comment(draft, incident_id, "acknowledged", f"Acknowledged by {who}.")


def say_escalated(draft: Draft, incident_id: str, targets: str, why: str) -> None:
    """Say in the thread who was paged and why."""
    _reply(draft, incident_id, "escalated", f"Paged {targets}: {why}.")


def say_undelivered(draft: Draft, incident_id: str, target: str) -> None:
    """Say in the thread that somebody was not reached."""
    _reply(draft, incident_id, "undelivered", f"The page to {target} was not delivered.")


def say_raised(draft: Draft, incident_id: str, words: str) -> None:
    """Say in the thread that the incident became worse."""
    _reply(draft, incident_id, "raised", f"Severity raised: {words}.")


def say_moved(draft: Draft, incident_id: str, service: str, why: str) -> None:
    """Say in thread and ticket which service seems to be the cause now."""
    _reply(draft, incident_id, "moved", f"The cause is probably {service}: {why}.")
    _comment(draft, incident_id, "moved", f"The cause is probably {service}: {why}.")


def say_mitigated(draft: Draft, incident_id: str, steps: str) -> None:
    """Say in the ticket what was done."""
    _comment(draft, incident_id, "mitigated", f"Mitigation done: {steps}. Verifying.")


def say_approval(
    draft: Draft, incident_id: str, execution_id: str, step: str, words: str, approval_id: str
) -> None:
    """Ask in the thread whether a step may act. The buttons bear what the answer must bear."""
    bears = {"object_id": approval_id, "execution_id": execution_id, "step": step}
    buttons = [
        ChatButton(id=f"approve:{step}", label="Approve", response=ResponseKind.APPROVE, **bears),
        ChatButton(id=f"reject:{step}", label="Reject", response=ResponseKind.REJECT, **bears),
    ]
    _reply(draft, incident_id, f"approval/{execution_id}/{step}", f"Approve step {step}? {words}", buttons)


def say_manual(draft: Draft, incident_id: str, execution_id: str, step: str, words: str, why: str) -> None:
    """Ask in the thread that somebody does a step and reports."""
    bears = {"execution_id": execution_id, "step": step}
    buttons = [
        ChatButton(id=f"report:{step}", label="Done", response=ResponseKind.REPORT, **bears),
        ChatButton(id=f"skip:{step}", label="Skip", response=ResponseKind.SKIP, **bears),
    ]
    text = f"Please do step {step}: {words} ({why}). Then report."
    _reply(draft, incident_id, f"manual/{execution_id}/{step}", text, buttons)


def say_resolved(draft: Draft, incident_id: str, words: str) -> None:
    """Update the card, move the ticket, and write the review as a draft."""
    _chat(draft, incident_id, "update", "resolved", _card(draft.incidents[incident_id]), [])
    _move_ticket(draft, incident_id, "resolved", words)
    write_document(draft, incident_id)


def say_reopened(draft: Draft, incident_id: str) -> None:
    """Update the card and move the ticket back."""
    _chat(draft, incident_id, "update", "reopened", _card(draft.incidents[incident_id]), BUTTONS)
    _move_ticket(draft, incident_id, "reopened", "The incident came back.")


def say_merged(draft: Draft, incident_id: str, into: Incident) -> None:
    """Say in card and ticket where the incident goes on."""
    words = f"Merged into {into.title} ({into.id})."
    blocks = [*_card(draft.incidents[incident_id]), ChatBlock(kind="text", text=words)]
    _chat(draft, incident_id, "update", "merged", blocks, [])
    _move_ticket(draft, incident_id, "resolved", words)


def say_taken_in(draft: Draft, incident_id: str, merged: Incident) -> None:
    """Say in thread and ticket what was merged into the incident."""
    words = f"{merged.title} ({merged.id}) was merged into this incident."
    _reply(draft, incident_id, f"merged/{merged.id}", words)
    _comment(draft, incident_id, f"merged/{merged.id}", words)


def open_ticket(draft: Draft, incident_id: str) -> None:
    """Open the ticket of a critical incident, once."""
    incident = draft.incidents[incident_id]
    if incident.severity is not Severity.CRITICAL or incident.ticket_id:
        return
    incident = draft.update(incident_id, ticket_id=draft.object_id(incident_id, "ticket"))
    fields = {
        "severity": incident.severity.value,
        "service": incident.service,
        "environment": incident.environment,
    }
    _ticket(draft, incident_id, "open", "open", _facts(incident), fields)


def _card(incident: Incident) -> list[ChatBlock]:
    return [
        ChatBlock(kind="header", text=f"[{incident.status}] {incident.title}"),
        ChatBlock(kind="facts", text=_facts(incident)),
    ]


def _facts(incident: Incident) -> str:
    runbook = incident.runbook_id or f"none ({incident.runbook_reason})"
    lines = [
        f"severity: {incident.severity}",
        f"service: {incident.service or 'unknown'}",
        f"environment: {incident.environment}",
        f"team: {incident.team or 'unknown'}",
        f"runbook: {runbook}",
        f"alerts: {incident.alert_count}, firing {incident.firing}",
    ]
    summary = next(
        (view.annotations["summary"] for view in incident.alerts if "summary" in view.annotations), ""
    )
    return "\n".join([summary, *lines] if summary else lines)


def _chat(
    draft: Draft, incident_id: str, op: str, name: str, blocks: list[ChatBlock], buttons: list[ChatButton]
) -> None:
    incident = draft.incidents[incident_id]
    header = draft.header(incident_id, draft.object_id(incident_id, "conversation"), f"chat/{name}")
    fields: dict[str, Any] = {
        **header,
        "op": op,
        "text": "\n".join(block.text for block in blocks),
        "conversation": _channel(draft, incident),
        "blocks": blocks,
        "buttons": buttons,
    }
    draft.outputs.append(ChatCommand.model_validate(fields))


def _reply(
    draft: Draft, incident_id: str, name: str, words: str, buttons: list[ChatButton] | None = None
) -> None:
    _chat(draft, incident_id, "reply", name, [ChatBlock(kind="text", text=words)], buttons or [])


def _channel(draft: Draft, incident: Incident) -> str:
    service, team = _home(draft, incident)
    return (service.chat if service else "") or (team.chat if team else "") or DEFAULT_CHAT


def _home(draft: Draft, incident: Incident) -> tuple[Service | None, Team | None]:
    """Give the service and the team that the incident was opened for: its conversation and its ticket stay with them."""
    service = draft.library.services.get(incident.home if incident.root_moves else incident.service)
    name = (service.team if service else "") or draft.library.rules.team
    return service, draft.library.teams.get(name if incident.root_moves else incident.team)


def _comment(draft: Draft, incident_id: str, name: str, words: str) -> None:
    if draft.incidents[incident_id].ticket_id:
        _ticket(draft, incident_id, "comment", name, words, {})


def _move_ticket(draft: Draft, incident_id: str, status: str, words: str) -> None:
    if draft.incidents[incident_id].ticket_id:
        _ticket(draft, incident_id, "transition", status, words, {"status": status})


def _ticket(draft: Draft, incident_id: str, op: str, name: str, text: str, fields: dict[str, str]) -> None:
    incident = draft.incidents[incident_id]
    service, team = _home(draft, incident)
    project = (service.tickets if service else "") or (team.tickets if team else "")
    header = draft.header(incident_id, incident.ticket_id, f"ticket/{name}")
    command = {**header, "op": op, "text": text, "project": project, "fields": fields}
    draft.outputs.append(TicketCommand.model_validate(command))
