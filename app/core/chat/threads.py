"""Where an incident is talked about, a thread or a channel of its own, and how something gets there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from app.core import digests
from app.core.chat.calls import call_nobody
from app.core.chat.cards import buttons, card
from app.core.desk import channel_of, home_of, is_apart
from app.core.draft import Draft
from app.model.commands import ChatBlock, ChatButton, ChatCommand
from app.model.incident import Incident


def post_card(draft: Draft, incident_id: str, name: str) -> None:
    """Open the conversation with the card."""
    _send(draft, incident_id, "post", name, card(draft.incidents[incident_id]), _buttons(draft, incident_id))


def update_card(draft: Draft, incident_id: str, name: str, words: str = "") -> None:
    """Bring the card up to date, with words under it where there are any."""
    blocks = card(draft.incidents[incident_id])
    blocks += [ChatBlock(kind="text", text=words)] if words else []
    _send(draft, incident_id, "update", name, blocks, _buttons(draft, incident_id))


def reply(
    draft: Draft,
    incident_id: str,
    name: str,
    words: str,
    prompts: Sequence[ChatButton] = (),
    reply_to: str = "",
) -> None:
    """Say something in the conversation, at once."""
    blocks = [ChatBlock(kind="text", text=words)]
    _send(draft, incident_id, "reply", name, blocks, prompts, reply_to)


def tell(draft: Draft, incident_id: str, name: str, words: str) -> bool:
    """Say something in the conversation, with others where much happens; give whether it was said at once."""
    if not digests.may_say(draft, incident_id, "chat", words):
        return False
    reply(draft, incident_id, name, words)
    return True


def flush(draft: Draft, incident_id: str) -> bool:
    """Say together what waits to be said; give whether anything did."""
    words = digests.take(draft, incident_id, "chat")
    if words:
        reply(draft, incident_id, "digest", words)
    return bool(words)


def _buttons(draft: Draft, incident_id: str) -> list[ChatButton]:
    return buttons(draft.incidents[incident_id])


def _send(
    draft: Draft,
    incident_id: str,
    op: Literal["post", "update", "reply"],
    name: str,
    blocks: Sequence[ChatBlock],
    prompts: Sequence[ChatButton],
    reply_to: str = "",
) -> None:
    incident = draft.incidents[incident_id]
    home = home_of(draft, incident)
    header = draft.header(incident_id, draft.object_id(incident_id, "conversation"), f"chat/{name}")
    said = [each.model_copy(update={"text": call_nobody(each.text)}) for each in blocks]
    fields: dict[str, Any] = {
        **header,
        "op": op,
        "title": call_nobody(incident.title),
        "text": "\n".join(block.text for block in said),
        "conversation": channel_of(home),
        "own_channel": _own_channel(incident) if is_apart(home) else "",
        "pin": op != "reply",
        "blocks": said,
        "buttons": prompts,
        "reply_to": reply_to,
    }
    draft.outputs.append(ChatCommand.model_validate(fields))


def _own_channel(incident: Incident) -> str:
    """Give the name of the incident's own channel: letters, digits and dashes, as every chat takes them."""
    return f"inc-{incident.opened_at:%Y%m%d}-{incident.id[:8]}"
