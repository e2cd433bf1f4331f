"""Follow-ups of pages become tickets when the incident closes, and their owners are reminded until the tickets are closed.

The incident leaves the record then; what is to be remembered of its tasks stays, bounded, with a timer for each that is due.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.bounds import LINE_CHARS, OWN_TASKS, TASKS, TEXT_CHARS, cut
from app.core.chat.cards import facts
from app.core.correlation import OPEN
from app.core.desk import channel_of, home_named, tickets_of
from app.core.draft import Draft, links_of
from app.core.identity import output_id
from app.core.left_over import left_over
from app.core.people import named
from app.core.tickets.incident_ticket import is_closed, settings_for
from app.model.commands import ChatBlock, ChatButton, ChatCommand, Link, TicketCommand
from app.model.desk import TicketSettings
from app.model.incident import Incident
from app.model.inputs import Response
from app.model.keeping import Task
from app.model.runbook import FollowUp
from app.model.timers import Timer
from app.model.words import AnswerStatus, Mode, ResponseKind, TimerKind

TIMER = "task/"
"""How the ids of its timers begin."""


def open_tasks(draft: Draft, incident_id: str) -> None:
    """Open a ticket for each follow-up of the incident's pages, the first 20; one that is still to be done from last time gets a comment."""
    incident = draft.incidents[incident_id]
    is_live = incident.mode is not Mode.SHADOW
    for number, follow_up in enumerate(left_over(draft, incident)[:OWN_TASKS]):
        task = _task(draft, incident, number, follow_up)
        same = next((each for each in draft.tasks.values() if is_live and _is_same(each, task)), None)
        if same is not None:
            _comment(draft, same, f"It happened again: {incident.title} ({incident.id}).")
            continue
        _open(draft, incident, task)
        if is_live:  # in shadow nobody answers, so that nothing would ever end it
            _keep(draft, task)


def task_id(domain: str, incident_id: str, number: int) -> str:
    """Give the object id of a follow-up's ticket."""
    return output_id(domain, incident_id, f"follow-up/{number}")


def tasks_of(domain: str, incident_id: str) -> list[str]:
    """Give the ids of all follow-ups that an incident may have left; they are made of its own, so that nothing need be remembered."""
    return [task_id(domain, incident_id, number) for number in range(OWN_TASKS)] if incident_id else []


def thread_id(domain: str, id_: str) -> str:
    """Give the object id of the conversation in which a task's owner is reminded."""
    return output_id(domain, id_, "reminders")


def on_timer(draft: Draft, timer: Timer) -> None:
    """Remind of a task that is not done though it is due: on its ticket and in the channel."""
    if not draft.library.rules.remind_every:  # they were switched off since
        return
    task = draft.tasks[timer.id.removeprefix(TIMER)]
    owner = task.owner or "nobody"
    due = f"{task.due:%Y-%m-%d}" if task.due else "now"
    words = f"Reminder {task.reminded + 1}: this was due on {due}. Owner: {owner}."
    task = _comment(draft, task, words)
    task = _put(draft, task.model_copy(update={"reminded": task.reminded + 1}))
    _remind_in_chat(draft, task, f"Follow-up due on {due}, owner {owner}: {task.text}")
    _set_timer(draft, task, draft.at + draft.library.rules.remind_every)


def on_response(draft: Draft, response: Response) -> bool:
    """Take an answer about a task's ticket, or a person's word that it is done; False where it is about no task.

    Of one that is remembered no more, because it is done, nothing is to be done.
    """
    task = draft.tasks.get(response.object_id)
    if task is None:
        incident = draft.incidents.get(response.incident_id)
        is_open = incident is not None and incident.status in OPEN  # such a one has no tasks yet
        return not is_open and response.object_id in tasks_of(draft.domain, response.incident_id)
    if response.response is ResponseKind.RESOLVE:
        fields = {"status": _settings(draft, task).states.get("closed", "closed")}
        _ticket(draft, task, "transition", f"Done, says {named(response.actor, draft.library)}.", fields)
        _drop(draft, task)
    elif response.response is None and is_closed(response.state, _settings(draft, task)):
        _drop(draft, task)
    elif response.external_key and response.status is AnswerStatus.SUCCEEDED:
        known = {"key": cut(response.external_key, LINE_CHARS), "url": cut(response.external_url, TEXT_CHARS)}
        _put(draft, task.model_copy(update=known))
    return True


def _task(draft: Draft, incident: Incident, number: int, follow_up: FollowUp) -> Task:
    begun = incident.resolved_at or draft.at
    return Task(
        id=task_id(draft.domain, incident.id, number),
        text=cut(follow_up.text, LINE_CHARS),
        owner=(incident.team or incident.service) if follow_up.owner == "service" else follow_up.owner,
        due=begun + follow_up.due if follow_up.due is not None else None,
        incident_id=incident.id,
        service=incident.service,
        home=incident.opened_for if incident.root_moves else incident.service,
        team=incident.team,
        environment=incident.environment,
        severity=incident.severity,
        urgency=incident.urgency,
        mode=incident.mode,
    )


def _is_same(one: Task, other: Task) -> bool:
    return (one.text, one.owner, one.service) == (other.text, other.owner, other.service)


def _open(draft: Draft, incident: Incident, task: Task) -> None:
    command = {
        **_header(draft, task, task.id, task.revision),
        "links": links_of(incident),
        "refs": incident.refs,
        "op": "open",
        "text": f"Follow-up of {incident.title} ({incident.id}).\n\n{facts(incident)}",
        "project": settings_for(draft, incident).project,
        **_bears(task),
    }
    draft.outputs.append(TicketCommand.model_validate(command))
    due = f", due {task.due:%Y-%m-%d}" if task.due else ""
    words = f"{task.text} ({task.owner or 'nobody'}{due})"
    draft.record(incident.id, "FollowUpOpened", "incident_closed", words, data={"task": task.id})


def _keep(draft: Draft, task: Task) -> None:
    _put(draft, task)
    for oldest in list(draft.tasks.values())[:-TASKS]:
        _drop(draft, oldest)
    if task.due is not None:
        _set_timer(draft, task, task.due)


def _put(draft: Draft, task: Task) -> Task:
    draft.tasks = {**draft.tasks, task.id: task}
    return task


def _drop(draft: Draft, task: Task) -> None:
    draft.tasks = {id_: each for id_, each in draft.tasks.items() if id_ != task.id}
    draft.timers.pop(f"{TIMER}{task.id}", None)


def _set_timer(draft: Draft, task: Task, due: datetime) -> None:
    if draft.library.rules.remind_every:
        # It belongs to no incident, for that has left the record.
        due = max(due, draft.at)
        draft.set_timer(Timer(id=f"{TIMER}{task.id}", due=due, kind=TimerKind.STEP_RETRY, incident_id=""))


def _comment(draft: Draft, task: Task, words: str) -> Task:
    return _ticket(draft, task, "comment", words, {})


def _ticket(draft: Draft, task: Task, op: str, words: str, fields: dict[str, str]) -> Task:
    task = _put(draft, task.model_copy(update={"revision": task.revision + 1}))
    command = {
        **_header(draft, task, task.id, task.revision),
        "op": op,
        "text": words,
        "project": _settings(draft, task).project,
        "fields": fields,
        **_bears(task),
    }
    draft.outputs.append(TicketCommand.model_validate(command))
    return task


def _remind_in_chat(draft: Draft, task: Task, words: str) -> None:
    done = ChatButton(id="done", label="Done", response=ResponseKind.RESOLVE, object_id=task.id)
    command = {
        **_header(draft, task, thread_id(draft.domain, task.id), task.reminded),
        "op": "post" if task.reminded == 1 else "reply",
        "text": words,
        "conversation": channel_of(home_named(draft.library, task.home, task.team)),
        "blocks": [ChatBlock(kind="text", text=words)],
        "buttons": [done],
    }
    draft.outputs.append(ChatCommand.model_validate(command))


def _bears(task: Task) -> dict[str, Any]:
    return {"is_follow_up": True, "owner": task.owner, "due": task.due}


def _settings(draft: Draft, task: Task) -> TicketSettings:
    return tickets_of(home_named(draft.library, task.home, task.team))


def _header(draft: Draft, task: Task, object_id: str, revision: int) -> dict[str, Any]:
    """Give the fields that every command about a task bears; its incident has left the record."""
    return {
        "id": draft.new_id(f"{object_id}/{revision}"),
        "object_id": object_id,
        "revision": revision,
        "domain": draft.domain,
        "incident_id": task.incident_id,
        "environment": task.environment,
        "service": task.service,
        "team": task.team,
        "severity": task.severity,
        "urgency": task.urgency,
        "title": task.text,
        "links": [Link(title="Ticket", url=task.url)] if task.url else [],
        "mode": task.mode,
        "issued_at": draft.at,
        "refs": {"ticket": task.key} if task.key else {},
    }
