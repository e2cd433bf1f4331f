"""One run of chaos: load, harm, quiet, and the verdict."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.connectors.errors import KafkaUnreachableError
from app.library.compile import compile_library
from app.settings import Settings
from app.simulate.estate import FILES as ESTATE
from tests.chaos.fleet import FAILPOINTS, Fleet
from tests.chaos.judge import Topics, judge
from tests.chaos.load import Load
from tests.chaos.pausing import AT_MOST_MS, LATEST, judge_pause, pause_for_a_while
from tests.support.brokers import process_kafka
from tests.support.replay import replayed
from tests.support.worker import make_topics

SESSION_S = 6
_WEDGED = """---
id: wedged
match: ['alertname="Wedged"']
---
## Mitigation
```yaml step=undo
action: undo
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 10s
```
"""
FILES = {**ESTATE, "guards.yaml": "guards: {executions: {overall: 40}}\n", "wedged.md": _WEDGED}
"""The estate, with a page that changes something at once; and an executor that loses and fails so much would soon have guards like
its own leave everything to people."""
_PREFIX = "chaos"
_QUIET_S = 5
_STEADY_LOOKS = 4
_AT_MOST = 1.5
"""How many times as long harm may be done until the counts are reached."""


@dataclass(frozen=True)
class Form:
    """How long, how hard, and the least that must have happened for the run to count."""

    seconds: float
    rate: float
    """Inputs a second."""
    kill_every: float
    leave_every: float
    broker_every: float
    kills: int
    failpoints: int
    inputs: int


LONG = Form(600, 90, kill_every=8, leave_every=40, broker_every=140, kills=50, failpoints=20, inputs=50_000)
SHORT = Form(50, 60, kill_every=9, leave_every=25, broker_every=30, kills=4, failpoints=1, inputs=2_000)

ZEROS = (
    "inputs lost",
    "messages that the engine failed on",
    "timers lost",
    "repeats among committed",
    "repeats sent, other bytes",
    "differences from replay",
)
"""What must never be."""
SOME = (
    *("intake repeats", "repeats sent", "timers fired", "outputs committed", "broker kills"),
    *("acting commands before the pause", "acting commands after the pause"),
)
"""What must have been there, else nothing was proved; a short run may lack the repeats."""


@dataclass
class Run:
    """What a run came to."""

    form: Form
    seed: int
    figures: dict = field(default_factory=dict)
    differences: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    last_words: list = field(default_factory=list)

    def faults(self):
        """Give what speaks against it, in words."""
        told = [f"{name}: {self.figures[name]}, and must be 0" for name in ZEROS if self.figures[name]]
        told += [f"{name}: none" for name in SOME if not self.figures[name] and not self._may_lack(name)]
        for name, floor in (
            ("kills", self.form.kills),
            ("failpoint kills", self.form.failpoints),
            ("inputs", self.form.inputs),
        ):
            if self.figures[name] < floor:
                told.append(f"{name}: {self.figures[name]}, fewer than {floor}")
        if self.figures[LATEST] > AT_MOST_MS:
            told.append(f"{LATEST}: {self.figures[LATEST]}, and must be at most {AT_MOST_MS}")
        if self.form is LONG:
            told += [
                f"killed at {point}: never" for point in FAILPOINTS if not self.figures[f"killed at {point}"]
            ]
        told += [f"{place} was lost" for place in self.lost]
        return told + [f"{each['where']}: {each['what']}: {each['detail']}" for each in self.differences]

    def _may_lack(self, name):
        return self.form is not LONG and "repeats" in name


def run(form, seed, say=lambda _: None):
    """Run it on a Kafka of its own; give the Run. Raises NoRealKafka where there can be none."""
    done = Run(form, seed)
    with ExitStack() as stack:
        broker = stack.enter_context(process_kafka())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oncall-chaos-")))
        settings = _settings(broker, folder)
        make_topics(broker, _PREFIX)
        load = Load(broker.bootstrap_servers, _PREFIX, form.rate, seed)
        named = (
            "bootstrap_servers",
            "topic_prefix",
            "app_id",
            "runbooks",
            "output_format",
            "session_timeout",
        )
        fleet = Fleet({name: getattr(settings, name) for name in named}, folder, Random(f"fleet/{seed}"))
        stack.enter_context(fleet)
        topics = Topics(settings)
        with load.running():
            done.figures["broker kills"] = _harm(form, fleet, load, broker, say)
            load.go_on_at(SHORT.rate)  # a pause is measured under this, however hard the harm
            fleet.settle(within=120)
            if not _await_steady(fleet, topics, form):
                say("this machine does not keep up with the load: what a pause takes says little")
            say("automation is paused under load")
            pause_for_a_while(fleet, settings)
            say("a rolling restart under load")
            fleet.roll()
            say("no more load; waiting until all is taken")
            load.enough()
            _settle(fleet, topics)
        _settle(fleet, topics)  # the last answers
        ended = datetime.now(UTC)
        _check_ends(fleet, done)
        say("counting what is there")
        judged, done.lost = judge(topics, compile_library(FILES), ended)
        _count(done, fleet, load, judged | judge_pause(topics))
        say("deciding all of it again")
        told = replayed(broker.bootstrap_servers, _PREFIX, within=1800)
        done.differences = told["differences"]
        done.figures |= {
            "compared with replay": told["compared"],
            "differences from replay": len(told["differences"]),
        }
    return done


def _settings(broker, folder):
    library = folder / "library"
    library.mkdir()
    for name, text in FILES.items():
        (library / name).write_text(text)
    return Settings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=_PREFIX,
        app_id=_PREFIX,
        runbooks=library,
        output_format="json",
        session_timeout=SESSION_S,
    )


def _harm(form, fleet, load, broker, say):
    """Do harm until the time is over; give how often the broker was killed."""
    fleet.wait(lambda: all(slot.applied for slot in fleet.slots), within=120)
    begun = told = time.monotonic()
    due = {
        fleet.kill: form.kill_every,
        lambda: fleet.pause(SESSION_S * 1.5): form.kill_every * 3,
        fleet.leave: form.leave_every,
    }
    next_at = {action: begun + every / 2 for action, every in due.items()}
    broker_at, broker_kills = begun + form.broker_every / 2, 0
    while (passed := time.monotonic() - begun) < form.seconds or (
        passed < form.seconds * _AT_MOST and not _has_enough(form, fleet)
    ):
        fleet.tick()
        for action, every in due.items():
            if time.monotonic() >= next_at[action] and action():
                next_at[action] = time.monotonic() + every * fleet.random.uniform(0.6, 1.4)
        if time.monotonic() >= broker_at:
            broker.node.restart()
            broker_kills += 1
            broker_at = time.monotonic() + form.broker_every
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(
                f"{passed:.0f} s of {form.seconds:.0f}: {load.total} inputs, {sum(fleet.kills.values())} kills, {dict(fleet.others)}"
            )
        time.sleep(0.1)
    return broker_kills


def _await_steady(fleet, topics, form):
    """Wait until what the harm left is taken, so that look by look less than a second's load is left; False if it never is."""
    looks = 0

    def is_steady():
        nonlocal looks
        looks = looks + 1 if _is_caught_up(topics, form) else 0
        return looks >= _STEADY_LOOKS

    try:
        fleet.wait(is_steady, within=120)
    except TimeoutError:
        return False
    return True


def _is_caught_up(topics, form):
    """Whether less than a second's load is left to take; a broker that was just killed may not say."""
    try:
        return topics.lag() < form.rate
    except KafkaUnreachableError:
        return False


def _has_enough(form, fleet):
    """Whether enough workers were killed; on a slow machine it takes longer until each has done something to be killed for."""
    points = sum(fleet.kills[point] for point in FAILPOINTS)
    return sum(fleet.kills.values()) >= form.kills and points >= form.failpoints


def _settle(fleet, topics):
    """Wait until nothing has been left to take for a while."""
    quiet_since = time.monotonic()

    def is_quiet():
        nonlocal quiet_since
        if topics.lag() > 0:
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > _QUIET_S

    fleet.wait(is_quiet, within=300)


def _check_ends(fleet, done):
    codes = fleet.end()
    if any(codes):
        done.differences.append({"where": "workers", "what": "SIGTERM", "detail": f"they ended with {codes}"})


def _count(done, fleet, load, judged):
    kills, points = fleet.kills, {f"killed at {point}": fleet.kills[point] for point in FAILPOINTS}
    done.last_words = fleet.last_words
    done.figures |= {
        "inputs": load.total,
        "kills": sum(kills.values()),
        "failpoint kills": sum(points.values()),
        **points,
        "kill -9": kills["kill -9"],
        "pauses past the session": kills["pause"],
        **{f"workers {name}": count for name, count in sorted(fleet.others.items())},
        **{f"starts, {name}": count for name, count in sorted(fleet.starts.items())},
        **judged,
    }


def table(done):
    """Give the figures as lines."""
    width = max(map(len, done.figures))
    return "\n".join(f"{name:<{width}}  {count:>9,}" for name, count in done.figures.items())


def tell(words):
    """Say on stderr how it goes."""
    print(f"{datetime.now(UTC):%H:%M:%S} chaos: {words}", file=sys.stderr, flush=True)
