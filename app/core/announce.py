"""What keeps people in step: chat messages, tickets and the post-incident document. This is the one entrance to all three."""

from __future__ import annotations

from app.core import digests
from app.core.chat.people import is_stranger, stranger
from app.core.chat.threads import flush, post_card, reply, tell, update_card
from app.core.draft import Draft
from app.core.reviews.writing import write_document
from app.core.tickets import incident_ticket
from app.core.tickets.follow_ups import open_tasks
from app.core.tickets.incident_ticket import comment, move, open_ticket
from app.model.commands import ChatButton
from app.model.incident import Incident
from app.model.inputs import Actor
from app.model.timers import Timer
from app.model.words import ResponseKind

_TAKE_IT = "Somebody must take this: say `ack`, or `assign @PERSON`."


def say_opened(draft: Draft, incident_id: str) -> None:
    """Post the incident's card, and open a ticket if it is severe enough."""
    post_card(draft, incident_id, "opened")
    open_ticket(draft, incident_id)


def say_acknowledged(draft: Draft, incident_id: str, who: str, actor: Actor | None = None) -> None:
    """Say in thread and ticket who is on it; in the thread also if the catalog does not know them."""
    words = f"Acknowledged by {who}."
    hint = f" {stranger(actor)}" if actor and is_stranger(actor, draft.library) else ""
    reply(draft, incident_id, "acknowledged", words + hint)
    update_card(draft, incident_id, "acknowledged/card")
    comment(draft, incident_id, "acknowledged", words)


def say_taken_back(draft: Draft, incident_id: str) -> None:
    """Show on the card that it waits for somebody again."""
    update_card(draft, incident_id, "taken_back/card")


def say_escalated(draft: Draft, incident_id: str, targets: str, why: str) -> None:
    """Say in the thread who was paged and why."""
    tell(draft, incident_id, "escalated", f"Paged {targets}: {why}.")


def say_exhausted(draft: Draft, incident_id: str, policy: str, why: str) -> None:
    """Say in the thread that all of a policy were paged in vain."""
    words = f"{why[0].upper()}{why[1:]}, and policy {policy} has nobody left to page. {_TAKE_IT}"
    tell(draft, incident_id, "exhausted", words)


def say_impossible(draft: Draft, incident_id: str, why: str) -> None:
    """Say in the thread that there was a reason to page, and nobody could be paged at all."""
    tell(draft, incident_id, "impossible", f"Nobody could be paged: {why}. {_TAKE_IT}")


def say_asked(draft: Draft, incident_id: str, name: str, words: str) -> None:
    """Say in the thread what a person did about its pages."""
    tell(draft, incident_id, name, words)


def say_undelivered(draft: Draft, incident_id: str, target: str, why: str, then: str) -> None:
    """Say in the thread that somebody was not reached, and by which way (if any) they are paged instead."""
    further = f" Now by {then}." if then else ""
    tell(
        draft,
        incident_id,
        "undelivered",
        f"The page to {target} was not delivered: {why.rstrip('.')}.{further}",
    )


def say_raised(draft: Draft, incident_id: str, words: str) -> None:
    """Say in thread and ticket that the incident became worse."""
    _change(draft, incident_id, "raised", f"Severity raised: {words}.")


def say_moved(draft: Draft, incident_id: str, service: str, why: str) -> None:
    """Say in thread and ticket which service seems to be the cause now."""
    _change(draft, incident_id, "moved", f"The cause is probably {service}: {why}.")


def say_mitigated(draft: Draft, incident_id: str, steps: str) -> None:
    """Show on the card and say in the ticket what was done."""
    update_card(draft, incident_id, "mitigated/card")
    comment(draft, incident_id, "mitigated", f"Mitigation done: {steps}. Verifying.")


def say_noted(draft: Draft, incident_id: str, words: str) -> None:
    """Take a person's note over into the ticket."""
    comment(draft, incident_id, "noted", words)


def say_approval(
    draft: Draft, incident_id: str, execution_id: str, step: str, words: str, approval_id: str
) -> None:
    """Ask in the thread whether a step may act. The buttons bear what the answer must bear."""
    bears = {"object_id": approval_id, "execution_id": execution_id, "step": step}
    buttons = [
        ChatButton(id=f"approve:{step}", label="Approve", response=ResponseKind.APPROVE, **bears),
        ChatButton(id=f"reject:{step}", label="Reject", response=ResponseKind.REJECT, **bears),
    ]
    reply(draft, incident_id, f"approval/{execution_id}/{step}", f"Approve step {step}? {words}", buttons)


def say_manual(draft: Draft, incident_id: str, execution_id: str, step: str, words: str, why: str) -> None:
    """Ask in the thread that somebody does a step and reports."""
    bears = {"execution_id": execution_id, "step": step}
    buttons = [
        ChatButton(id=f"report:{step}", label="Done", response=ResponseKind.REPORT, **bears),
        ChatButton(id=f"skip:{step}", label="Skip", response=ResponseKind.SKIP, **bears),
    ]
    text = f"Please do step {step}: {words} ({why}). Then report."
    reply(draft, incident_id, f"manual/{execution_id}/{step}", text, buttons)


def say_resolved(draft: Draft, incident_id: str, words: str) -> None:
    """Update the card, move the ticket, and write the review as a draft."""
    flush(draft, incident_id)
    update_card(draft, incident_id, "resolved")
    move(draft, incident_id, "resolved", words)
    write_document(draft, incident_id)


def say_reopened(draft: Draft, incident_id: str) -> None:
    """Update the card and move the ticket back."""
    update_card(draft, incident_id, "reopened")
    move(draft, incident_id, "reopened", "The incident came back.")


def say_closed(draft: Draft, incident_id: str) -> None:
    """Update the card, close the ticket, and open one for each task that is left."""
    flush(draft, incident_id)
    update_card(draft, incident_id, "closed")
    move(draft, incident_id, "closed", "The incident is closed.")
    open_tasks(draft, incident_id)


def say_merged(draft: Draft, incident_id: str, into: Incident) -> None:
    """Say in card and ticket where the incident goes on."""
    words = f"Merged into {into.title} ({into.id})."
    flush(draft, incident_id)
    update_card(draft, incident_id, "merged", words)
    move(draft, incident_id, "resolved", words)


def say_taken_in(draft: Draft, incident_id: str, merged: Incident) -> None:
    """Say in thread and ticket what was merged into the incident."""
    words = f"{merged.title} ({merged.id}) was merged into this incident."
    tell(draft, incident_id, f"merged/{merged.id}", words)
    comment(draft, incident_id, f"merged/{merged.id}", words)


def on_digest(draft: Draft, timer: Timer) -> None:
    """Say together what was kept while much happened; the card is brought up to date with it."""
    stream, incident_id = digests.of_timer(timer)
    if incident_id not in draft.incidents:
        return
    if stream == "ticket":
        incident_ticket.flush(draft, incident_id)
    elif flush(draft, incident_id):
        update_card(draft, incident_id, "digest/card")


def _change(draft: Draft, incident_id: str, name: str, words: str) -> None:
    """Tell a change that also the card shows."""
    if tell(draft, incident_id, name, words):
        update_card(draft, incident_id, f"{name}/card")
    comment(draft, incident_id, name, words)
