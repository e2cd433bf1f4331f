"""Silences: kept by `control`, told to alerts by intake, held to by the domains; made, changed and ended at any moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.bounds import MUTING, SILENCES
from app.core.identity import alert_identity
from app.core.quiet.silencing import SHOWN
from app.model.commands import EscalationCommand
from app.model.control import Control
from app.model.notices import Notice
from app.model.outputs import DeadLetter
from app.model.silences import SilenceWish, matching
from app.model.standings import Standing
from app.model.words import NoticeKind
from tests.core.estate import library, seconds
from tests.core.quiet.test_inhibition import muted, names, rule
from tests.core.story import START, Story, alert_signal

HOUR = 3600


def estate(*rules) -> Story:
    return Story(replace(library(), inhibit=rules))


def silence(story: Story, matcher: str = 'alertname="Crash"', *, until: float = HOUR, **fields):
    """A person makes a silence; gives its id."""
    wish = {"matchers": [matcher], "ends_at": START + seconds(until), **fields}
    story.operator("silence", silence=SilenceWish(**wish), text="we know")
    return list(story.control.silences)[-1]


def change(story: Story, id_: str, kind: str = "silence", **fields):
    return story.operator(kind, silence=SilenceWish(id=id_, **fields))


def alert(story: Story, name: str = "Crash", **labels):
    """An alert as intake puts it onto the log: with the silences that it knows."""
    return story.apply(told(story, alert_signal(name, of_service=story.service, **labels)))


def told(story: Story, signal):
    silences = matching(list(story.control.silences.values()), signal.body.alert.labels)
    return signal.model_copy(update={"body": signal.body.model_copy(update={"silences": silences})})


def pages(story: Story) -> int:
    return len(story.put_out(EscalationCommand, op="notify"))


def test_a_silenced_alert_is_held_and_takes_effect_when_the_silence_ends() -> None:
    story = estate()
    id_ = silence(story)
    alert(story, severity="critical")
    assert story.record.incidents == {}
    assert muted(story) == [(1, 0, [f"silence:{id_}"])]
    story.at(HOUR - 1)
    assert story.record.incidents == {}
    story.at(HOUR)
    assert names(story) == [{"Crash"}]
    assert pages(story) == 1
    assert muted(story)[-1] == (0, 0, [])
    assert story.record.timers.keys() & {"quiet/held"} == set()


def test_what_was_muted_for_long_says_nothing_of_clocks_and_began_when_it_began() -> None:
    story = estate()
    alert(story, "Before")
    silence(story, until=2 * HOUR)
    for second in range(12):
        story.at(10 + second)
        alert(story, pod=f"cart-{second}", starts=5 + second)
    assert story.record.lags == [0, *[5] * 12]
    assert len(story.record.quiet.held) == 12
    story.at(2 * HOUR)
    assert story.record.quiet.held == {}
    assert story.record.lags == [0, *[5] * 12]
    assert story.incident.affected["cart"].last == START + seconds(21)


def test_what_is_muted_and_told_once_more_says_nothing_of_clocks() -> None:
    story = estate()
    silence(story)
    alert(story)
    again = told(story, alert_signal())
    later = again.body.alert.model_copy(update={"ends_at": START + seconds(HOUR)})
    body = again.body.model_copy(update={"alert": later})
    story.at(600).apply(again.model_copy(update={"identity": alert_identity(later), "body": body}))
    (held,) = story.record.quiet.held.values()
    assert held.signal.alert.ends_at == later.ends_at
    assert (held.began, story.record.lags) == (START, [0])


def test_others_are_not_muted() -> None:
    story = estate()
    silence(story, 'pod="cart-2"')
    alert(story)
    assert names(story) == [{"Crash"}]


def test_one_that_is_to_begin_later_mutes_nothing_yet() -> None:
    story = estate()
    silence(story, starts_at=START + seconds(100))
    alert(story)
    assert names(story) == [{"Crash"}]
    story.at(150)
    alert(story, pod="b", starts=150)
    assert muted(story)[-1][0] == 1


def test_one_that_ended_before_the_alert_is_decided_mutes_nothing() -> None:
    """Intake may be behind, or the log long: it counts when the alert is decided."""
    story = estate()
    silence(story, until=10)
    signal = told(story, alert_signal("Crash"))
    story.at(10).apply(signal)
    assert names(story) == [{"Crash"}]


def test_extended_it_goes_on() -> None:
    story = estate()
    id_ = silence(story)
    alert(story)
    change(story, id_, ends_at=START + seconds(2 * HOUR))
    story.at(2 * HOUR - 1)
    assert story.record.incidents == {}
    story.at(2 * HOUR)
    assert names(story) == [{"Crash"}]


@pytest.mark.parametrize("shortened", [True, False])
def test_ended_early_it_frees_what_it_muted(shortened) -> None:
    story = estate()
    id_ = silence(story)
    alert(story)
    story.at(600)
    if shortened:
        change(story, id_, ends_at=START + seconds(1200))
        assert story.record.incidents == {}
        story.at(1200)
    else:
        change(story, id_, "unsilence")
    assert names(story) == [{"Crash"}]


@pytest.mark.parametrize("kind", ["shortened", "ended"])
def test_shortened_before_it_frees_what_it_muted_all_the_same(kind) -> None:
    story = estate()
    id_ = silence(story)
    alert(story)
    change(story, id_, ends_at=START + seconds(1200))
    change(story, id_, ends_at=START + seconds(2 * HOUR))
    change(story, id_, ends_at=START + seconds(900))
    assert story.control.muting == {id_: [story.domain]}
    if kind == "shortened":
        change(story, id_, ends_at=START + seconds(600))
        story.at(599)
        assert story.record.incidents == {}
        story.at(600)
    else:
        story.at(60)
        change(story, id_, "unsilence")
    assert names(story) == [{"Crash"}]


def test_an_alert_that_intake_told_an_older_end_of_is_set_right() -> None:
    """Another alert of the domain is muted by the same silence, whose new end that one knows."""
    story = estate()
    id_ = silence(story)
    late = told(story, alert_signal("Crash", pod="b"))
    change(story, id_, ends_at=START + seconds(1200))
    alert(story)
    story.apply(late)
    story.at(1200)
    assert len(story.incident.members) == 2


def test_every_domain_that_mutes_by_it_is_told_once() -> None:
    story = estate()
    other = story.beside("stock")
    id_ = silence(story)
    for each in (story, other):
        alert(each)
        alert(each, pod="b")
    used = [each for each in story.put_out(Notice) if each.kind is NoticeKind.SILENCE_USED]
    assert [each.sender for each in used] == ["production/shop", "production/stock"]
    change(story, id_, "unsilence")
    over = [each for each in story.put_out(Notice) if each.kind is NoticeKind.SILENCE_OVER]
    assert [each.domain for each in over] == ["production/shop", "production/stock"]
    assert [len(each.record.incidents) for each in (story, other)] == [1, 1]
    assert story.control.muting == {}


def test_ended_while_the_alert_was_on_its_way_the_domain_is_told_all_the_same() -> None:
    story = estate()
    id_ = silence(story)
    signal = told(story, alert_signal("Crash"))
    change(story, id_, "unsilence")
    story.at(5).apply(signal)
    assert names(story) == [{"Crash"}]


def test_made_while_it_was_muted_by_something_else_it_counts() -> None:
    story = estate(rule('alertname="NodeDown"', 'alertname="Crash"'))
    alert(story, "NodeDown")
    alert(story)
    id_ = silence(story)
    story.at(60).resolves("NodeDown", lasts=60)
    assert names(story) == [{"NodeDown"}]
    assert muted(story)[-1] == (1, 0, [f"silence:{id_}"])
    story.at(HOUR)
    assert {"Crash"} in names(story)


def test_when_it_ends_an_inhibition_may_go_on() -> None:
    story = estate(rule('alertname="NodeDown"', 'alertname="Crash"'))
    silence(story)
    alert(story)
    alert(story, "NodeDown")
    story.at(HOUR)
    assert names(story) == [{"NodeDown"}]
    assert muted(story)[-1] == (1, 0, ["inhibit:1"])


def test_open_incidents_stay_as_they_are() -> None:
    story = estate()
    alert(story)
    silence(story)
    story.at(10).resolves(lasts=10)
    assert story.incident.status == "resolved"
    story.at(20)
    alert(story, starts=20)
    assert (story.incident.status, pages(story)) == ("resolved", 1)
    story.at(HOUR)
    assert names(story) == [{"Crash"}]


def test_resolved_meanwhile_nothing_comes_of_it() -> None:
    story = estate()
    silence(story)
    alert(story)
    story.at(10).resolves(lasts=10)
    story.at(HOUR)
    assert story.record.incidents == {}
    assert story.record.timers == {}


def test_a_silence_is_made_known_until_a_day_after_its_end() -> None:
    story = estate()
    id_ = silence(story)
    (shown,) = story.put_out(Standing, id="silences")[-1].silences
    assert (shown.id, shown.created_by, shown.comment) == (id_, "carol", "we know")
    story.at(HOUR + SHOWN.total_seconds() - 1)
    assert list(story.control.silences) == [id_]
    story.at(HOUR + SHOWN.total_seconds())
    assert story.control.silences == {}
    assert story.put_out(Standing, id="silences")[-1].silences == []
    assert story.world.record("control").timers == {}


REFUSED = [
    ("silence", {}, "a silence needs matchers"),
    ("silence", {"id": "x"}, "no silence 'x'"),
    ("unsilence", {"id": "x"}, "no silence 'x'"),
    ("silence", {"matchers": ["a=1"]}, "needs endsAt"),
    ("silence", {"matchers": ["a=1"], "ends_at": START}, "needs endsAt"),
    ("silence", {"matchers": ["a=1"], "starts_at": START + seconds(9), "ends_at": START + seconds(9)}, "needs endsAt"),
    ("silence", {"id": "known", "matchers": ["a=2"]}, "stay what they are"),
    ("silence", {"id": "known", "ends_at": START}, "endsAt is over"),
    ("silence", {"id": "over", "ends_at": START + seconds(HOUR)}, "is over since"),
    ("unsilence", {"id": "over"}, "is over since"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "wish", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_why(kind, wish, words) -> None:
    story = estate()
    silence(story, id="known", until=2 * HOUR)
    silence(story, id="over", until=1)
    story.at(2)
    story.operator(kind, silence=SilenceWish(**wish))
    (letter,) = (each for each in story.outputs if isinstance(each, DeadLetter))
    assert (letter.reason, letter.field) == ("not_supported", "silence")
    assert words in letter.detail


def known_to_control(story: Story, **fields) -> None:
    """Give `control` a past that would take long to live through."""
    record = story.world.record("control")
    control = (record.control or Control()).model_copy(update=fields)
    story.world.records["control"] = record.model_copy(update={"control": control})


def test_what_control_keeps_is_bounded() -> None:
    story = estate()
    silence(story)
    (one,) = story.control.silences.values()
    known_to_control(story, silences={f"s{number}": one for number in range(SILENCES)})
    silence(story)
    assert len(story.control.silences) == SILENCES
    assert "no room" in next(each for each in story.outputs if isinstance(each, DeadLetter)).detail


def test_domains_that_mute_by_it_are_bounded() -> None:
    story = estate()
    id_ = silence(story)
    known_to_control(story, muting={id_: [f"production/s{number}" for number in range(MUTING)]})
    alert(story)
    assert [len(each) for each in story.control.muting.values()] == [MUTING]
    assert muted(story)[-1][0] == 1


def test_domains_that_mute_by_all_silences_are_bounded_and_forgotten_once_those_are_over() -> None:
    story = estate()
    id_ = silence(story)
    (one,) = story.control.silences.values()
    many = {f"s{number}": one.model_copy(update={"id": f"s{number}"}) for number in range(20)}
    muting = {each: [f"production/{'d' * 300}{number}" for number in range(MUTING)] for each in many}
    known_to_control(story, silences={id_: one, **many}, muting=muting)
    alert(story)
    assert id_ not in story.control.muting
    over = {each: one.model_copy(update={"id": each, "ends_at": START}) for each in many}
    known_to_control(story, silences={id_: one, **over}, muting=muting)
    story.beside("store").apply(told(story, alert_signal()))
    assert story.control.muting == {id_: ["production/store"]}


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    story = estate()
    silence(story, until=600)
    longer = silence(story, 'pod="cart-1"', until=1200)
    alert(story)
    assert muted(story) == [(1, 0, [f"silence:{longer}"])]
    change(story, longer, "unsilence")
    assert story.record.incidents == {}, "the other still mutes it"
    story.at(600)
    assert names(story) == [{"Crash"}]


def test_a_silence_may_last_for_ever() -> None:
    story = estate()
    id_ = silence(story, ends_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert story.put_out(DeadLetter) == []
    alert(story, severity="critical")
    assert muted(story) == [(1, 0, [f"silence:{id_}"])]
    change(story, id_, "unsilence")
    assert pages(story) == 1
