"""Whether a view in memory of a topic holds all that was there when its worker started, and why it does not yet."""

from __future__ import annotations


class Readiness:
    """What every followed view says of itself."""

    def __init__(self, topic: str) -> None:
        self.ready = False
        """Whether all is there that was on the topic at start."""
        self.why_not = f"the {topic} topic is not read yet"
        """Why it is not ready; empty when it is."""

    def caught_up(self) -> None:
        """Say that all is there that was on the topic at start."""
        self.ready, self.why_not = True, ""

    def behind(self, why: str) -> None:
        """Say why the view is not complete yet; once it was, it stays ready (if old) through faults of the broker."""
        if not self.ready:
            self.why_not = why

    def lost(self, why: str) -> None:
        """Say that nothing new comes any more."""
        self.ready, self.why_not = False, why
