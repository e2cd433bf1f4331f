"""Letters between the domains of a service that moved: written in parts that fit into messages, and put together again."""

from __future__ import annotations

from datetime import timedelta

from app.core.bounds import ARRIVING_BYTES
from app.core.draft import Draft
from app.core.identity import output_id
from app.core.record import pinned_by
from app.model.notices import Notice
from app.model.parcels import Letter
from app.model.words import NoticeKind

PART_CHARS = 50_000
"""Characters of a letter that one notice holds: in any encoding less than an input may take."""
PATIENCE = timedelta(days=1)
"""For so long a letter waits for its next part: all were written at once, so one that lacks is lost."""


def send(draft: Draft, kind: NoticeKind, to: str, letter_id: str, letter: Letter) -> None:
    """Send a letter, in as many notices as it takes. Its id is that of the first."""
    text = letter.model_dump_json(exclude_defaults=True)
    pieces = [text[start : start + PART_CHARS] for start in range(0, len(text), PART_CHARS)]
    libraries = pinned_by(letter.parcel.incidents) if letter.parcel is not None else []
    for part, piece in enumerate(pieces, 1):
        draft.outputs.append(
            Notice(
                id=letter_id if part == 1 else output_id(draft.domain, letter_id, f"part/{part}"),
                kind=kind,
                domain=to,
                sender=draft.domain,
                service=letter.service,
                letter_id=letter_id,
                part=part,
                parts=len(pieces),
                content=piece,
                libraries=libraries,
            )
        )


def take(draft: Draft, notice: Notice) -> Letter | None:
    """Take a part of a letter in; give the letter once it is whole. The parts come in order."""
    before = draft.moving.arriving.get(notice.letter_id, "")
    text = before + notice.content
    is_partial, lacks_its_beginning = notice.part < notice.parts, notice.part > 1 and not before
    _keep(draft, notice.letter_id, text if is_partial and not lacks_its_beginning else "")
    return None if is_partial or lacks_its_beginning else Letter.model_validate_json(text)


def _keep(draft: Draft, letter_id: str, text: str) -> None:
    """Keep what has come of a letter, if anything; forget those that nothing came of for long, and of too many the oldest."""
    moving = draft.moving
    since = {each: moving.arriving_since.get(each, draft.at) for each in moving.arriving if each != letter_id}
    kept = {each: moving.arriving[each] for each, at in since.items() if draft.at - at < PATIENCE}
    kept |= {letter_id: text} if text else {}
    since[letter_id] = draft.at
    while len(kept) > 1 and sum(len(each) for each in kept.values()) > ARRIVING_BYTES:
        del kept[next(iter(kept))]
    draft.update_moving(arriving=kept, arriving_since={each: since[each] for each in kept})
