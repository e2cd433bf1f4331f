"""Asking the service for something, in the name of a person."""

from __future__ import annotations

import getpass
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.model.inputs import Actor, Response
    from app.model.words import ResponseKind


def actor_of(who: str | None) -> Actor:
    """Give who asks: the user of this machine where nobody says it; CommandError where the machine does not know."""
    from app.model.inputs import Actor

    return Actor(provider="cli", id=who or _user_of_this_machine())


def for_control(kind: ResponseKind, who: str | None, text: str, **about: Any) -> Response:
    """Give a response to the domain `control`, a request of its own each time; `about` is what it concerns."""
    from app.model.inputs import Response
    from app.model.notices import CONTROL

    return Response(
        id=f"cli-{uuid.uuid4()}",
        domain=CONTROL,
        response=kind,
        text=text,
        actor=actor_of(who),
        occurred_at=datetime.now(UTC),
        **about,
    )


def _user_of_this_machine() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise CommandError("say who you are: --as NAME") from error
