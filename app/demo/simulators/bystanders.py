"""Simulated bystanders: the pipeline that deploys, people who report what they see, and senders of rubbish."""

from __future__ import annotations

import asyncio

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.demo.story import Event, Noise, Report, Story
from app.model.topics import SYSTEM_EVENTS, USER_REPORTS


async def act(client: Client, estate: Estate) -> None:
    """Send all events, reports and noise of the scenario."""
    async with asyncio.TaskGroup() as group:
        for story in estate.scenario.stories:
            for number, event in enumerate(story.events):
                group.create_task(_happen(client, estate, story, event, number))
            for number, report in enumerate(story.reports):
                group.create_task(_report(client, estate, story, report, number))
        for noise in estate.scenario.noise:
            group.create_task(_disturb(client, estate, noise))


async def _happen(client: Client, estate: Estate, story: Story, event: Event, number: int) -> None:
    await estate.until(event.at)
    estate.tell("pipeline", story.domain, event.summary)
    await client.send(
        SYSTEM_EVENTS,
        {
            "id": f"{story.id}-event-{number}-round-{estate.round}",
            "source": "https://ci.example/pipelines",
            "type": event.type,
            "subject": f"deployment/{event.service}",
            "time": now_text(),
            "service": event.service,
            "summary": event.summary,
        },
    )


async def _report(client: Client, estate: Estate, story: Story, report: Report, number: int) -> None:
    await estate.until(report.at)
    estate.tell("reporter", story.domain, f"{report.reporter}: {report.text}")
    await client.send(
        USER_REPORTS,
        {
            "id": f"{story.id}-report-{number}-round-{estate.round}",
            "text": report.text,
            "reporter": report.reporter,
            "channel": "#helpdesk",
            "service": report.service,
            "severity": report.severity,
            "time": now_text(),
        },
    )


async def _disturb(client: Client, estate: Estate, noise: Noise) -> None:
    await estate.until(noise.at)
    estate.tell("noise", "", f"on {noise.topic}: {noise.tells}")
    await client.send(noise.topic, noise.value)
