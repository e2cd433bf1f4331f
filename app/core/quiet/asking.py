"""What a domain and `control` say to each other of silences.

An alert comes with the silences that intake knew to match it. Before one that was held takes effect, `control` is asked which
match it now: so a silence that was made or extended meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.draft import Draft
from app.model.base import Instant
from app.model.notices import CONTROL, Notice
from app.model.quiet import Held
from app.model.silences import Labelled
from app.model.words import NoticeKind

KINDS = (NoticeKind.SILENCES_TOLD, NoticeKind.SILENCE_OVER)
"""What `control` says."""


def on_notice(draft: Draft, notice: Notice) -> None:
    """Take what `control` says of silences, and judge what is held anew."""
    told = {each.fingerprint: each.silences for each in notice.alerts}
    held = {}
    for fingerprint, each in draft.quiet.held.items():
        alert = each.signal
        if notice.kind is NoticeKind.SILENCE_OVER:
            left = [known for known in alert.silences if known.id != notice.silence_id]
            changed = each.model_copy(update={"signal": alert.model_copy(update={"silences": left})})
        elif fingerprint in told and each.is_asked:
            stamped = alert.model_copy(update={"silences": told[fingerprint]})
            changed = each.model_copy(update={"signal": stamped, "is_asked": False, "is_told": True})
        else:
            changed = each
        held[fingerprint] = changed
    draft.update_quiet(held=held)
    draft.must_judge = True


def ask(draft: Draft, held: Sequence[Held]) -> None:
    """Ask `control` which silences match alerts that nothing mutes any more as far as is known here."""
    if held:
        alerts = [
            Labelled(fingerprint=each.signal.alert.fingerprint, labels=each.signal.alert.labels)
            for each in held
        ]
        _say(draft, NoticeKind.SILENCES_ASKED, "silences/asked", alerts=alerts)


def tell_used(draft: Draft, before: Mapping[str, Held], now: Mapping[str, Held]) -> None:
    """Tell `control` by which silences alerts are muted here, and until when as far as is known, where that is new.

    A silence that was shortened ends at another moment than was told before, so the domain is heard of again; and an alert that
    intake told an older end of is set right.
    """
    for by, until in sorted(_ends(now) - _ends(before)):
        silence_id = by.removeprefix("silence:")
        _say(
            draft,
            NoticeKind.SILENCE_USED,
            f"silence/{silence_id}/{until.isoformat()}",
            silence_id=silence_id,
            expires_at=until,
        )


def _ends(held: Mapping[str, Held]) -> set[tuple[str, Instant]]:
    """Give the silences that mute, each with the moments at which they are taken to end."""
    return {
        (each.by, each.until)
        for each in held.values()
        if each.by.startswith("silence:") and each.until is not None
    }


def _say(draft: Draft, kind: NoticeKind, name: str, **fields: object) -> None:
    given = {"id": draft.new_id(name), "kind": kind, "domain": CONTROL, "sender": draft.domain, **fields}
    draft.outputs.append(Notice.model_validate(given))
