"""Brokers for tests, what may run beside what, and one line at the end that says which of them ran on a real Kafka."""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack

import pytest

from tests.support import brokers
from tests.support.brokers import NoRealKafka

MARKER = "real_kafka"
NEEDS_REAL = {"real_kafka", "kafka_node"}
PROCESSES = "processes"
HOW = pytest.StashKey[str]()
BEHIND = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def real_kafka(request):
    """The run's real Kafka (a `Broker`), shared by all tests: never kill it, and name topics with `topic_prefix`."""
    yield from _real(request, brokers.real_kafka())


@pytest.fixture
def kafka_node(request):
    """A `Broker` of the test's own, whose `.node` it may kill and restart."""
    yield from _real(request, brokers.process_kafka())


@pytest.fixture(scope="session")
def embedded_broker():
    """The product's embedded broker (a `Broker`), shared by all tests."""
    with brokers.embedded() as broker:
        yield broker


@pytest.fixture
def topic_prefix() -> str:
    """A prefix no other test has, so that one broker serves all: topics, groups and transactional ids start with it."""
    return f"t{uuid.uuid4().hex[:8]}"


def pytest_configure(config):
    config.addinivalue_line(
        "markers", f"{MARKER}: uses a real Apache Kafka (put on by itself, from the fixtures)"
    )


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items):
    for item in items:
        if NEEDS_REAL.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(MARKER)
        if item.get_closest_marker(MARKER):
            item.add_marker(PROCESSES)
        if item.get_closest_marker(PROCESSES):
            # One at a time, all on one real Kafka; with xdist's `--dist loadgroup` the largest group begins first.
            item.add_marker(pytest.mark.xdist_group(PROCESSES))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Let what only reckons stand back behind brokers and workers, which have clocks to keep, where both run at once."""
    stash = item.config.stash
    if "PYTEST_XDIST_WORKER" in os.environ and not item.get_closest_marker(PROCESSES) and BEHIND not in stash:
        os.nice(10)
        stash[BEHIND] = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Resolve the broker's jars before the first test: a download must not count against a test's timeout."""
    if not session.config.option.collectonly and any(
        item.get_closest_marker(MARKER) for item in session.items
    ):
        brokers.prepare()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item):
    """Note on the item, and so on its reports (those of xdist's workers too), which Kafka it ran on."""
    how = item.config.stash.get(HOW, None)
    if how is not None and item.get_closest_marker(MARKER) and (MARKER, how) not in item.user_properties:
        item.user_properties.append((MARKER, how))


def pytest_terminal_summary(terminalreporter):
    reports = [
        report
        for outcome in ("passed", "failed", "skipped", "xfailed", "xpassed")
        for report in terminalreporter.stats.get(outcome, ())
        if MARKER in getattr(report, "keywords", ())
    ]
    if not reports:
        return
    skipped = sum(report.skipped and not hasattr(report, "wasxfail") for report in reports)
    ran = sum(
        report.when == "call" for report in reports if not report.skipped or hasattr(report, "wasxfail")
    )
    hows = sorted({how for report in reports for name, how in report.user_properties if name == MARKER})
    line = f"real Kafka ({', '.join(hows) or 'none'}): {ran} tests ran, {skipped} skipped"
    terminalreporter.write_line(line)


def _real(request, opening):
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(opening)
        except NoRealKafka as none:
            pytest.skip(str(none))
        request.config.stash[HOW] = broker.how
        yield broker
