"""Whatever people do and whenever: no page is lost, and none is made twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.correlation import OPEN
from app.core.decide import decide_batch
from app.core.escalation.ladders import timer_id
from app.core.record import dump, empty, load
from app.model.commands import EscalationCommand
from app.model.policy import Policy
from app.model.words import EscalationStatus, LadderStatus
from tests.core.escalation.estate import level, with_policies
from tests.core.estate import seconds
from tests.core.story import Story

SHOP = Policy(
    "shop",
    levels=(level("user:alice", ack=60), level("team:shop", ack=60, delay=20, round_robin=True)),
    repeat=1,
    exhausted="last",
)
LAST = Policy("last", levels=(level("user:dave", "channel:#all", ack=60),))
ASK = st.sampled_from(
    [("acknowledge", {}), ("snooze", {"seconds": 50}), ("assign", {"target": "carol"}), ("add_responder", {"target": "dave"}), ("escalate", {}), ("resolve", {}), ("annotate", {"text": "hm"})]
)  # fmt: skip
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["alert", "worse", "over", "ask", "ask", "wait"]),
        st.sampled_from("ab"),
        ASK,
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=14,
)


def play(happenings):
    story, second = Story(with_policies(SHOP, LAST, ack_stale_after=seconds(70))), 0
    for what, pod, (kind, fields), later in happenings:
        second += later
        story.at(second)
        if what in ("alert", "worse"):
            story.alert(
                "Other", severity="critical" if what == "worse" else "warning", pod=pod, starts=second
            )
        elif what == "over":
            story.resolves("Other", severity="warning", pod=pod, starts=second)
        elif what == "ask" and story.record.incidents:
            story.asks("bob", kind, **fields)
        check(story)
    story.at(second + 5000)
    check(story)
    return story


def check(story):
    for incident in story.record.incidents.values():
        climbing = [each for each in incident.ladders if each.status is LadderStatus.CLIMBING]
        for ladder in climbing:
            assert timer_id(incident.id, ladder.service) in story.record.timers
            assert incident.status in OPEN
        rings = [each for each in incident.escalations if each.status is EscalationStatus.NOTIFIED]
        keys = [(each.person_id or each.target) for each in rings]
        assert len(keys) == len(set(keys)), "nobody is rung twice at once"
        is_left_alone = incident.acknowledged_at or incident.snoozed_until or not incident.escalations
        exhausted = any(each.status is LadderStatus.EXHAUSTED for each in incident.ladders)
        if incident.status in OPEN and not is_left_alone and not exhausted:
            assert climbing, "somebody is paged until somebody acknowledges"


@given(HAPPENINGS)
@settings(max_examples=60, deadline=None)
def test_no_page_is_lost_and_none_is_made_twice(happenings):
    story = play(happenings)
    ids = [each.id for each in story.put_out(EscalationCommand)]
    assert len(ids) == len(set(ids))
    newest = {each.object_id: each.op for each in story.put_out(EscalationCommand)}
    for incident in story.record.incidents.values():
        for page in incident.escalations:
            if page.status is EscalationStatus.NOTIFIED:
                assert newest[page.id] == "notify"


@given(HAPPENINGS)
@settings(max_examples=20, deadline=None)
def test_a_restart_at_any_instant_changes_nothing(happenings):
    story = play(happenings)
    record, outputs = empty(story.domain), []
    for batch, offset, at in story.world.log:
        if batch.domain == story.domain:
            decided = decide_batch(load(dump(record)), batch, offset, at, story.libraries)
            again = decide_batch(load(dump(record)), batch, offset, at, story.libraries)
            assert decided == again
            record, outputs = decided.record, [*outputs, *decided.outputs]
    assert record == story.record
    assert [each.id for each in outputs if isinstance(each, EscalationCommand)] == [
        each.id for each in story.put_out(EscalationCommand)
    ]
