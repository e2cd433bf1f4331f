"""A digest instead of a flood: of much that is to be said within a short time a few things are said at once, the others together.

While the flood goes on there is one message a window.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from app.core.bounds import DIGEST, LINE_CHARS, cut
from app.core.draft import Draft
from app.model.keeping import Digest
from app.model.timers import Timer
from app.model.words import IncidentStatus, TimerKind

Stream = Literal["chat", "ticket"]

TIMER = "digest/"
"""How the ids of its timers begin."""
BURST: dict[Stream, int] = {"chat": 5, "ticket": 3}
"""How many messages of a window are sent at once."""


def may_say(draft: Draft, incident_id: str, stream: Stream, words: str) -> bool:
    """Whether something may be said at once; where it may not it is kept, and said with others when the window ends."""
    window = _window(draft, stream)
    if not window or draft.incidents[incident_id].status is IncidentStatus.CLOSED:
        return True  # what has closed has no timers any more
    digest = draft.incidents[incident_id].digests.get(stream, Digest())
    if digest.since is None or (draft.at - digest.since >= window and not digest.lines):
        digest = Digest(since=draft.at)
    if digest.said < BURST[stream]:
        _set(draft, incident_id, stream, digest.model_copy(update={"said": digest.said + 1}))
        return True
    lines = [*digest.lines, cut(words, LINE_CHARS)]
    beyond = digest.beyond + max(0, len(lines) - DIGEST)
    _set(draft, incident_id, stream, digest.model_copy(update={"lines": lines[-DIGEST:], "beyond": beyond}))
    id_ = f"{TIMER}{stream}/{incident_id}"
    if id_ not in draft.timers:
        # The kind is one whose timers only make an incident be looked at.
        due = max(draft.at, (digest.since or draft.at) + window)
        draft.set_timer(Timer(id=id_, due=due, kind=TimerKind.WAIT_HELD, incident_id=incident_id))
    return False


def take(draft: Draft, incident_id: str, stream: Stream) -> str:
    """Give what was kept, in words, and begin a window in which all is kept; empty where nothing was."""
    digest = draft.incidents[incident_id].digests.get(stream, Digest())
    draft.timers.pop(f"{TIMER}{stream}/{incident_id}", None)
    if not digest.lines:
        return ""
    _set(draft, incident_id, stream, Digest(since=draft.at, said=BURST[stream]))
    if len(digest.lines) == 1 and not digest.beyond:
        return digest.lines[0]
    newest = f", the newest {len(digest.lines)}" if digest.beyond else ""
    head = f"{len(digest.lines) + digest.beyond} changes{newest}:"
    return "\n".join([head, *(f"- {line}" for line in digest.lines)])


def of_timer(timer: Timer) -> tuple[Stream, str]:
    """Give the stream and the incident that a timer is for."""
    stream, _, incident_id = timer.id.removeprefix(TIMER).partition("/")
    return ("ticket" if stream == "ticket" else "chat"), incident_id


def _window(draft: Draft, stream: Stream) -> timedelta:
    rules = draft.library.rules
    return rules.chat_window if stream == "chat" else rules.ticket_window


def _set(draft: Draft, incident_id: str, stream: Stream, digest: Digest) -> None:
    held = draft.incidents[incident_id].digests
    draft.update(incident_id, digests={**held, stream: digest})
