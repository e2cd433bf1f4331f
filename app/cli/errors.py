"""How a command ends badly: one line on stderr that names the mend, and an exit code; never a stack trace.

0 is well, 1 a negative finding (a lint error, an incompatible schema, a refused line), 2 usage, setting or something
outside that is not there.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FINDING = 1
USAGE = 2


class CommandError(Exception):
    """A command cannot go on. `code` is its exit code."""

    def __init__(self, message: str, *, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


def as_command_error(error: Exception) -> CommandError | None:
    """Give an expected failure of a lower floor as the command's; None for what nobody expected."""
    if isinstance(error, CommandError):
        return error
    for name in (
        "app.connectors.errors.OutsideError",
        "app.stream.topics.BrokerError",
        "app.web.guard.NotLoopbackError",
    ):
        if _is_a(error, name):
            return CommandError(str(error))
    if _is_a(error, "app.library.problems.LibraryError"):
        return CommandError(
            f"the library has mistakes (`oncall runbook lint` shows advice, too):\n{error}", code=FINDING
        )
    if isinstance(error, RecursionError):
        return CommandError("what was given nests too deep to be read; write it flatter", code=FINDING)
    return _of_the_system(error) if isinstance(error, OSError) else None


def _of_the_system(error: OSError) -> CommandError | None:
    if error.filename is not None:
        return CommandError(f"{error.filename}: {error.strerror}")
    if error.errno == errno.ENOSPC:
        return CommandError(f"cannot write: {error.strerror}")
    is_ours = error.errno is None and str(error)  # without a number, and in words
    return CommandError(str(error)) if is_ours else None


@contextmanager
def importing() -> Iterator[None]:
    """Say of what cannot be read that nothing came of it: it is no library yet that has these mistakes."""
    from app.library.problems import LibraryError

    try:
        yield
    except LibraryError as error:
        raise CommandError(f"nothing was imported:\n{error}", code=FINDING) from error


def tell(message: str) -> None:
    """Say something to the person at the terminal, on stderr."""
    print(f"oncall: {message}", file=sys.stderr, flush=True)


def _is_a(error: Exception, name: str) -> bool:
    # By name, so that telling a failure never imports a floor that did not run.
    return any(f"{kind.__module__}.{kind.__qualname__}" == name for kind in type(error).__mro__)
