"""The laws, over histories that use every feature: replay equals live, repeats are silent, nothing is left over, all is bounded."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.bounds import EXECUTIONS, RUNS
from app.core.decide import decide_batch
from app.core.record import dump, empty, libraries_needed, load
from app.model.commands import StepCommand
from app.model.incident import IncidentSnapshot
from app.model.notices import Notice
from app.model.outputs import IncidentEvent
from app.model.standings import Standing
from app.model.words import Mode, NoticeKind
from tests.core.histories import HISTORIES, History

MODES = st.sampled_from([Mode.AUTO, Mode.AUTO, Mode.APPROVE, Mode.SUGGEST, Mode.SHADOW])


@given(HISTORIES, MODES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_replay_equals_live_and_repeats_are_silent(happenings, mode, is_slow) -> None:
    history = History(mode, is_slow=is_slow).play(happenings)
    records, outputs = {}, []
    for batch, offset, at in history.world.log:
        record = load(dump(records.get(batch.domain, empty(batch.domain))))
        needed = {name: history.world.libraries[name] for name in libraries_needed(record, batch)}
        decision = decide_batch(record, batch, offset, at, needed)
        repeat = decide_batch(decision.record, batch, offset + 1, at, history.world.libraries)
        assert repeat.outputs == (), "an input that intake repeats changes nothing"
        records[batch.domain], outputs = decision.record, [*outputs, *decision.outputs]
    assert records == history.world.records
    assert outputs == history.world.outputs


@given(HISTORIES, MODES, st.booleans())
@settings(max_examples=100, deadline=None)
def test_nothing_is_left_over_once_everything_is_closed(happenings, mode, is_slow) -> None:
    history = History(mode, is_slow=is_slow).play(happenings).end()
    for domain, record in history.world.records.items():
        assert record.incidents == {}, domain
        assert record.timers == {}, domain
    control = history.stories[0].control
    assert control.permits == {}
    assert control.runs == {}


@given(HISTORIES, MODES, st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_goes_out_keeps_its_promises(happenings, mode, is_slow) -> None:
    history = History(mode, is_slow=is_slow).play(happenings)
    outputs = history.world.outputs
    ids = Counter(each.id for each in outputs if not isinstance(each, IncidentSnapshot | Standing))
    assert [id_ for id_, count in ids.items() if count > 1] == []
    seqs: Counter[str] = Counter()
    for event in outputs:
        if isinstance(event, IncidentEvent):
            seqs[event.incident_id] += 1
            assert event.seq == seqs[event.incident_id]
    commands = [each for each in outputs if isinstance(each, StepCommand)]
    if mode is Mode.SUGGEST:
        assert commands == []
    for command in commands:
        assert command.mode is mode
        if command.op == "run" and command.effect != "read" and mode is Mode.APPROVE:
            by_hand = command.step.endswith(".rollback") or command.dry_run
            assert command.approved_by or by_hand, command


@given(HISTORIES, MODES, st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_command_acts_without_a_permit_and_each_permit_is_given_back(happenings, mode, is_slow) -> None:
    history = History(mode, is_slow=is_slow).play(happenings).end()
    notices = [each for each in history.world.outputs if isinstance(each, Notice)]
    by_kind = {kind: Counter(each.permit_id for each in notices if each.kind is kind) for kind in NoticeKind}
    asked, granted = by_kind[NoticeKind.PERMIT_ASKED], by_kind[NoticeKind.PERMIT_GRANTED]
    returned = by_kind[NoticeKind.PERMIT_RETURNED]
    answered = granted + by_kind[NoticeKind.PERMIT_DENIED] + by_kind[NoticeKind.APPROVAL_NEEDED]
    assert max(asked.values(), default=1) == 1
    assert max(answered.values(), default=1) == 1
    assert set(granted) <= set(returned)
    assert set(asked) == set(answered) | set(returned)
    acting = [
        each
        for each in history.world.outputs
        if isinstance(each, StepCommand) and each.op == "run" and each.effect != "read" and not each.dry_run
    ]
    assert len(acting) <= len(granted)


@given(HISTORIES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_limits_hold_at_every_moment(happenings, is_slow) -> None:
    history = History(is_slow=is_slow)
    for happening in happenings:
        history.play([happening])
        control = history.stories[0].control
        granted = [each for each in control.permits.values() if each.granted_at is not None]
        undo = Counter(each.service for each in granted if each.action == "k.undo")
        others = Counter(each.action for each in granted if each.action != "k.undo")
        assert max(undo.values(), default=0) <= 1
        assert max(others.values(), default=0) <= 2
        assert len(control.runs) <= 2
        assert {each.execution_id for each in granted} <= set(control.runs)


@given(HISTORIES)
@settings(max_examples=40, deadline=None)
def test_records_are_bounded(happenings) -> None:
    history = History().play(happenings)
    for record in history.world.records.values():
        for incident in record.incidents.values():
            assert len(incident.executions) <= EXECUTIONS + RUNS
            shown = {run.object_id for each in incident.executions for run in each.steps}
            rest = set(incident.revisions) - shown
            assert len(rest) <= 3 + len(incident.escalations), "ticket, conversation, document, pages"


@pytest.mark.parametrize("mode", list(Mode))
def test_a_history_in_which_all_goes_well_uses_every_feature(mode) -> None:
    """So that the laws above are not kept by histories in which nothing happens."""
    happenings = [("alert", 0, 0.0), *[("answers", 0, 1.0), ("approves", 0, 1.0), ("report", 0, 1.0)] * 12]
    history = History(mode).play(happenings)
    kinds = {each.type for each in history.world.outputs if isinstance(each, IncidentEvent)}
    assert {"StepStarted" if mode is not Mode.SUGGEST else "StepHandedOver"} <= kinds
    if mode in (Mode.AUTO, Mode.APPROVE):
        assert {"ApprovalAsked", "StepApproved", "PermitAsked", "PermitGranted", "StepSucceeded"} <= kinds
