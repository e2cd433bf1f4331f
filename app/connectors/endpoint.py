"""One HTTP endpoint, and how a command is brought to it: signed, with its id as idempotency key, tried again while that may help."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_never
from tenacity.wait import wait_exponential, wait_random

from app import __version__
from app.connectors.errors import EndpointMisfitError
from app.connectors.signature import SIGNATURE, TIMESTAMP, sign
from app.model.commands import AnyCommand

REQUEST_WITHIN_S = 15.0
LONGEST_RETRY_AFTER_S = 3600.0
TRY_AGAIN = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,  # of an endpoint that is still at work on the same Idempotency-Key
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""The 4xx that may be otherwise next time; all others are final."""


class TryAgainError(Exception):
    """The endpoint did not take it this time; `after` is how long it asked us to wait, in seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class OverdueError(Exception):
    """The command's `not_after` passed before the endpoint took it."""


@dataclass(frozen=True)
class Taken:
    """The endpoint took the command."""

    body: bytes


@dataclass(frozen=True)
class Refused:
    """The endpoint refused the command for good, or we stopped trying."""

    why: str


class Endpoint:
    """Where commands are posted to."""

    def __init__(
        self,
        url: str,
        secret: str | None,
        *,
        say: Callable[[str], None],
        tries: int = 0,
        longest_wait: float = 30.0,
    ) -> None:
        """Take the URL and the secret to sign with (None: unsigned).

        `say` tells a person of each failed try; after `tries` of them a command counts as refused (0: never).
        Between tries it waits from half a second, doubled each time, to `longest_wait` seconds.
        """
        if not _is_http(url):
            raise EndpointMisfitError(f"{url} is not an HTTP address", "write it as https://host/path")
        self._url, self._secret, self._say = url, secret, say
        self._stop = stop_after_attempt(tries) if tries else stop_never
        self._backoff = wait_exponential(multiplier=0.5, max=longest_wait) + wait_random(0, 0.5)
        self._client = httpx.Client(
            timeout=REQUEST_WITHIN_S, headers={"User-Agent": f"oncall-bridge/{__version__}"}
        )

    def deliver(self, command: AnyCommand, topic: str, pause: Callable[[float], None]) -> Taken | Refused:
        """Post the command until the endpoint takes or refuses it; `pause` waits so many seconds, and may raise to end it.

        Raises OverdueError past the command's `not_after`, EndpointMisfitError if this cannot be the endpoint that is meant.
        """
        body = command.model_dump_json(by_alias=True).encode()
        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            wait=self._wait,
            stop=self._stop,
            sleep=pause,
            before_sleep=lambda state: self._tell(command, state),
            reraise=True,
        )
        try:
            return retrying(self._attempt, command, topic, body)
        except TryAgainError as error:
            return Refused(f"no luck in as many tries as allowed, the last: {error}")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _attempt(self, command: AnyCommand, topic: str, body: bytes) -> Taken | Refused:
        if command.not_after is not None and datetime.now(UTC) > command.not_after:
            raise OverdueError
        try:
            response = self._client.post(self._url, content=body, headers=self._headers(command, topic, body))
        except httpx.TransportError as error:
            raise TryAgainError(f"{type(error).__name__}: {error}") from error
        return _judge(self._url, response)

    def _headers(self, command: AnyCommand, topic: str, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": command.id,
            "X-Oncall-Topic": topic,
        }
        if self._secret is not None:
            now = int(time.time())
            headers |= {TIMESTAMP: str(now), SIGNATURE: sign(self._secret, now, body)}
        return headers

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, TryAgainError) else None
        return self._backoff(state) if asked is None else asked

    def _tell(self, command: AnyCommand, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0
        self._say(f"{command.id}: try {state.attempt_number} failed ({error}); again in {wait:.1f} s")


def _judge(url: str, response: httpx.Response) -> Taken | Refused:
    status = response.status_code
    said = f"{status} {response.reason_phrase}".strip()
    if response.is_success:
        return Taken(response.content)
    if response.is_redirect:
        raise EndpointMisfitError(
            f"{url} answered {said}", f"give --to the address itself: {response.headers.get('location')}"
        )
    if status == HTTPStatus.UNAUTHORIZED:
        raise EndpointMisfitError(
            f"{url} answered {said}", "do both sides hold the same ONCALL_BRIDGE_SECRET?"
        )
    if status in TRY_AGAIN or not response.is_client_error:
        raise TryAgainError(
            f"it answered {said}", retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        )
    return Refused(f"it answered {said}: {response.text[:300].strip()}".rstrip(": "))


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port
        return False


def retry_after(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header (seconds or an HTTP date) as seconds from now, at most an hour; None if it says nothing."""
    if header is None:
        return None
    try:
        seconds = (
            float(header)
            if header.strip().isdigit()
            else (parsedate_to_datetime(header) - now).total_seconds()
        )
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
