"""Named points at which a worker can be made to die, so that tests can show what a crash there leaves behind."""

from __future__ import annotations

import os
from collections.abc import Callable

AFTER_APPEND = "after_append"
"""Intake: the signals are on the log, the input's offset is not committed."""
AFTER_BEGIN = "after_begin"
AFTER_OUTPUTS = "after_outputs"
"""The outputs are acked within the open transaction."""
AFTER_RECORDS = "after_records"
AFTER_OFFSET = "after_offset"
AFTER_COMMIT = "after_commit"
"""The transaction is committed, the local store not yet written."""
AFTER_STORE = "after_store"

FAILPOINTS = (
    AFTER_APPEND,
    AFTER_BEGIN,
    AFTER_OUTPUTS,
    AFTER_RECORDS,
    AFTER_OFFSET,
    AFTER_COMMIT,
    AFTER_STORE,
)
EXIT_CODE = 86

Hit = Callable[[str], None]
"""Called with the point's name when it is reached."""


class FailpointError(ValueError):
    """A failpoint that there is not; the message names those that there are."""


def never(_: str) -> None:
    """Pass every point: how a worker runs unless told otherwise."""


def parse(spec: str, end: Callable[[int], object] = os._exit) -> Hit:
    """Read `name` or `name:n`: end the process (with code 86) when that point is reached for the n-th time.

    An empty spec switches none on.

    Raises:
        FailpointError: there is no such point, or n is no positive number.

    """
    if not spec:
        return never
    name, _, count = spec.partition(":")
    if name not in FAILPOINTS or not (count or "1").isdigit() or int(count or "1") < 1:
        raise FailpointError(
            f"{spec!r} is no failpoint; write NAME or NAME:N with one of {', '.join(FAILPOINTS)}"
        )
    left = int(count or "1")

    def hit(reached: str) -> None:
        nonlocal left
        if reached == name:
            left -= 1
            if left == 0:
                end(EXIT_CODE)

    return hit
