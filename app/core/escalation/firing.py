"""An incident's way up a policy: it begins, a level is put in effect, the next one's turn comes, it stops or is exhausted.

What is to come is a timer of the record, so that nothing of it is lost or done twice whatever happens to workers meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.core.announce import say_escalated, say_exhausted, say_impossible
from app.core.bounds import TEXT_CHARS, TURNS, cut
from app.core.draft import Draft
from app.core.escalation.conditions import holder
from app.core.escalation.hours import low_urgency_at, may_page_at
from app.core.escalation.ladder import next_level
from app.core.escalation.ladders import end, ladder_of, library_of, policies_of, put, service_of, wait
from app.core.escalation.pages import Call, key_of, notify, rung
from app.core.escalation.targets import Aim, Resolver, next_in_turn
from app.core.identity import short_hash
from app.model.durations import in_units
from app.model.escalation import Escalation
from app.model.ladder import Ladder
from app.model.library import Library
from app.model.policy import DEFAULT_ACK_TIMEOUT, Level, Policy
from app.model.timers import Timer
from app.model.words import Delivery, EscalationStatus, LadderStatus, Mode, Urgency

FURTHER = {
    "not_acknowledged": "nobody acknowledged in time",
    "undelivered": "no page of the level before was delivered",
    "by_person": "a person asked for it",
}
"""Why a level's turn comes though people were paged before, in words."""
_IN_VAIN = {
    "not_acknowledged": "nobody acknowledged",
    "undelivered": "nobody acknowledged, the last pages were not delivered",
}
_NOBODY = "none of its levels names anybody who can be paged now"


def start(
    draft: Draft,
    incident_id: str,
    policy: Policy,
    reason: str,
    why: str,
    service: str = "",
    *,
    now: bool = False,
) -> None:
    """Begin at the first level of a policy; `now`: without its delay, whatever the hour."""
    library = library_of(draft, incident_id, policy.id)
    words = cut(why, TEXT_CHARS)
    ladder = Ladder(policy=policy.id, library=library.hash, service=service, reason=reason, why=words)
    put(draft, incident_id, ladder)
    climb(draft, incident_id, service, reason, now=now)


def start_with(
    draft: Draft, incident_id: str, policy: Policy, aims: Sequence[Aim], reason: str, why: str
) -> None:
    """Page people by name, and begin at the first level of the policy when they do not acknowledge."""
    library = library_of(draft, incident_id, policy.id)
    level = next((each for each in policy.levels if each.targets), Level())
    due = draft.at + level.ack_timeout
    ladder = Ladder(
        policy=policy.id, library=library.hash, reason=reason, why=cut(why, TEXT_CHARS), is_paging=True
    )
    put(draft, incident_id, ladder)
    wait(draft, incident_id, ladder, due)
    page_by_name(draft, incident_id, aims, reason, why, policy, due)


def page_by_name(
    draft: Draft,
    incident_id: str,
    aims: Sequence[Aim],
    reason: str,
    why: str,
    policy: Policy | None,
    ack_by: datetime | None = None,
) -> None:
    """Page people whom somebody named, beside what the policy does."""
    call = Call(
        policy=policy.id if policy else "",
        level=0,
        round=1,
        ack_by=ack_by or draft.at + DEFAULT_ACK_TIMEOUT,
        reason=reason,
        why=why,
    )
    _page(draft, incident_id, aims, call, "Escalated", why)


def climb(draft: Draft, incident_id: str, service: str, reason: str, *, now: bool = False) -> None:
    """Put the next level in effect that names anybody, or wait for what it waits for; take the last resort where there is no further one."""
    gone_through: set[tuple[str, int]] = set()
    failed: dict[str, None] = {}
    while (ladder := ladder_of(draft.incidents[incident_id], service)) is not None:
        library = draft.libraries.get(ladder.library, draft.library)
        policy = library.policies.get(ladder.policy) or Policy(ladder.policy)
        if not ladder.next_level:
            chosen = _choose(draft, incident_id, ladder, policy, failed)
            if chosen is None:
                if _last_resort(draft, incident_id, ladder, policy, library, reason):
                    continue
                return
            if (policy.id, chosen.next_level) in gone_through:  # it names nobody, and what is behind it may
                put(draft, incident_id, _reached(chosen))
                continue
            ladder, delay = chosen, policy.levels[chosen.next_level - 1].delay
            if delay and not now:
                wait(
                    draft,
                    incident_id,
                    ladder,
                    draft.at + delay,
                    f"level {ladder.next_level} of {policy.id} waits {in_units(delay)}",
                )
                return
        if _put_in_effect(draft, incident_id, ladder, policy, reason, now=now):
            return
        gone_through.add((policy.id, ladder.next_level))


def on_timer(draft: Draft, timer: Timer) -> None:
    """Go on: an ack timeout ended, or what a level waited for."""
    service = service_of(timer)
    ladder = ladder_of(draft.incidents[timer.incident_id], service)
    if ladder is not None and ladder.status is LadderStatus.CLIMBING:
        climb(draft, timer.incident_id, service, "not_acknowledged")


def go_past(draft: Draft, incident_id: str, page: Escalation) -> None:
    """Let the next level's turn come where no page of the newest one rings any more, though nobody answered."""
    incident = draft.incidents[incident_id]
    ladder = ladder_of(incident, page.service)
    if ladder is None or ladder.status is not LadderStatus.CLIMBING or ladder.next_level:
        return
    newest = (ladder.policy, ladder.level, ladder.round)
    ringing = [
        each
        for each in incident.escalations
        if each.status is EscalationStatus.NOTIFIED
        and each.service == page.service
        and each.delivery is not Delivery.UNCONFIRMED
        and ((each.policy, each.level, each.round) == newest or each.level == 0)
    ]
    if not ringing:
        climb(draft, incident_id, page.service, "undelivered")


def resolver_of(draft: Draft, incident_id: str, failed: dict[str, None]) -> Resolver:
    """Give what resolves targets for an incident now; why a condition cannot be worked out is put into `failed`."""
    incident, pinned = draft.incidents[incident_id], policies_of(draft, incident_id)
    holds = holder(incident, draft.library, draft.at, failed)
    return Resolver(draft.library, pinned, draft.at, holds)


def _choose(
    draft: Draft, incident_id: str, ladder: Ladder, policy: Policy, told: dict[str, None]
) -> Ladder | None:
    """Choose the next level; None where there is none. What is `told` already of conditions is not told again."""
    failed: dict[str, None] = {}
    holds = holder(draft.incidents[incident_id], draft.library, draft.at, failed)
    found = next_level(policy, ladder.level, ladder.round, holds)
    for words in [each for each in failed if each not in told]:
        told[words] = None
        draft.record(incident_id, "ConditionFailed", "condition_error", f"policy {policy.id}: {words}")
    if found is None:
        return None
    chosen = ladder.model_copy(
        update={"next_level": found.level, "next_round": found.round, "status": LadderStatus.CLIMBING}
    )
    put(draft, incident_id, chosen)
    return chosen


def _reached(ladder: Ladder) -> Ladder:
    """Give the ladder once the turn has come of the level that was to be next."""
    fields = {"level": ladder.next_level, "round": ladder.next_round, "next_level": 0, "next_round": 1}
    return ladder.model_copy(update=fields)


def _put_in_effect(
    draft: Draft, incident_id: str, ladder: Ladder, policy: Policy, reason: str, *, now: bool
) -> bool:
    """Page whom the level names, or wait for their business hours; False where it names nobody who could be paged."""
    level, number = policy.levels[ladder.next_level - 1], ladder.next_level
    aims = resolver_of(draft, incident_id, {}).resolve(level.targets)
    if not now and draft.incidents[incident_id].urgency is Urgency.LOW:
        team = draft.incidents[incident_id].team
        opens = low_urgency_at(aims, team, draft.library, draft.at)
        if opens > draft.at:
            words = f"level {number} of {policy.id} waits for business hours, which begin {opens:%Y-%m-%d %H:%M} UTC"
            wait(draft, incident_id, ladder, opens, words, "business_hours")
            return True
        aims = [each for each in aims if may_page_at(each, team, draft.library, draft.at) <= draft.at]
    there = [
        each for each in aims if not each.absent and not _rings_elsewhere(draft, incident_id, each, ladder)
    ]
    reached = _reached(ladder)
    if not there:
        why = ", ".join(each.absent or "paged already" for each in aims) or "it names nobody"
        put(draft, incident_id, reached)
        draft.record(incident_id, "LevelSkipped", "nobody_there", f"level {number} of {policy.id}: {why}")
        return False
    if level.round_robin:
        there = next_in_turn(there, _turn(draft, f"{policy.id}/{level.name or number}"))
    _ring(draft, incident_id, reached, policy, there, reason)
    return True


def _ring(
    draft: Draft, incident_id: str, ladder: Ladder, policy: Policy, aims: Sequence[Aim], reason: str
) -> None:
    """Page the people of a level, and set when the next one's turn comes."""
    level = policy.levels[ladder.level - 1]
    ack_by = draft.at + level.ack_timeout
    is_first, climbing = not ladder.is_paging, ladder.model_copy(update={"is_paging": True})
    if draft.incidents[incident_id].mode is Mode.SHADOW:  # nobody is rung, so nobody could acknowledge
        put(draft, incident_id, climbing)
        end(draft, incident_id, climbing, LadderStatus.STOPPED)
    else:
        wait(draft, incident_id, climbing, ack_by)
    why = ladder.why if is_first else f"{FURTHER.get(reason, reason)}; {ladder.why}"
    call = Call(
        policy=policy.id,
        level=ladder.level,
        round=ladder.round,
        ack_by=ack_by,
        reason=ladder.reason if is_first else reason,
        why=why,
        next_words=next_words(draft, incident_id, ladder, policy),
        service=ladder.service,
    )
    _page(draft, incident_id, aims, call, "Escalated" if is_first else "EscalatedFurther", why)


def _page(draft: Draft, incident_id: str, aims: Sequence[Aim], call: Call, kind: str, why: str) -> None:
    for aim in aims:
        notify(draft, incident_id, aim, call)
    names = ", ".join(words_of(each) for each in aims)
    facts = {
        "policy": call.policy,
        "targets": ", ".join(dict.fromkeys(each.target for each in aims)),
        "level": str(call.level),
        "round": str(call.round),
    }
    facts |= {"service": call.service} if call.service else {}
    draft.record(incident_id, kind, call.reason, f"paged {names}: {why}", data=facts)
    say_escalated(draft, incident_id, names, why)


def next_words(draft: Draft, incident_id: str, ladder: Ladder, policy: Policy) -> str:
    """Say who comes next if nobody acknowledges."""
    holds = holder(draft.incidents[incident_id], draft.library, draft.at, {})
    found = next_level(policy, ladder.level, ladder.round, holds)
    if found is not None:
        return ", ".join(policy.levels[found.level - 1].targets)
    return f"policy:{policy.exhausted}" if policy.exhausted else ""


def words_of(aim: Aim) -> str:
    """Give a target with the person that it stands for."""
    if aim.person is None or aim.target == f"user:{aim.person.id}":
        return aim.target
    return f"{aim.target} ({aim.person.id})"


def _last_resort(
    draft: Draft, incident_id: str, ladder: Ladder, policy: Policy, library: Library, reason: str
) -> bool:
    """Let the policy's last resort take over; False where there is none that was not exhausted too."""
    gone = [*ladder.exhausted, policy.id]
    takes_over = library.policies.get(policy.exhausted) if policy.exhausted not in gone else None
    after = f"; {takes_over.id} takes over" if takes_over else "; nobody is left to be paged"
    why = _IN_VAIN.get(reason, _IN_VAIN["not_acknowledged"]) if ladder.is_paging else _NOBODY
    draft.record(
        incident_id,
        "EscalationExhausted",
        "exhausted",
        f"policy {policy.id} is exhausted: {why}{after}",
        data={"policy": policy.id, "last_resort": takes_over.id if takes_over else ""},
    )
    if takes_over is not None:
        fresh = {"policy": takes_over.id, "level": 0, "round": 1, "next_level": 0, "exhausted": gone}
        put(draft, incident_id, ladder.model_copy(update=fresh))
        return True
    end(draft, incident_id, ladder, LadderStatus.EXHAUSTED)
    if ladder.is_paging:
        say_exhausted(draft, incident_id, policy.id, why)
    else:
        words = f"nobody could be paged: {ladder.why}"
        draft.record(incident_id, "EscalationImpossible", "nobody_there", words)
        say_impossible(draft, incident_id, _who_is_missing(draft, incident_id, policy))
    return False


def _who_is_missing(draft: Draft, incident_id: str, policy: Policy) -> str:
    """Say of a policy that nobody of it is there, and of each why."""
    resolver = resolver_of(draft, incident_id, {})
    aims = [aim for level in policy.levels for aim in resolver.resolve(level.targets)]
    absent = dict.fromkeys(each.absent for each in aims if each.absent)
    return f"policy {policy.id} names nobody who is there" + (f" ({', '.join(absent)})" if absent else "")


def _rings_elsewhere(draft: Draft, incident_id: str, aim: Aim, ladder: Ladder) -> bool:
    """Whether the owner of a second service is rung for another one: one page is enough."""
    if not ladder.service:
        return False
    others = [each for each in rung(draft.incidents[incident_id]) if each.service != ladder.service]
    return aim.key in {key_of(each) for each in others}


def _turn(draft: Draft, level: str) -> int:
    """Give whose turn it is in a level in round robin, and count it. Domains begin at different people."""
    turn = draft.turns.get(level, 0)
    others = {name: count for name, count in draft.turns.items() if name != level}
    draft.turns = dict(list({**others, level: turn + 1}.items())[-TURNS:])
    return int(short_hash(f"{draft.domain}/{level}"), 16) + turn
