"""What is looked at before a worker starts: a folder or topics that are wrong are not mended by starting again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.library.lint import lint_folder
from app.settings import Settings
from app.stream.rights import check_rights
from app.stream.topics import BrokerError, Problem, check_broker, check_topics


async def examine(settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Give every problem of the folder and the topics, and the folder's files."""
    folder, files = _examine_folder(settings)
    return [*folder, *await _examine_topics(settings)], files


def _examine_folder(settings: Settings) -> tuple[list[str], dict[str, str]]:
    try:
        files, problems = lint_folder(settings.runbooks)
    except OSError as error:
        return [str(error)], {}
    return [f"{settings.runbooks}/{problem}" for problem in problems if problem.level == "error"], files


async def _examine_topics(settings: Settings) -> list[str]:
    try:
        if settings.embedded:  # it has no topic settings to look at, and makes topics on first use
            await asyncio.to_thread(check_broker, settings)
            return []
        problems = _told(await asyncio.to_thread(check_topics, settings))
        if not problems and settings.security_protocol != "PLAINTEXT":  # only who is known can be refused
            problems = await asyncio.to_thread(check_rights, settings)
    except BrokerError as error:
        return [str(error)]
    return problems


def _told(problems: Sequence[Problem]) -> list[str]:
    """Give one line for what is wrong alike with several topics and has one mend."""
    alike: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        alike.setdefault((problem.message, problem.mend), []).append(problem.topic)
    return [f"{', '.join(topics)}: {message}; {mend}" for (message, mend), topics in alike.items()]
