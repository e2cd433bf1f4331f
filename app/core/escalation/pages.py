"""One page to one target: it is made, made again, and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.bounds import ESCALATIONS
from app.core.draft import Draft
from app.core.escalation import ways
from app.core.escalation.bundles import bundle_of
from app.core.escalation.targets import Aim
from app.core.page_facts import tell_ended, tell_paged
from app.model.commands import EscalationCommand
from app.model.escalation import Escalation, LaterContact
from app.model.incident import Incident
from app.model.inputs import Actor
from app.model.words import Delivery, EscalationStatus, Mode

NOTIFY_VALID = timedelta(hours=1)
"""How long a page is worth sending."""
RUNG = (EscalationStatus.NOTIFIED, EscalationStatus.ACKNOWLEDGED)


@dataclass(frozen=True)
class Call:
    """What the pages of one level have in common."""

    policy: str
    """Empty where somebody is asked by name and no policy covers the incident."""
    level: int
    round: int
    ack_by: datetime
    reason: str
    why: str
    """The reason in words."""
    next_words: str = ""
    """Who comes next."""
    service: str = ""
    """The second service whose owner it is for."""


def notify(draft: Draft, incident_id: str, aim: Aim, call: Call) -> Escalation:
    """Page one target, a person by the first of their ways. Pages to the same one that still ring for the same service give way to it."""
    for before in draft.incidents[incident_id].escalations:
        rings = before.status is EscalationStatus.NOTIFIED and before.service == call.service
        if rings and key_of(before) == aim.key:
            stop(draft, incident_id, before, "paged_again")
    incident = draft.incidents[incident_id]
    by = ways.ways_of(aim.person, incident.urgency)
    name = f"{call.service}/{call.policy}/{call.level}/{call.round}/{aim.target}/{aim.key}"
    page = Escalation(
        id=draft.new_id(f"{incident_id}/page/{name}{_of(by[0].channel, by[0].ref)}"),
        policy=call.policy,
        level=call.level,
        round=call.round,
        target=aim.target,
        person_id=aim.person.id if aim.person else "",
        contact_ref=by[0].ref,
        channel=by[0].channel,
        reason=call.reason,
        service=call.service,
        notified_at=draft.at,
        ack_by=call.ack_by,
        later=[] if incident.mode is Mode.SHADOW else ways.later_of(by, draft.at),
    )
    page = tell_paged(draft, incident_id, page)
    hold_page(draft, incident_id, page)
    _command(draft, incident_id, page, "notify", call.why, call.next_words)
    ways.expect(draft, incident_id, page)
    return page


def again_by(
    draft: Draft, incident_id: str, page: Escalation, way: LaterContact, rest: list[LaterContact], why: str
) -> Escalation:
    """Page the same person by another way as well."""
    name = f"{page.id}/by{_of(way.channel, way.contact_ref)}"
    further = page.model_copy(
        update={
            "id": draft.new_id(f"{incident_id}/page/{name}"),
            "channel": way.channel,
            "contact_ref": way.contact_ref,
            "status": EscalationStatus.NOTIFIED,
            "delivery": Delivery.NONE,
            "later": rest,
            "notified_at": draft.at,
            "undelivered_at": None,
            "stopped_at": None,
            "revision": 1,
        }
    )
    further = tell_paged(draft, incident_id, further)
    hold_page(draft, incident_id, further)
    _command(draft, incident_id, further, "notify", why)
    ways.expect(draft, incident_id, further)
    return further


def renew(draft: Draft, incident_id: str, page: Escalation, call: Call) -> None:
    """Let a page that rings ring on with a new reason, as a newer revision."""
    renewed = page.model_copy(
        update={
            "reason": call.reason,
            "notified_at": draft.at,
            "ack_by": call.ack_by,
            "revision": page.revision + 1,
            "delivery": Delivery.NONE,
            "undelivered_at": None,
            "later": ways.renewed(draft, incident_id, page),
        }
    )
    renewed = tell_paged(draft, incident_id, renewed)
    replace(draft, incident_id, renewed)
    _command(draft, incident_id, renewed, "notify", call.why, call.next_words)
    ways.expect(draft, incident_id, renewed)


def stop(
    draft: Draft, incident_id: str, page: Escalation, reason: str, acknowledged_by: Actor | None = None
) -> None:
    """Stop a page that rings, because somebody acknowledged or it is needed no more."""
    stopped = page.model_copy(
        update={
            "status": EscalationStatus.ACKNOWLEDGED if acknowledged_by else EscalationStatus.STOPPED,
            "acknowledged_at": draft.at if acknowledged_by else None,
            "acknowledged_by": acknowledged_by,
            "revision": page.revision + 1,
        }
    )
    stopped = tell_ended(draft, incident_id, stopped, reason)
    replace(draft, incident_id, stopped)
    _command(draft, incident_id, stopped, "stop", reason)


def count_no_more(draft: Draft, incident_id: str, service: str | None = None) -> None:
    """Let acknowledgements count no more: the pages (of a service, if one is given) are over, so that new ones may be made."""
    for page in draft.incidents[incident_id].escalations:
        is_meant = service is None or page.service == service
        if page.status is EscalationStatus.ACKNOWLEDGED and is_meant:
            replace(draft, incident_id, page.model_copy(update={"status": EscalationStatus.STOPPED}))


def hold_page(draft: Draft, incident_id: str, page: Escalation) -> None:
    """Hold one more page; of too many the oldest that are over go."""
    incident = draft.incidents[incident_id]
    over = [each for each in incident.escalations if each.status is EscalationStatus.STOPPED]
    too_many = max(0, len(incident.escalations) + 1 - ESCALATIONS)
    gone = {each.id for each in over[:too_many]}
    draft.update(
        incident_id,
        escalations=[*(each for each in incident.escalations if each.id not in gone), page],
        revisions={id_: count for id_, count in incident.revisions.items() if id_ not in gone},
    )


def replace(draft: Draft, incident_id: str, page: Escalation) -> None:
    """Put a page in place of the one with its id; one that rings no more waits for nothing."""
    if page.status is not EscalationStatus.NOTIFIED:
        page = page.model_copy(update={"later": []})
        ways.expect_nothing(draft, incident_id, page.id)
    kept = [page if each.id == page.id else each for each in draft.incidents[incident_id].escalations]
    draft.update(incident_id, escalations=kept)


def key_of(page: Escalation) -> str:
    """Give what a page is known by, as `Aim.key`."""
    return f"user:{page.person_id}" if page.person_id else page.target


def rung(incident: Incident, service: str | None = None) -> list[Escalation]:
    """Give the pages that ring or were acknowledged, of all or of one service (empty: the incident's own)."""
    return [
        each
        for each in incident.escalations
        if each.status in RUNG and (service is None or each.service == service)
    ]


def _of(channel: str, ref: str) -> str:
    """Tell ways apart in ids; a person who has but one is known by themselves."""
    return f"/{channel}/{ref}" if channel else ""


def _command(
    draft: Draft, incident_id: str, page: Escalation, op: str, text: str, next_words: str = ""
) -> None:
    is_notify = op == "notify"
    header = draft.header(incident_id, page.id, f"escalation/{page.id}/{op}")
    bundle, also = bundle_of(draft, incident_id, page) if is_notify else ("", [])
    fields = {
        **header,
        "op": op,
        "text": text,
        "not_after": draft.at + NOTIFY_VALID if is_notify else None,
        "policy": page.policy,
        "level": page.level,
        "round": page.round,
        "target": page.target,
        "person_id": page.person_id,
        "contact_ref": page.contact_ref,
        "channel": page.channel,
        "reason": page.reason if is_notify else text,
        "ack_by": page.ack_by if is_notify else None,
        "receipt_by": ways.receipt_by(draft, incident_id) if is_notify else None,
        "next": next_words,
        "bundle": bundle,
        "also": also,
    }
    command = EscalationCommand.model_validate(fields)
    replace(draft, incident_id, page.model_copy(update={"command_id": command.id}))
    draft.outputs.append(command)
