"""Executions that people steer: where stories of them begin."""

from __future__ import annotations

from tests.core.estate import library, look, mend, page
from tests.core.story import Story


def begun(*steps, pages=(), **fields) -> Story:
    story = Story(library(page(*(steps or (look(), mend())), **fields), *pages))
    story.alert()
    return story


def refused(story: Story) -> str:
    (reason,) = story.told("ResponseRefused")
    return reason


def failed() -> Story:
    story = begun()
    story.answer("look", "failed")
    return story
