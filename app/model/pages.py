"""The pages of the library that are shown as documents: what the domain `library` remembers."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen


class ShownPage(Frozen):
    """A page that is shown, or was."""

    hash: str = ""
    """The hash of the text that was sent last; empty: nothing that is known to be written."""
    revision: int
    """The newest command's revision."""
    gone: bool = False
    """Whether it was taken away."""
    shadow: bool = False
    """Whether that command went to the shadow topic, where nobody carries it out."""
    live: int = 0
    """While the newest went there: the revision before that is live, and stays so; 0: none."""
    key: str = ""
    """What the outside system calls the document."""

    @property
    def written(self) -> int:
        """The newest revision that went live; 0: none did."""
        return self.live if self.shadow else self.revision


class ShownPages(Frozen):
    """All of them, by their paths in the library."""

    version: int = -1
    """The offset on the topic `library` at which the library was named whose pages they are."""
    pages: dict[str, ShownPage] = Field(default_factory=dict)
    """Path to page."""
