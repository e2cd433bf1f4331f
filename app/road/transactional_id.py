"""Who writes for a partition of `signals`."""

from __future__ import annotations


def transactional_id(app_id: str, partition: int) -> str:
    """Give the transactional id of a partition: whoever owns it next fences whoever owned it before."""
    return f"{app_id}-{partition}"
