"""Laws of the quiet: nothing that fires is lost, whatever mutes it and in whatever order; and replay equals live."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.correlation import OPEN
from app.core.decide import decide_batch
from app.core.quiet.inhibition import inhibited
from app.core.record import empty
from app.model.incident import IncidentSnapshot
from app.model.noise import Flapping, Maintenance, Once
from app.model.silences import SilenceWish
from app.model.standings import Standing
from app.model.words import IncidentStatus
from tests.core.estate import library, seconds
from tests.core.quiet.test_inhibition import rule
from tests.core.quiet.test_silences import told
from tests.core.story import START, Story, alert_signal

NAMES = ("A", "B", "C")
WHAT = (
    "fires",
    "fires",
    "fires",
    "ends",
    "ends",
    "flaps",
    "silence",
    "extend",
    "unsilence",
    "publish",
    "resolve",
)
STATUSES = {"fires": ("firing",), "ends": ("resolved",), "flaps": ("firing", "resolved") * 3}
HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 8), st.sampled_from((0, 1, 1, 5, 20, 60))), max_size=40
)
RULES = (
    rule('alertname="A"', 'alertname="B"', "zone"),
    rule('alertname="B"', 'alertname="C"', "zone"),
    rule('alertname=~"B|C"', 'alertname=~"A|C"', "zone", "other"),
)
WINDOW = Maintenance("move", Once(START + seconds(30), START + seconds(90)))
LIBRARIES = [
    replace(library(hash_="lib0"), inhibit=RULES[:2], maintenance=(WINDOW,), flapping=Flapping(4, seconds(120), seconds(60))),
    replace(library(hash_="lib1"), inhibit=RULES[2:], flapping=Flapping(3, seconds(60), seconds(30))),
]  # fmt: skip


def labels(which: int) -> dict[str, str]:
    return {"name": NAMES[which % 3], "zone": "xyz"[which // 3]}


def play(happenings) -> tuple[Story, dict[str, bool], set[str]]:
    """Live through it; gives, of each alert by its fingerprint, whether it fires at the end, and whose incident a person resolved."""
    story, fires, by_person, second = Story(LIBRARIES[0]), {}, set(), 0
    for number, (what, which, pause) in enumerate(happenings):
        second += pause
        story.at(second)
        starts = second + number / 100  # each firing has a beginning of its own, and ends later than that
        known = list(story.control.silences)
        match what:
            case "fires" | "ends" | "flaps":
                for place, status in enumerate(STATUSES[what]):
                    begins = starts + place / 1000
                    signal = told(
                        story, alert_signal(status=status, starts=begins, lasts=0.0, **labels(which))
                    )
                    fires[signal.body.alert.fingerprint] = status == "firing"
                    story.apply(signal)
            case "silence":
                wish = SilenceWish(
                    matchers=[f'alertname="{NAMES[which % 3]}"'], ends_at=story.now + seconds(20 * which + 5)
                )
                story.operator("silence", silence=wish)
            case "extend" if known:
                wish = SilenceWish(id=known[which % len(known)], ends_at=story.now + seconds(10 * which + 1))
                story.operator("silence", silence=wish)
            case "unsilence" if known:
                story.operator("unsilence", silence=SilenceWish(id=known[which % len(known)]))
            case "publish":
                story.publish(LIBRARIES[which % 2])
            case "resolve" if story.record.incidents:
                by_person |= _firing(story)
                story.responds("resolve", incident_id=list(story.record.incidents)[-1])
    return story, fires, by_person


def _firing(story: Story, statuses=tuple(IncidentStatus)) -> set[str]:
    return {
        each
        for incident in story.record.incidents.values()
        for each, member in incident.members.items()
        if member.f and incident.status in statuses
    }


@given(HAPPENINGS)
@example(
    [
        ("fires", 3, 0),
        ("fires", 0, 0),
        ("fires", 4, 0),
        *([("fires", 0, 0)] * 5),
        ("silence", 4, 0),
        ("publish", 7, 0),
        ("resolve", 0, 0),
        ("fires", 3, 0),
    ]
)  # what no longer is muted brings an incident back, of which another alert is muted
@example(
    [("fires", 7, 0), ("publish", 1, 0), ("fires", 6, 0), ("publish", 0, 0), ("fires", 8, 0)]
)  # the first alert under a library is muted, and what was held is judged by that library nonetheless
@settings(max_examples=150, deadline=None)
def test_in_the_end_all_that_fires_is_in_an_incident_or_muted_for_a_reason(happenings) -> None:
    story, fires, by_person = play(happenings)
    story.at(
        5000
    ).deploys()  # all silences, windows and flapping are over, and a library that is in force is looked at
    held, firing = story.record.quiet.held, _firing(story)
    for each, known in held.items():
        assert fires[each], "what is over is not held"
        assert inhibited(known.signal.alert.labels, story.library.inhibit, story.record.quiet.inhibitors)
        assert known.by.startswith("inhibit:")
        assert not known.is_asked
    assert {each for each, is_so in fires.items() if is_so} <= firing | set(held) | by_person
    now = _firing(story, OPEN)
    assert not set(held) & now
    assert {each for each in now if not fires[each]} == set(), "what is over counts no more"
    assert set(story.record.quiet.inhibitors) <= now | set(held)
    assert all(flap.incident_id == "" for flap in story.record.quiet.flaps.values())


@given(HAPPENINGS)
@settings(max_examples=60, deadline=None)
def test_replay_equals_live_and_repeats_are_silent(happenings) -> None:
    story, _, _ = play(happenings)
    story.at(5000)
    records, outputs = {}, []
    for batch, offset, at in story.world.log:
        decision = decide_batch(
            records.get(batch.domain, empty(batch.domain)), batch, offset, at, story.libraries
        )
        again = decide_batch(decision.record, batch, offset + 1, at, story.libraries)
        assert again.outputs == (), "an input that intake repeats changes nothing"
        records[batch.domain], outputs = decision.record, [*outputs, *decision.outputs]
    assert records == story.world.records
    assert outputs == story.outputs
    ids = [each.id for each in story.outputs if not isinstance(each, IncidentSnapshot | Standing)]
    assert len(ids) == len(set(ids))
