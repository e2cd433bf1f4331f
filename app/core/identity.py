"""What inputs are known by, and the ids of outputs. Nothing here depends on batches, offsets of `signals`, or clocks."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from app.model.inputs import Alert, TimerFired
from app.model.signals import Source
from app.model.words import AlertStatus

NAMESPACE = uuid.UUID("6d0f1c1e-8f0a-5c58-9d5e-0f6c1b9e7a42")


def output_id(domain: str, cause: str, name: str) -> str:
    """Give the id of an output: a UUIDv5 (RFC 9562) of its domain, its cause's identity and its name."""
    return str(uuid.uuid5(NAMESPACE, f"{domain}\x1f{cause}\x1f{name}"))


def alert_identity(alert: Alert) -> str:
    """Give an alert's identity: its fingerprint, startsAt, status and endsAt."""
    starts = alert.starts_at.isoformat() if alert.starts_at else "-"
    ends = alert.ends_at.isoformat() if alert.ends_at else "-"
    return f"alert:{alert.fingerprint}:{starts}:{alert.status}:{ends}"


def firing_identity(fingerprint: str, starts_at: datetime) -> str:
    """Give the identity of an alert that fires, by its fingerprint and its beginning."""
    return f"alert:{fingerprint}:{starts_at.isoformat()}:{AlertStatus.FIRING}:-"


def input_identity(kind: str, id_: str, source: Source) -> str:
    """Give the identity of any other input: its own id, or where it was read."""
    return f"{kind}:{id_}" if id_ else f"{kind}@{source_identity(source)}"


def source_identity(source: Source) -> str:
    """Give the identity of a place in the input topics."""
    return f"{source.topic}/{source.partition}/{source.offset}/{source.index}"


def timer_identity(timer: TimerFired) -> str:
    """Give the identity of a timer that fired."""
    return f"timer:{timer.id}:{timer.due.isoformat()}"


def short_hash(identity: str) -> str:
    """Give the 64-bit hash by which a record remembers an identity, as 16 hex digits."""
    return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()


def known_fingerprint(given: str, labels: dict[str, str]) -> str:
    """Give the fingerprint that an alert is known by: its source's, whatever its case, or that of its labels where there is none."""
    return given.strip().lower() or fingerprint(labels)


def fingerprint(labels: dict[str, str]) -> str:
    """Give Prometheus's fingerprint of a label set: FNV-1a (64 bits) over sorted names and values, each closed by 0xFF."""
    hashed = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            hashed = (hashed ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{hashed:016x}"
