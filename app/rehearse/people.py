"""What people of a case do, as responses; and whether the engine took them."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.inputs import Actor, Response
from app.model.notices import CONTROL
from app.model.outputs import DeadLetter, IncidentEvent, Output
from app.model.words import AnswerStatus, ResponseKind
from app.rehearse.cases import Wish
from app.rehearse.estate import PROVIDER
from app.rehearse.facts import Facts

REFUSED = ("ApprovalRefused", "ResponseRefused", "ResponseIgnored")


class CannotError(Exception):
    """A person cannot do what the case says; the message says why."""


def response_of(wish: Wish, id_: str, domain: str, facts: Facts) -> Response:
    """Give the response that a person's wish becomes.

    Raises:
        CannotError: the step is not there, or asks for no approval.

    """
    actor = Actor(provider=PROVIDER, id=wish.who, verified_by=PROVIDER)
    common = Response(id=id_, domain=CONTROL if wish.overall else domain, response=wish.kind, actor=actor)
    fields: dict[str, object] = {"incident_id": facts.incident_id}
    if wish.step:
        found = facts.step(wish.step)
        if found is None:
            raise CannotError(f"there is no step {wish.step}")
        run, step = found
        fields |= {"execution_id": run.id, "step": step.step}
        if wish.kind in (ResponseKind.APPROVE, ResponseKind.REJECT):
            if not step.approval_id:
                raise CannotError(f"nobody is asked to approve {wish.step}: it is {step.status.value}")
            fields |= {"object_id": step.approval_id}
    if wish.kind is ResponseKind.REPORT:
        status = AnswerStatus.FAILED if wish.failed else AnswerStatus.SUCCEEDED
        fields |= {"status": status, "output": wish.output}
    return common.model_copy(update=fields)


def was_refused(outputs: Sequence[Output]) -> str:
    """Say in what words the engine refused a response; empty where it took it."""
    for output in outputs:
        if isinstance(output, IncidentEvent) and output.type in REFUSED:
            return output.text or output.reason
        if isinstance(output, DeadLetter):
            return output.detail
    return ""
