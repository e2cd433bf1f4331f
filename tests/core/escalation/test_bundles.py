"""Pages of several incidents of one domain to one person name one another."""

from app.model.commands import EscalationCommand
from tests.core.escalation.estate import level
from tests.core.escalation.test_delivery import PUSH, estate
from tests.core.story import Story, alert_signal


def test_a_second_incident_names_the_first_until_that_is_acknowledged():
    story = Story(estate(PUSH, levels=(level("user:alice", "channel:#shop"),), within=0))
    story.alert("One", severity="critical")
    first = story.put_out(EscalationCommand, person_id="alice")[0]
    assert (first.bundle, first.also) == (first.object_id, [])
    story.at(4000).apply(alert_signal("Two", severity="critical", starts=4000, pod="other-9", zone="b"))
    assert len(story.record.incidents) == 2, "two incidents, or there is nothing to bundle"
    second = story.put_out(EscalationCommand, person_id="alice")[-1]
    assert (second.bundle, second.also) == (first.object_id, [first.title])
    channels = story.put_out(EscalationCommand, target="channel:#shop")
    assert all(each.bundle == each.object_id and not each.also for each in channels)
