"""A bad hour, told in about a minute: what breaks when, who does what, and how each incident is to end."""

from __future__ import annotations

from app.demo.scenario.agreed import AGREED_IN_TIME, NOBODY_AGREED, NOT_EARNED
from app.demo.scenario.careful import FOUND_OUT, TAKEN_BACK, USES_ANOTHER
from app.demo.scenario.handed_over import (
    BREAKER_OPEN,
    FAILING_AGAIN,
    FAILING_STEP,
    MISSING_LABEL,
    NO_ANSWER,
    NOT_HEALED,
    NOTHING_APPLIES,
)
from app.demo.scenario.healed import (
    BAD_DEPLOY,
    COMES_BACK,
    FULL_DISK,
    MEMORY_LEAK,
    MISSED_BACKUP,
    SLOW_CURE,
    STORM_IN_A_RACK,
)
from app.demo.scenario.noise import NOISE, QUIET
from app.demo.scenario.past import PAST
from app.demo.scenario.unanswered import DEAD_PAGER, FAILED_OVER, GONE_STALE, LAST_RESORT, SECOND_LEVEL
from app.demo.scenario.untouched import (
    CHECKLIST,
    GONE_BY_ITSELF,
    NO_RUNBOOK,
    UNKNOWN_TO_CATALOG,
    USER_REPORT,
)
from app.demo.story import Scenario

SCENARIO = Scenario(
    stories=(
        STORM_IN_A_RACK,
        BAD_DEPLOY,
        MEMORY_LEAK,
        COMES_BACK,
        FULL_DISK,
        FAILING_STEP,
        NO_ANSWER,
        USER_REPORT,
        NO_RUNBOOK,
        GONE_BY_ITSELF,
        CHECKLIST,
        SLOW_CURE,
        NOT_HEALED,
        UNKNOWN_TO_CATALOG,
        NOTHING_APPLIES,
        MISSING_LABEL,
        MISSED_BACKUP,
        AGREED_IN_TIME,
        NOBODY_AGREED,
        NOT_EARNED,
        FOUND_OUT,
        TAKEN_BACK,
        USES_ANOTHER,
        FAILING_AGAIN,
        BREAKER_OPEN,
        SECOND_LEVEL,
        LAST_RESORT,
        GONE_STALE,
        FAILED_OVER,
        DEAD_PAGER,
    ),
    noise=NOISE,
    quiet=QUIET,
    past=PAST,
)
