"""Failures that are expected of the outside. An operator sees the message and the mend, never a stack trace.

OutsideError
├── KafkaUnreachableError    nothing answers at the bootstrap servers
├── TopicMissingError        the topic is not there
├── UnreadableError          a message of the service's own topics cannot be read
├── NotAckedError            a message was not acknowledged in time, or is refused for good
├── NoAnswerError            the service has not said in time that it did what it was asked
├── UnknownPageError         nothing is known of a page that is to be trusted again
├── CannotPutBackError       a dead letter that is not the service's to take again, or of which a part is missing
├── PagerExportError         a pager's export lacks its time, or a column that was named
├── RecordFileError          a file holds other lines than those of `oncall tail --raw`
└── EndpointMisfitError      the endpoint cannot be meant: it redirects, or does not take our signature
"""

from __future__ import annotations


class OutsideError(Exception):
    """Something outside is not as it must be. `mend` says what to do about it; empty where nothing sensible can be said."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message}; {self.mend}" if self.mend else self.message


class KafkaUnreachableError(OutsideError):
    """Nothing answers at the bootstrap servers."""


class TopicMissingError(OutsideError):
    """The topic is not there."""


class UnreadableError(OutsideError):
    """A message of the service's own topics cannot be read; what the topic says is not known without it."""


class NotAckedError(OutsideError):
    """A message was not acknowledged in time, or is refused for good."""


class EndpointMisfitError(OutsideError):
    """The endpoint cannot be the one that is meant; nothing was lost, and nothing more was sent."""
