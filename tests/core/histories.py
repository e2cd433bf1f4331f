"""Random histories: an estate whose pages use every feature, and all that may happen to it, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from app.core.executions import is_at_executor
from app.core.rehearsal import Rehearsal, notice_signal
from app.model.catalog import Blast, Freeze, Guards, Limit
from app.model.commands import ChatCommand, StepCommand, TicketCommand
from app.model.execution import StepRun
from app.model.expressions import Template
from app.model.inputs import Actor
from app.model.library import Library
from app.model.notices import Notice
from app.model.outputs import Output
from app.model.runbook import Approval, ForEach, Input, Probe, Step
from app.model.signals import Signal
from app.model.words import Gate, Mode, Otherwise, Phase
from tests.core.estate import Says, label, library, look, mend, page, quiet, retrying, seconds, used, words
from tests.core.story import START, Story, vouched

ITEM = words("item", lambda names: names["item"])
FIRING = words("incident.firing", lambda names: names["incident"]["firing"])
HAND = Template("Look at ${{ trigger.labels.pod }}", ("Look at ", *label("pod").parts))

SERVICES = ("cart", "stock", "lake")
SEVERITIES = ("warning", "error", "critical")
PEOPLE = ("alice", "bob-too", "carol", "alice-too", "dave", "mallory")
STEERING = ("pause", "resume", "cancel", "take_over", "retry", "skip", "run", "report")
ANSWERS = ("succeeded", "failed", "unknown", "refused", "accepted", "expired")
HAPPENINGS = (
    "alert", "alert", "resolves", *["answers"] * 10, "late", *["approves"] * 6, "rejects", *["report"] * 3,
    *STEERING, "pause_all", "resume_all", "acknowledge", "resolve", "reopen", "feedback",
    "deploys", "reports", "publish", "says", "says", "ticket",
)  # fmt: skip
SAID = (
    "ack", "ack all mine", "approve", "approve act", "reject", "run inner", "run crash", "note x", "assign @bob",
    "resolve", "reopen", "who", "akc", "snooze 5m",
)  # fmt: skip

PAUSES = (*[0] * 10, *[1] * 6, 3, 3, 10, 10, 30, 70, 400)
HAPPENING = st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 30), st.sampled_from(PAUSES))
HISTORIES = st.lists(HAPPENING, max_size=50).map(lambda rest: [("alert", 0, 0), *rest])
"""What happens, which of those it could happen to, and how many seconds after the one before."""


def steps(action: str) -> tuple[Step, ...]:
    """Steps of every kind; what changes something does it by this action."""
    look_again = replace(retrying(look(timeout=seconds(5)), 2), id="act.probe", phase=Phase.MITIGATION)
    done = Says("output.done == true", lambda names: names["output"].get("done", False) is True)
    skipped = Says(
        "steps.cordon.status == 'skipped'", lambda names: names["steps"]["cordon"]["status"] == "skipped"
    )
    return (
        retrying(look(continue_on_error=True, outputs={"x": Says("output", lambda n: str(n["output"]))}), 2),
        look(id="beside", timeout=seconds(25)),
        retrying(
            mend(
                id="act",
                action=action,
                params={"n": FIRING},
                approval=Approval(timeout=seconds(60)),
                probe=Probe(look_again, done),
                rollback=mend(id="act.rollback", action="k.redo", timeout=seconds(20)),
                precondition={"n": 1},
            ),
            2,
        ),
        mend(
            id="cordon",
            action="k.cordon",
            params={"nodes": words("[item]", lambda names: [names["item"]])},
            foreach=ForEach(
                Says("pods", lambda n: [a["labels"]["pod"] for a in n["incident"]["alerts"]]), concurrency=2
            ),
            rollback=mend(id="cordon.rollback", action="k.scale", params={"pod": ITEM}),
            approval=Approval(timeout=seconds(30), otherwise=Otherwise.SKIP),
        ),
        mend(id="call", action="", uses="inner", params={"n": FIRING}, needs=("act",)),
        mend(id="hand", action="", manual=HAND, needs=("cordon",), condition=skipped,
             decides_on=frozenset({"cordon"}), timeout=seconds(100)),
        quiet(),
        look(id="tell", phase=Phase.FOLLOW_UP, on_failure=True, timeout=seconds(10)),
        mend(id="undo", phase=Phase.FOLLOW_UP, on_failure=True, timeout=seconds(10)),
        look(id="dry", phase=Phase.FOLLOW_UP, action="k.undo", dry_run=True),
    )  # fmt: skip


def estate(version: int, mode: Mode = Mode.AUTO, **guards: Any) -> Library:
    """The estate's library, as it is published the so-manieth time."""
    inner = used(
        look(id="peek"), mend(id="fix", action="k.scale", foreach=ForEach(Says("[1, 2]", lambda _: [1, 2]))),
        inputs={"n": Input("n", "integer", default=1)}, outputs={"n": Says("1", lambda _: 1)},
        hash=f"inner{version}", budget=seconds(200),
    )  # fmt: skip
    action = ("k.undo", "k.scale")[version % 2]
    outer = page(*steps(action), hash=f"h{version}", budget=seconds(300))
    frozen = Freeze(START + seconds(1500), START + seconds(1600), "lunch", services=("lake",))
    given = {
        "executions": Limit(service=1, overall=2),
        "commands": {"*": Limit(overall=2), "k.undo": Limit(service=1)},
        "blast": {"k.cordon": Blast(per_command=3, per_hour=6)},
        "breaker_failures": 4,
        "breaker_window": seconds(900),
        "freezes": (frozen,),
        "quiet_after_deploy": seconds(40),
        "runs_to_auto": version % 2,
        **guards,
    }
    return library(
        outer, inner, hash_=f"lib{version}", guards=Guards(**given), reopen_window=seconds(60), mode=mode
    )


OPEN: dict[str, Callable[[StepRun], bool]] = {
    "answers": is_at_executor,
    "approves": lambda run: run.gate is Gate.APPROVAL,
    "rejects": lambda run: run.gate is Gate.APPROVAL,
    "report": lambda run: run.gate is Gate.PERSON,
}
"""What each of these answers."""


def _open(story: Story, what: str) -> list[StepRun]:
    return [
        run
        for incident in story.record.incidents.values()
        for execution in incident.executions
        for run in execution.steps
        if OPEN[what](run)
    ]


@dataclass
class SlowRehearsal(Rehearsal):
    """A world in which what domains tell one another is under way for a while; in order, as on a topic."""

    under_way: list[Notice] = field(default_factory=list)

    def apply(self, domain: str, *signals: Signal) -> list[Output]:
        given = self._decide(domain, *signals)
        self.under_way += [each for each in given if isinstance(each, Notice)]
        self.outputs += given
        return given

    def deliver(self, count: int) -> None:
        """Let so many notices arrive."""
        for _ in range(min(count, len(self.under_way))):
            notice = self.under_way.pop(0)
            self.apply(notice.domain, notice_signal(notice))


class History:
    """An estate that things happen to."""

    def __init__(self, mode: Mode = Mode.AUTO, *, is_slow: bool = False) -> None:
        self.mode, self.version, self.second = mode, 0, 0.0
        first = Story(estate(0, mode))
        if is_slow:
            first.world = SlowRehearsal(first.library, START)
        self.stories = [first, *(first.beside(service) for service in SERVICES[1:])]

    @property
    def world(self) -> Rehearsal:
        return self.stories[0].world

    def play(self, happenings: Iterable[tuple[str, int, float]]) -> History:
        for what, which, pause in happenings:
            self.second += pause
            self.stories[0].at(self.second)
            self._deliver(which % 4)
            concerned = [story for story in self.stories if what not in OPEN or _open(story, what)]
            stories = concerned or self.stories
            self._happen(stories[which % len(stories)], what, which)
        return self

    def end(self) -> History:
        """Resolve what is open, and let all time pass that anything waits for."""
        self.second += 10
        for story in self.stories:
            story.at(self.second)
            for incident in list(story.record.incidents):
                story.asks("alice", "resolve", incident_id=incident)
        for wait in range(20):
            self._deliver(10_000)
            self.stories[0].at(self.second + wait * 5_000)
        return self

    def _deliver(self, count: int) -> None:
        if isinstance(self.world, SlowRehearsal):
            self.world.deliver(count)

    def _happen(self, story: Story, what: str, which: int) -> None:
        person = PEOPLE[which % len(PEOPLE)]
        match what:
            case "alert" | "resolves":
                severity = SEVERITIES[which % 3]
                getattr(story, what)(pod=f"p{which % 4}", starts=round(self.second), severity=severity)
            case "answers" | "late":
                self._answer(story, which, late=what == "late")
            case "approves" | "rejects":
                self._answer_question(story, what, which, person)
            case "pause_all" | "resume_all":
                page_id = "crash" if which % 2 and what == "resume_all" else ""
                story.operator(what.removesuffix("_all"), runbook_id=page_id)
            case "publish":
                self.version += 1
                story.publish(estate(self.version, self.mode))
            case "deploys":
                story.deploys(story.service)
            case "reports":
                story.reports()
            case "says" | "ticket":
                self._talk(story, what, which, person)
            case _:
                self._steer(story, what, which, person)

    def _talk(self, story: Story, what: str, which: int, person: str) -> None:
        """A person says something in chat, or moves a ticket."""
        tickets = story.put_out(TicketCommand)
        if what == "says":
            story.asks(person, "say", text=SAID[which % len(SAID)], conversation="#shop")
        elif tickets:
            state = ("Done", "In Progress")[which % 2]
            story.responds(None, object_id=tickets[which % len(tickets)].object_id, state=state)

    def _answer(self, story: Story, which: int, *, late: bool = False) -> None:
        """An executor answers a command that is open, or any at all."""
        open_ = {run.command_id for run in _open(story, "answers")}
        sent = [each for each in story.put_out(StepCommand, op="run") if late or each.id in open_]
        if sent:
            fields = {"output": {"done": which % 2 == 0}, "retryable": which % 3 == 0}
            status = ANSWERS[which // 4 % len(ANSWERS)] if which % 4 == 0 else "succeeded"
            story.answers(sent[which % len(sent)], status, **fields)

    def _answer_question(self, story: Story, what: str, which: int, person: str) -> None:
        """A person answers a question that is open, or now and then one that is not any more."""
        open_ = {run.approval_id for run in _open(story, what)}
        asked = [
            button
            for chat in story.put_out(ChatCommand)
            for button in chat.buttons
            if button.response == what.removesuffix("s") and (button.object_id in open_ or which % 7 == 0)
        ]
        if asked:
            button = asked[which % len(asked)]
            story.asks(person, button.response.value, object_id=button.object_id, incident_id="")

    def _steer(self, story: Story, what: str, which: int, person: str) -> None:
        executions = [run for each in story.record.incidents.values() for run in each.executions]
        execution = executions[which % len(executions)] if executions and which % 3 else None
        runs = [run.step for run in execution.steps] if execution else ["act", "quiet", "hand", "call"]
        if what == "report" and which % 4 and (handed := _open(story, what)):
            runs = [run.step for run in handed]
            execution = next(each for each in executions if handed[which % len(runs)] in each.steps)
        actor = vouched(person) if which % 5 else Actor(provider="web", id=person)
        story.responds(
            what,
            actor=actor,
            execution_id=execution.id if execution else "",
            step=runs[which % len(runs)] if runs else "",
            runbook_id=("crash", "inner", "nowhere")[which % 3],
            status=("succeeded", "failed", "unknown")[which % 3],
            output={"n": which} if which % 2 else {},
            text=("right", "wrong", "why not")[which % 3],
        )
