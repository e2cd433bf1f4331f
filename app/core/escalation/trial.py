"""Test pages: a person is paged in every way they have, marked as a test, and it is kept what became of each. In the domain `control`."""

from __future__ import annotations

from datetime import timedelta

from app.core.bounds import LINE_CHARS, TRIALS, cut
from app.core.draft import Draft
from app.core.escalation.delivery import HEARD
from app.core.escalation.ways import ways_of
from app.core.escalation.wishes import target_of
from app.core.people import person_of
from app.model.catalog import Person
from app.model.commands import EscalationCommand
from app.model.control import Control, Trial
from app.model.inputs import Response
from app.model.standings import Standing, TriedWay
from app.model.words import Mode, ResponseKind, Severity, Urgency

STANDING = "test_page:"
"""The standing that says what became of the newest test page; the person's id follows."""
VALID = timedelta(minutes=10)
"""How long a test page is worth sending."""


def concerns(draft: Draft, response: Response) -> bool:
    """Whether a response asks for a test page, or is about one: of its connector, or of the person who acknowledges it."""
    if response.response is ResponseKind.PAGE_TEST:
        return True
    is_answer = response.response in (None, ResponseKind.ACKNOWLEDGE)
    return is_answer and _tried_by(draft, response.object_id) is not None


def on_response(draft: Draft, response: Response) -> str:
    """Take a response that concerns test pages; give why nothing comes of it, in words, else an empty text."""
    found = _tried_by(draft, response.object_id)
    if response.response is ResponseKind.PAGE_TEST or found is None:
        return _page(draft, response)
    if response.response is ResponseKind.ACKNOWLEDGE:
        _acknowledge(draft, found, response)
    else:
        _take_receipt(draft, found, response)
    return ""


def _page(draft: Draft, response: Response) -> str:
    target = target_of((response.target or response.text).strip(), draft.library)
    person = draft.library.people.get(target.removeprefix("user:"))
    if not target.startswith("user:") or person is None:
        return f"there is no person {response.target!r}: a test page goes to one person of the library"
    if draft.mode is Mode.SHADOW:
        return "the workers are limited to shadow, where nobody is rung"
    who = cut(response.actor.id, LINE_CHARS) or "somebody"
    _stop(draft, person.id)
    ways = [
        TriedWay(
            object_id=draft.new_id(f"test/{person.id}/{number}"), channel=way.channel, contact_ref=way.ref
        )
        for number, way in enumerate(ways_of(person, Urgency.HIGH))
    ]
    for way in ways:
        _command(draft, person, way, "notify", 1, f"This is a test, asked for by {who}. Nothing is wrong.")
    _keep(draft, Trial(person_id=person.id, at=draft.at, by=who, ways=ways), "test_page_sent")
    return ""


def _tried_by(draft: Draft, object_id: str) -> Trial | None:
    return next(
        (each for each in _trials(draft).values() if object_id in {way.object_id for way in each.ways}),
        None,
    )


def _acknowledge(draft: Draft, trial: Trial, response: Response) -> None:
    who = person_of(response.actor, draft.library) or cut(response.actor.id, LINE_CHARS) or "somebody"
    if not trial.acknowledged_by:
        _keep(draft, trial.model_copy(update={"acknowledged_by": who}), "test_page_acknowledged")
        _stop(draft, trial.person_id)


def _take_receipt(draft: Draft, trial: Trial, response: Response) -> None:
    said = {"delivery": HEARD[response.status], "reason": cut(response.reason, LINE_CHARS)}
    ways = [
        each.model_copy(update=said) if each.object_id == response.object_id else each for each in trial.ways
    ]
    if ways != trial.ways and not trial.is_over:
        _keep(draft, trial.model_copy(update={"ways": ways}), "test_page_answered")


def _stop(draft: Draft, person_id: str) -> None:
    """Stop a test page that rings."""
    found, person = _trials(draft).get(person_id), draft.library.people.get(person_id)
    if found is None or found.is_over or person is None:
        return
    for way in found.ways:
        _command(draft, person, way, "stop", 2, "acknowledged" if found.acknowledged_by else "paged_again")
    trials = {**_trials(draft), person_id: found.model_copy(update={"is_over": True})}
    draft.control = _control(draft).model_copy(update={"trials": trials})


def _command(draft: Draft, person: Person, way: TriedWay, op: str, revision: int, text: str) -> None:
    fields = {
        "id": draft.new_id(f"test/{way.object_id}/{op}"),
        "object_id": way.object_id,
        "revision": revision,
        "domain": draft.domain,
        "incident_id": "",
        "severity": Severity.INFO,
        "urgency": Urgency.HIGH,
        "title": "Test page",
        "text": text,
        "mode": Mode.AUTO,
        "issued_at": draft.at,
        "not_after": draft.at + VALID if op == "notify" else None,
        "op": op,
        "policy": "",
        "level": 0,
        "target": f"user:{person.id}",
        "person_id": person.id,
        "contact_ref": way.contact_ref,
        "channel": way.channel,
        "reason": "test_page",
        "is_test": True,
    }
    draft.outputs.append(EscalationCommand.model_validate(fields))


def _keep(draft: Draft, trial: Trial, reason: str) -> None:
    """Remember a trial as the newest of its person, and make known how it stands."""
    before = _trials(draft)
    known = before.get(trial.person_id)
    kept = trial.model_copy(update={"version": (known.version if known else 0) + 1})
    others = {id_: each for id_, each in before.items() if id_ != trial.person_id}
    newest = dict(list({**others, trial.person_id: kept}.items())[-TRIALS:])
    draft.control = _control(draft).model_copy(update={"trials": newest})
    draft.outputs.append(
        Standing(
            id=f"{STANDING}{kept.person_id}",
            version=kept.version,
            at=draft.at,
            reason=reason,
            by=kept.acknowledged_by or kept.by,
            tried=kept.ways,
        )
    )


def _trials(draft: Draft) -> dict[str, Trial]:
    return _control(draft).trials


def _control(draft: Draft) -> Control:
    return draft.control or Control()
