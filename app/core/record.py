"""The domain's record: empty, as bytes and back, and what it needs before it can be decided upon."""

from __future__ import annotations

from app.model.incident import DomainRecord
from app.model.signals import SignalBatch
from app.model.timers import Timer
from app.model.words import ExecutionStatus


def empty(domain: str) -> DomainRecord:
    """Give the record of a domain that nothing has happened in."""
    return DomainRecord(domain=domain)


def dump(record: DomainRecord) -> bytes:
    """Give the record as JSON; equal records give equal bytes in any process."""
    return record.model_dump_json(exclude_defaults=True).encode()


def load(data: bytes) -> DomainRecord:
    """Read a record, also one that an older or the next release wrote.

    Raises:
        pydantic.ValidationError: it is no record.

    """
    return DomainRecord.model_validate_json(data)


def next_due(record: DomainRecord) -> Timer | None:
    """Give the timer that is due first."""
    return min(record.timers.values(), key=lambda timer: (timer.due, timer.id), default=None)


def libraries_needed(record: DomainRecord, batch: SignalBatch) -> list[str]:
    """Name the libraries a decision may read: the batch's, then those that running executions are pinned to."""
    pinned = [
        execution.library
        for incident in record.incidents.values()
        for execution in incident.executions
        if execution.status is ExecutionStatus.RUNNING
    ]
    return list(dict.fromkeys([batch.library, *pinned]))
