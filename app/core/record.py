"""The domain's record: empty, as bytes and back, and what it needs before it can be decided upon."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from app.model.incident import DomainRecord, Incident
from app.model.inputs import ResponseSignal
from app.model.signals import SignalBatch
from app.model.timers import Timer


class RecordError(ValueError):
    """Bytes that are no record which this release can go on from; the message says where, and what to do."""


def empty(domain: str) -> DomainRecord:
    """Give the record of a domain that nothing has happened in."""
    return DomainRecord(domain=domain)


def dump(record: DomainRecord) -> bytes:
    """Give the record as JSON; equal records give equal bytes in any process."""
    return record.model_dump_json(exclude_defaults=True).encode()


def load(data: bytes) -> DomainRecord:
    """Read a record, also one that an older or the next release wrote.

    Raises:
        RecordError: it is no record, or holds words that only a newer release knows.

    """
    try:
        return DomainRecord.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(place) for place in first["loc"])
        raise RecordError(
            f"a record of the table cannot be read{' at ' if where else ''}{where} ({first['msg']}): it begins"
            f" {data[:80]!r}; if a newer release wrote it, run that release"
        ) from error


def next_due(record: DomainRecord) -> Timer | None:
    """Give the timer that is due first."""
    return min(record.timers.values(), key=lambda timer: (timer.due, timer.id), default=None)


def libraries_needed(record: DomainRecord, batch: SignalBatch) -> list[str]:
    """Name the libraries a decision may read: the batch's, then those that executions and escalation policies are pinned to.

    Also those of executions that are over: a person may let one that failed go on, a late answer may settle one of its steps, and
    the review shows its page.
    """
    held = (*record.incidents.values(), *record.shelf.values())
    pinned = pinned_by(held)
    return list(dict.fromkeys([batch.library, *pinned, *_handed_over(batch)]))


def pinned_by(incidents: Iterable[Incident]) -> list[str]:
    """Name the libraries that executions and escalation policies of incidents are pinned to, each once."""
    found: dict[str, None] = {}
    for incident in incidents:
        found |= dict.fromkeys(run.library for run in incident.executions)
        found |= dict.fromkeys([incident.policy_library] if incident.policy_library else [])
        found |= dict.fromkeys(ladder.library for ladder in incident.ladders)
    return list(found)


def _handed_over(batch: SignalBatch) -> list[str]:
    """Name the libraries that incidents are pinned to which are handed over to the domain."""
    notices = (each.body.notice for each in batch.signals if isinstance(each.body, ResponseSignal))
    return [library for notice in notices if notice is not None for library in notice.libraries]
