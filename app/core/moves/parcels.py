"""Letters between the domains of a service that moved: written in parts that fit into messages, and put together again."""

from __future__ import annotations

from app.core.draft import Draft
from app.core.identity import output_id
from app.core.record import pinned_by
from app.model.notices import Notice
from app.model.parcels import Letter
from app.model.words import NoticeKind

PART_CHARS = 50_000
"""Characters of a letter that one notice holds: in any encoding less than an input may take."""


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
    text = draft.moving.arriving.get(notice.letter_id, "") + notice.content
    others = {each: kept for each, kept in draft.moving.arriving.items() if each != notice.letter_id}
    if notice.part < notice.parts:
        draft.update_moving(arriving={**others, notice.letter_id: text})
        return None
    draft.update_moving(arriving=others)
    return Letter.model_validate_json(text)
