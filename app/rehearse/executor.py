"""What an executor of a case answers to a command."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.commands import StepCommand
from app.model.words import AnswerStatus
from app.rehearse.cases import Answer


def answer_to(command: StepCommand, name: str, answers: Mapping[str, tuple[Answer, ...]]) -> Answer:
    """Give the answer that the case has for this attempt; without one the step simply succeeds.

    `name` is the step's path, such as `restart[1].rollback`: what is said of it goes before what is said of `restart.rollback`.
    """
    path = name.removeprefix("dry-run ")
    given = answers.get(path) or answers.get(_of_all_items(path)) or (Answer(),)
    answer = given[min(command.attempt, len(given)) - 1]
    wrong = [fact for fact, value in command.precondition.items() if answer.finds.get(fact, value) != value]
    if wrong:
        words = ", ".join(f"{fact} is {answer.finds[fact]!r}" for fact in wrong)
        return Answer(status=AnswerStatus.REFUSED, reason=f"precondition: {words}", after=answer.after)
    return answer


def _of_all_items(path: str) -> str:
    before, bracket, after = path.partition("[")
    return f"{before}{after.partition(']')[2]}" if bracket else path
