"""The review of an incident: what it says, when it is written again, and who ends that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.core.bounds import SHELF, SHELF_BYTES
from app.core.reviews.facts import plain
from app.library.zones import zone_of
from app.model.commands import DocumentCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor, Response, ResponseSignal
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.runbook import FollowUp
from app.model.signals import Signal
from tests.core.estate import library, look, mend, page, quiet
from tests.core.story import Story, vouched

DAY = 86_400


def in_berlin(*pages, hash_="lib1", **rules):
    made = library(*pages, hash_=hash_, **rules)
    shop = replace(made.teams["shop"], zone=zone_of("Europe/Berlin"))
    return replace(made, teams={**made.teams, "shop": shop})


def resolved(*pages) -> Story:
    """An incident that Alice was paged for and acknowledged after 40 s, and that is over after two minutes."""
    story = Story(in_berlin(*pages))
    story.deploys()
    story.at(5).alert(severity="critical")
    story.at(45).asks("alice", "acknowledge")
    story.at(60).responds("annotate", text="I look at <node> 7 | now")
    story.at(120).resolves(severity="critical")
    return story


def documents(story):
    return story.put_out(DocumentCommand)


def section(body: str, name: str) -> list[str]:
    return body.split(f"\n## {name}\n\n", 1)[1].split("\n\n## ", 1)[0].splitlines()


def test_it_says_what_the_facts_say() -> None:
    story = resolved(page(look(), mend()))
    (document,) = documents(story)
    body = document.body
    assert body.startswith("# Crash it is\n")
    assert "- **Status**: resolved (alerts_resolved)" in section(body, "Summary")
    assert section(body, "Impact")[0] == "- 1 alerts; from opened to resolved: 1m 55s"
    assert section(body, "Detection") == [
        "The alert `Crash` of cart, which by its source began 5s before the incident was opened."
    ]
    assert section(body, "Figures") == [
        "- Time to acknowledge: 40s",
        "- Time to mitigate: did not happen",
        "- Time to resolve: 1m 55s",
    ]
    tried = section(body, "What was tried")
    assert tried[0].startswith("- crash, asked for by engine: ")
    assert "- 03:01:00 UTC, bob: NoteAdded bob: I look at &lt;node> 7 \\| now" in tried
    assert "deploy cart: v2" in section(body, "Suspected cause")[-1]
    assert "- alice acknowledged 40s after the page (level 1 of shop)" in section(body, "What went well")
    head, _, first, *_ = section(body, "Timeline")
    assert head == "| UTC | Europe/Berlin | what | who |"
    assert first.startswith("| 2026-11-24 03:00:05 | 2026-11-24 04:00:05 | IncidentOpened (")
    assert (document.op, document.revision, document.base_revision) == ("draft", 1, 0)


def test_it_says_what_went_badly() -> None:
    story = Story(library())
    story.alert(severity="critical")
    story.at(400).responds("acknowledge")
    story.at(500).resolves(severity="critical")
    assert section(documents(story)[0].body, "What did not go well") == [
        "- user:alice was paged (level 1) and did not acknowledge in time"
    ]
    assert section(documents(story)[0].body, "Timeline")[0] == "| UTC | what | who |", "a team without a zone"


def test_facts_write_it_again_and_what_is_none_does_not() -> None:
    story = resolved()
    story.at(200).responds("annotate", text="it was the cache")
    story.at(210).responds("feedback", text="right")
    story.at(220).responds("snooze")  # refused
    story.at(230).responds(None, object_id=documents(story)[0].object_id, external_key="W-1")
    for second in (240, 250):
        story.at(second).responds(
            None, object_id=documents(story)[0].object_id, status="failed", reason="down"
        )
    assert [(each.revision, each.base_revision, each.op) for each in documents(story)] == [
        (1, 0, "draft"),
        (2, 1, "draft"),
        (3, 2, "draft"),
    ]
    assert "it was the cache" in documents(story)[1].body
    assert "- people said that the runbook was right" in documents(story)[2].body
    assert story.incident.document_status == "draft"


def test_a_late_answer_of_a_step_is_a_fact() -> None:
    story = resolved(page(look(timeout=timedelta(seconds=300)), mend()))
    count = len(documents(story))
    story.at(150).answer("look")
    assert len(documents(story)) == count + 1


def test_while_it_is_open_again_nothing_is_written_and_then_it_is() -> None:
    story = resolved()
    story.at(200).alert(severity="critical", starts=200)
    story.at(210).responds("annotate", text="again")
    assert len(documents(story)) == 1
    story.at(220).resolves(severity="critical", starts=200)
    assert [each.revision for each in documents(story)] == [1, 2]
    assert "- it came back once after it had been resolved" in documents(story)[-1].body


def test_that_it_was_acknowledged_first_counts_also_when_it_came_back() -> None:
    story = resolved()
    story.at(200).alert(severity="critical", starts=200)
    story.at(4000).asks("alice", "acknowledge")
    story.at(4100).resolves(severity="critical", starts=200)
    assert section(documents(story)[-1].body, "Figures")[0] == "- Time to acknowledge: 40s"


TASK = "- [ ] Fix the leak (shop, due 2026-11-29)"


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_left_to_be_done_is_what_becomes_tickets(by_hand) -> None:
    leak = FollowUp("Fix the leak", "service", timedelta(days=5))
    story = Story(library(page(*(() if by_hand else (look(),)), follow_ups=(leak,))))
    story.alert(severity="critical")
    if not by_hand:
        story.answer("look")
        story.asks("alice", "run", runbook_id="crash")
    story.at(100).resolves(severity="critical")
    assert section(documents(story)[-1].body, "Follow-up") == [TASK]
    story.at(1000)
    assert len(story.put_out(TicketCommand, is_follow_up=True)) == 1


def test_an_alert_whose_name_has_a_backtick_stays_in_its_place() -> None:
    story = Story(library())
    story.alert("Crash` <b>", severity="critical")
    story.at(10).resolves("Crash` <b>", severity="critical")
    (line,) = section(documents(story)[0].body, "Detection")
    assert line.startswith("The alert `Crash' &lt;b>` of cart")


def test_a_person_makes_it_final_and_then_it_is_not_overwritten() -> None:
    story = resolved()
    story.at(200).asks("alice", "finalize")
    assert [each.op for each in documents(story)] == ["draft", "final"]
    assert "ReviewFinalized (by_person) alice" in documents(story)[-1].body
    story.at(210).responds("annotate", text="one thing more")
    assert story.told("NoteAdded") == ["by_person", "by_person"], "the fact is noted all the same"
    story.at(220).asks("bob", "finalize")
    assert story.told("ResponseRefused") == ["already_final"]
    story.at(3000)
    assert len(documents(story)) == 2


def test_the_documents_own_answer_makes_it_final_and_nothing_is_sent() -> None:
    story = resolved()
    story.at(200).responds(
        None,
        incident_id="",
        object_id=documents(story)[0].object_id,
        output={"final": True},
        actor=vouched("alice"),
    )
    assert story.told("ReviewFinalized") == ["in_the_document"]
    story.at(210).responds("annotate", text="one thing more")
    assert len(documents(story)) == 1
    assert story.incident.document_status == "final"


def test_an_open_incident_has_no_review_to_make_final() -> None:
    story = Story(library())
    story.alert()
    story.responds("finalize")
    assert story.told("ResponseRefused") == ["not_in_this_state"]


def closed() -> tuple[Story, str]:
    story = resolved(page(look(), mend(), quiet()))
    incident = story.incident.id
    story.at(1000)
    assert not story.record.incidents
    return story, incident


@pytest.mark.parametrize("days", [1, 6])
def test_facts_reach_it_for_a_week_after_it_was_closed(days) -> None:
    story, incident = closed()
    last = documents(story)[-1]
    assert (last.op, "- **Status**: closed" in last.body) == ("draft", True)
    version = story.put_out(IncidentSnapshot)[-1].version
    story.at(days * DAY).responds("annotate", incident_id=incident, text="found the leak")
    newest = documents(story)[-1]
    assert (newest.revision, newest.base_revision) == (last.revision + 1, last.revision)
    assert "found the leak" in newest.body
    snapshot = story.put_out(IncidentSnapshot)[-1]
    assert (snapshot.status, snapshot.version) == ("closed", version + 1)
    story.responds("acknowledge", incident_id=incident)
    story.responds("reopen", incident_id=incident)
    assert story.told("ResponseRefused") == ["not_in_this_state", "not_in_this_state"]
    assert not story.record.incidents
    assert not story.record.timers
    story.asks("alice", "finalize", incident_id=incident)
    assert documents(story)[-1].op == "final"


def test_after_a_week_it_is_a_dead_letter() -> None:
    story, incident = closed()
    count = len(documents(story))
    story.at(8 * DAY).responds("annotate", incident_id=incident, text="too late")
    assert [each.reason for each in story.put_out(DeadLetter)] == ["unknown_incident"]
    assert len(documents(story)) == count


def test_a_late_answer_reaches_a_closed_incident_and_starts_nothing() -> None:
    story, _ = closed()
    commands, pages = len(story.put_out(StepCommand)), len(story.put_out(EscalationCommand))
    story.at(2000).answer("look")
    assert story.told("StepResultLate") or story.put_out(IncidentEvent)[-1].reason == "step_is_over"
    assert (len(story.put_out(StepCommand)), len(story.put_out(EscalationCommand))) == (commands, pages)
    assert not story.record.incidents


def test_the_shelf_is_bounded_and_final_ones_leave_it_first() -> None:
    story = Story(library(reopen_window=timedelta(seconds=5)))
    known = []
    for turn in range(SHELF + 3):
        story.at(turn * 100).alert(severity="critical", pod=f"p{turn}", starts=turn * 100)
        known.append(story.incident.id)
        story.at(turn * 100 + 1).resolves(severity="critical", pod=f"p{turn}", starts=turn * 100)
        if turn == SHELF - 1:
            story.responds("finalize")
    story.at(5000)
    assert list(story.record.shelf) == [*known[2 : SHELF - 1], *known[SHELF:]]


def sized(story: Story) -> int:
    return sum(len(each.model_dump_json(exclude_defaults=True)) for each in story.record.shelf.values())


def test_facts_do_not_make_the_shelf_larger_than_it_may_be() -> None:
    story, incident = closed()
    for number in range(300):
        who = Actor(provider="slack", id="y" * 400)
        story.responds("annotate", incident_id=incident, text="x" * 500, id=f"n{number}", actor=who)
        assert sized(story) <= SHELF_BYTES
    assert story.put_out(DeadLetter)[0].reason == "unknown_incident"


def test_one_that_is_too_large_leaves_the_others_where_they_are() -> None:
    story, incident = closed()
    story.at(2000).alert(severity="critical", starts=2000)
    for number in range(300):
        who = Actor(provider="slack", id="y" * 400)
        story.responds("annotate", text="x" * 500, id=f"n{number}", actor=who)
    story.resolves(severity="critical", starts=2000)
    story.at(4000)
    assert not story.record.incidents
    assert list(story.record.shelf) == [incident]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\nb", "a b"),
        ("| a |", "\\| a \\|"),
        ("a\\|b", "a\\\\\\|b"),
        ("<script>", "&lt;script>"),
        ("![x](http://elsewhere/x.png)", "!\\[x](http://elsewhere/x.png)"),
        ("  ", ""),
    ],
)
def test_words_of_others_break_no_line_and_no_table(words, shown) -> None:
    assert plain(words) == shown


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["annotate", "feedback", "finalize", "reopen", "resolve", "acknowledge", "receipt"]),
        st.sampled_from([1, 30, 700]),
    ),
    max_size=12,
)


@given(DEEDS)
@settings(max_examples=40, deadline=None)
def test_whatever_people_do_each_document_rests_on_the_one_before_and_a_final_one_is_the_last(deeds) -> None:
    story = Story(library())
    story.alert(severity="critical")
    incident, second = story.incident.id, 0
    for number, (deed, pause) in enumerate(deeds):
        second += pause
        if deed == "receipt" and documents(story):
            story.at(second).responds(
                None, object_id=documents(story)[-1].object_id, external_key=f"W-{number}"
            )
        elif deed != "receipt":
            text = "right" if deed == "feedback" else f"note {number}"
            story.at(second).asks("alice", deed, incident_id=incident, text=text)
    written = documents(story)
    assert [each.revision for each in written] == list(range(1, len(written) + 1))
    assert all(each.base_revision == each.revision - 1 for each in written)
    assert "final" not in [each.op for each in written[:-1]]
    drafts = [each.body for each in written if each.op == "draft"]
    assert all(one != other for one, other in pairwise(drafts))


def test_several_facts_in_one_message_write_what_they_write_one_by_one() -> None:
    def written(size: int) -> list[str]:
        story = Story(library())
        story.alert(severity="critical")
        incident = story.incident.id
        wishes = (
            [("resolve", "")] + [("annotate", f"fact {number}") for number in range(4)] + [("finalize", "")]
        )
        signals = [
            Signal(
                identity=f"response:w{number}",
                body=ResponseSignal(
                    response=Response(response=kind, incident_id=incident, text=text, actor=vouched("alice"))
                ),
            )
            for number, (kind, text) in enumerate(wishes)
        ]
        for start in range(0, len(signals), size):
            story.apply(*signals[start : start + size])
        return [each.id for each in documents(story)]

    assert written(6) == written(1)
    assert len(written(1)) == 6


PIECES = [
    "|",
    "\\",
    "`",
    "```",
    "<b>",
    "<!--",
    "![a](b)",
    "[a]: b",
    "*",
    "#",
    "\n\n## Ours",
    "\n",
    "- ",
    "> ",
    "word",
]
NASTY = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@given(NASTY, NASTY, NASTY)
@settings(max_examples=60, deadline=None)
def test_whatever_others_write_it_has_its_sections_and_one_table(name, note, who) -> None:
    story = Story(library())
    story.alert(name, severity="critical")
    actor = Actor(provider="slack", id=who)
    story.responds("annotate", text=note, actor=actor)
    story.reports(note + "word", service="cart")
    story.responds("resolve", text=note, actor=actor)
    page_ = MarkdownIt("commonmark", {"html": True}).enable("table").render(documents(story)[-1].body)
    assert (page_.count("<h1>"), page_.count("<h2>"), page_.count("<table>")) == (1, 10, 1)
    assert {row.count("<td>") for row in page_.split("<tr>")[2:]} == {3}
    assert not any(each in page_ for each in ("<b>", "<!--", "<img"))
