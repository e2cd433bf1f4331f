"""Silences as the domain `control` keeps them: made, changed, ended, and made known.

Intake tells each alert which of them match it. A domain that mutes by one says so once, and is told when it ends early.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.core.bounds import LINE_CHARS, MUTING, MUTING_BYTES, SILENCES, SILENCES_BYTES, cut
from app.core.draft import Draft
from app.model.base import Instant
from app.model.control import Control
from app.model.inputs import Response
from app.model.notices import CONTROL, Notice
from app.model.silences import Labelled, Silence, SilenceWish, matching
from app.model.standings import Standing
from app.model.timers import Timer
from app.model.words import NoticeKind, ResponseKind, TimerKind

TIMER = "quiet/silences"
STANDING = "silences"
SHOWN = timedelta(days=1)
"""For so long a silence is shown after its end."""
_LAST = datetime(9999, 12, 31, tzinfo=UTC) - SHOWN
"""A silence that ends later has no end: no calendar holds the moment at which it would be forgotten."""
WISHES = (ResponseKind.SILENCE, ResponseKind.UNSILENCE)


def on_wish(draft: Draft, response: Response) -> str:
    """Make, change or end a silence as a person asks; give why not, in words, else an empty text."""
    wish = response.silence or SilenceWish()
    known = _silences(draft).get(wish.id)
    who, words = cut(response.actor.id, LINE_CHARS) or "somebody", cut(response.text, LINE_CHARS)
    if known is not None and known.ends_at <= draft.at:
        return f"silence {known.id} is over since {known.ends_at:%Y-%m-%d %H:%M:%S} UTC; make a new one"
    if response.response is ResponseKind.UNSILENCE:
        return _expire(draft, known, who, words, wish.id)
    if known is not None:
        return _change(draft, known, wish, who, words)
    return _make(draft, wish, who, words)


def on_notice(draft: Draft, notice: Notice) -> None:
    """Take what a domain says of silences: that it mutes by one, or asks which match what it holds."""
    if notice.kind is NoticeKind.SILENCE_USED:
        _used(draft, notice)
        return
    lasting = [each for each in _silences(draft).values() if each.ends_at > draft.at]
    told = [
        Labelled(fingerprint=each.fingerprint, silences=matching(lasting, each.labels))
        for each in notice.alerts
    ]
    _tell(draft, notice.sender, NoticeKind.SILENCES_TOLD, f"told/{notice.id}", alerts=told)


def on_timer(draft: Draft, _: Timer) -> None:
    """Forget silences that ended a while ago."""
    left = {id_: each for id_, each in _silences(draft).items() if draft.at - each.ends_at < SHOWN}
    _set(draft, left, "silence_forgotten", "", "")


def _make(draft: Draft, wish: SilenceWish, who: str, words: str) -> str:
    if not wish.matchers:
        return f"there is no silence {wish.id!r}" if wish.id else "a silence needs matchers"
    starts_at = max(wish.starts_at or draft.at, draft.at)
    if wish.ends_at is None or wish.ends_at <= starts_at:
        return "a silence needs endsAt, later than its start and than now"
    silence = Silence(
        id=wish.id or draft.new_id("silence"),
        matchers=wish.matchers,
        starts_at=starts_at,
        ends_at=wish.ends_at,
        updated_at=draft.at,
        created_by=who,
        comment=words,
    )
    held = _silences(draft)
    if len(held) >= SILENCES or _size([*held.values(), silence]) > SILENCES_BYTES:
        return f"there are {len(held)} silences, and no room for more: let some of them end"
    _set(draft, {**held, silence.id: silence}, "silence_made", who, words)
    return ""


def _change(draft: Draft, known: Silence, wish: SilenceWish, who: str, words: str) -> str:
    if wish.matchers and wish.matchers != known.matchers:
        return f"the matchers of silence {known.id} stay what they are: end it and make another"
    ends_at = wish.ends_at or known.ends_at
    starts_at = known.starts_at
    if wish.starts_at is not None and known.starts_at > draft.at:
        starts_at = max(wish.starts_at, draft.at)
    if ends_at <= max(starts_at, draft.at):
        return "endsAt is over, or before the start; end the silence instead"
    changed = known.model_copy(
        update={
            "starts_at": starts_at,
            "ends_at": ends_at,
            "updated_at": draft.at,
            "comment": words or known.comment,
        }
    )
    reason = "silence_extended" if ends_at > known.ends_at else "silence_changed"
    _set(draft, {**_silences(draft), known.id: changed}, reason, who, words)
    if ends_at < known.ends_at or starts_at > known.starts_at:
        _tell_users(draft, known.id)
    return ""


def _expire(draft: Draft, known: Silence | None, who: str, words: str, wanted: str) -> str:
    if known is None:
        return f"there is no silence {wanted!r}"
    over = known.model_copy(
        update={
            "starts_at": min(known.starts_at, draft.at),
            "ends_at": draft.at,
            "updated_at": draft.at,
            "comment": words or known.comment,
        }
    )
    _set(draft, {**_silences(draft), known.id: over}, "silence_expired", who, words)
    _tell_users(draft, known.id)
    return ""


def _used(draft: Draft, notice: Notice) -> None:
    """Note a domain that mutes by a silence; tell it at once, should the silence end earlier than it believes."""
    silence = _silences(draft).get(notice.silence_id)
    if silence is None or silence.ends_at < (notice.expires_at or silence.ends_at):
        _tell(
            draft,
            notice.sender,
            NoticeKind.SILENCE_OVER,
            f"over/{notice.id}",
            silence_id=notice.silence_id,
        )
        return
    known = _silences(draft)
    muting = {
        id_: each
        for id_, each in _control(draft).muting.items()
        if id_ in known and known[id_].ends_at > draft.at
    }
    domains = muting.get(silence.id, [])
    size = sum(len(each) + 3 for named in muting.values() for each in named) + len(notice.sender)
    if notice.sender not in domains and len(domains) < MUTING and size < MUTING_BYTES:
        _update(draft, muting={**muting, silence.id: [*domains, notice.sender]})


def _tell_users(draft: Draft, silence_id: str) -> None:
    muting = dict(_control(draft).muting)
    for domain in muting.pop(silence_id, ()):
        _tell(draft, domain, NoticeKind.SILENCE_OVER, f"over/{silence_id}/{domain}", silence_id=silence_id)
    _update(draft, muting=muting)


def _tell(
    draft: Draft,
    domain: str,
    kind: NoticeKind,
    name: str,
    *,
    silence_id: str = "",
    alerts: Sequence[Labelled] = (),
) -> None:
    draft.outputs.append(
        Notice(
            id=draft.new_id(name),
            kind=kind,
            domain=domain,
            sender=CONTROL,
            silence_id=silence_id,
            alerts=list(alerts),
        )
    )


def _set(draft: Draft, silences: dict[str, Silence], reason: str, who: str, words: str) -> None:
    """Set the silences, make them known, and look again when the first of them is to be forgotten."""
    control = _control(draft)
    version = control.silences_version + 1
    muting = {id_: domains for id_, domains in control.muting.items() if id_ in silences}
    _update(draft, silences=silences, silences_version=version, muting=muting)
    draft.outputs.append(
        Standing(
            id=STANDING,
            version=version,
            at=draft.at,
            reason=reason,
            by=who,
            text=words,
            silences=list(silences.values()),
        )
    )
    due: list[Instant] = [min(each.ends_at, _LAST) + SHOWN for each in silences.values()]
    if due:
        draft.set_timer(Timer(id=TIMER, due=min(due), kind=TimerKind.STEP_RETRY, incident_id=""))
    else:
        draft.timers.pop(TIMER, None)


def _size(silences: Sequence[Silence]) -> int:
    return sum(300 + len(each.comment) + sum(len(text) for text in each.matchers) for each in silences)


def _silences(draft: Draft) -> dict[str, Silence]:
    return _control(draft).silences


def _control(draft: Draft) -> Control:
    return draft.control or Control()


def _update(draft: Draft, **fields: object) -> None:
    draft.control = _control(draft).model_copy(update=fields)
