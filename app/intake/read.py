"""What each topic that intake reads carries, read: signals with their domains, or dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.core.domains import place_event, place_report
from app.core.identity import input_identity
from app.core.letters import PUT_BACK, dead_letters, source_of
from app.core.notices import notice_signal
from app.intake.alerts import read_alerts
from app.intake.cloudevents import with_flat_data
from app.intake.normalise import (
    check_answer,
    check_names,
    check_notice,
    check_silence,
    normal_event,
    normal_report,
)
from app.intake.placed import Placed, placed
from app.model.inputs import (
    Answer,
    Response,
    ResponseSignal,
    StepResult,
    StepResultSignal,
    SystemEvent,
    SystemEventSignal,
    UserReport,
    UserReportSignal,
)
from app.model.library import Library
from app.model.messages import Message
from app.model.notices import CONTROL, Notice
from app.model.outputs import DeadLetter
from app.model.signals import Signal
from app.model.topics import ALERTS, NOTICES, RESPONSES, STEP_RESULTS, SYSTEM_EVENTS, USER_REPORTS
from app.wire.decode import datum_of, decode, validate
from app.wire.errors import WireError

Reader = Callable[[Message, Library], Iterator[Placed | DeadLetter]]


def read_message(message: Message, library: Library) -> list[Placed | DeadLetter]:
    """Read a message of an input topic; whatever its bytes are, the answer is signals or dead letters."""
    try:
        return list(READERS[message.topic](message, library))
    except WireError as error:
        return [*dead_letters(message, error.reason, error.detail, field=error.field)]


def _event(message: Message, library: Library) -> Iterator[Placed]:
    event = normal_event(validate(with_flat_data(datum_of(message.value, SystemEvent)), SystemEvent))
    source = source_of(message)
    placement = place_event(event, library)
    known = event.model_copy(
        update={"service": placement.service or event.service, "environment": placement.environment}
    )
    identity = input_identity("system_event", f"{event.source}|{event.id}" if event.id else "", source)
    yield placed(
        placement.domain, Signal(identity=identity, source=source, body=SystemEventSignal(event=known))
    )


def _report(message: Message, library: Library) -> Iterator[Placed]:
    report = normal_report(decode(message.value, UserReport))
    source = source_of(message)
    placement = place_report(report, library)
    known = report.model_copy(update={"environment": placement.environment})
    identity = input_identity("user_report", report.id, source)
    yield placed(
        placement.domain, Signal(identity=identity, source=source, body=UserReportSignal(report=known))
    )


def _step_result(message: Message, _library: Library) -> Iterator[Placed]:
    result = decode(message.value, StepResult)
    check_answer(result)
    if not (result.command_id or result.object_id):
        raise WireError(
            "missing_field", "Give the id of the command that is answered, or its object_id.", "command_id"
        )
    source = source_of(message)
    identity = input_identity("step_result", _answer_id(result, message), source)
    yield placed(
        result.domain, Signal(identity=identity, source=source, body=StepResultSignal(result=result))
    )


def _response(message: Message, _library: Library) -> Iterator[Placed]:
    response = decode(message.value, Response)
    check_answer(response)
    check_names(response)
    check_silence(response)
    if response.domain != CONTROL and not (response.incident_id or response.object_id or response.command_id):
        raise WireError(
            "missing_field", "Give the incident, or the object or command that is answered.", "incident_id"
        )
    source = source_of(message)
    identity = input_identity("response", _answer_id(response, message), source)
    yield placed(
        response.domain, Signal(identity=identity, source=source, body=ResponseSignal(response=response))
    )


def _notice(message: Message, _library: Library) -> Iterator[Placed]:
    notice = decode(message.value, Notice)
    check_notice(notice)
    yield placed(notice.domain, notice_signal(notice, source_of(message)))


def _answer_id(answer: Answer, message: Message) -> str:
    """Give its id; one that was put back has another than when the engine refused it, and remembered that it had."""
    letter = dict(message.headers).get(PUT_BACK)
    return f"{answer.id}/{letter.decode(errors='replace')}" if answer.id and letter else answer.id


READERS: dict[str, Reader] = {
    ALERTS: read_alerts,
    SYSTEM_EVENTS: _event,
    USER_REPORTS: _report,
    STEP_RESULTS: _step_result,
    RESPONSES: _response,
    NOTICES: _notice,
}
"""The reader of each topic."""
