"""Signing what is posted, so that an endpoint can tell our commands from anybody's: HMAC-SHA256 over time and body."""

from __future__ import annotations

import hashlib
import hmac

TIMESTAMP = "X-Oncall-Timestamp"
"""Seconds since 1970 when it was signed; each try is signed anew."""
SIGNATURE = "X-Oncall-Signature"
"""`sha256=` and the hex digest of HMAC-SHA256(secret, timestamp + "." + body)."""
TOLERANCE_S = 300
"""How far the time of a signature may be off; older ones may be a replay."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Give the value of the signature header."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def verify(secret: str, timestamp: str, body: bytes, signature: str, *, now: int) -> bool:
    """Say whether the signature is ours and fresh; what an endpoint does with the two headers and the raw body."""
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode())
