"""The settings, read from the environment: each variable is the field's name in capitals after `ONCALL_`."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError

from app.model.words import Mode
from app.resources import runbooks_dir
from app.security import Security


class OutputFormat(StrEnum):
    """How values are written."""

    AVRO = "avro"
    JSON = "json"


def _known_here(mode: Mode) -> Mode:
    if mode not in (Mode.SHADOW, Mode.AUTO):
        raise ValueError(f"{mode.value} is not in this release; use shadow or auto")
    return mode


def _safe_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if text and not _is_safe(text):
        raise ValueError("it begins with https://, or with http:// on loopback")
    return url


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_local = host == "localhost" or (parts.scheme == "http" and ip_address(host).is_loopback)
    except ValueError:  # no URL, or a name where only an address may be
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))


TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,150}$")]
"""What Kafka takes as part of a topic's name, and short enough for the longest."""


class Settings(Security):
    """What a person may set; each has an option of the command where one would type it."""

    bootstrap_servers: Annotated[str, Field(min_length=1)] = "localhost:9092"
    """The brokers, comma-separated host:port."""
    topic_prefix: TopicName = "oncall"
    """What topic names begin with."""
    app_id: TopicName = "oncall"
    """The consumer group and the prefix of transactional ids; equal on all workers of one service."""
    runbooks: Path = Field(default_factory=runbooks_dir)
    """The folder of runbooks and manifests."""
    data_dir: Path = Path("oncall-data")
    """The worker's own folder for its tables; one a worker."""
    web_host: str = "127.0.0.1"
    """The address the web port listens on; loopback only in this release."""
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The web port; 0 picks a free one."""
    output_format: OutputFormat = OutputFormat.AVRO
    """How values are written: Avro single-object encoding or JSON."""
    mode: Annotated[Mode, AfterValidator(_known_here)] | None = None
    """The most that automation may do on this worker, whatever the library permits: shadow or auto."""
    partitions: Annotated[int, Field(ge=1, le=10_000)] = 4
    """How many partitions `topics create` makes."""
    replication: Annotated[int, Field(ge=1, le=100)] = 1
    """How many replicas `topics create` asks for."""
    session_timeout: Annotated[float, Field(ge=1, le=1800)] = 60.0
    """After how many silent seconds a worker's partitions go to others."""
    batch: Annotated[int, Field(ge=1, le=10_000)] = 500
    """The most messages taken in one batch."""
    timer_interval: Annotated[float, Field(ge=0.01, le=60)] = 0.25
    """How often, in seconds, the timekeeper looks for due timers."""
    stuck_after: Annotated[float, Field(ge=1, le=86400)] = 60.0
    """After how many seconds without a commit a partition whose lag grows counts as stuck, and `/healthz` says 503."""
    heartbeat_url: Annotated[SecretStr, AfterValidator(_safe_url)] = SecretStr("")
    """Where a dead man's switch outside is told every minute that this worker is well; https, or http on loopback. Never logged."""
    show_pages: bool = False
    """Whether pages of the library that come into force are put out as documents."""
    accept_loss: bool = False
    """Go on where retention deleted messages before they were taken; without it the worker refuses to start."""
    instance: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,200}$")] = ""
    """The worker's name in the group, the same after every restart: one that is back within the session timeout finds its
    partitions where they were. Empty: its partitions move whenever it stops."""
    failpoint: str = ""
    """For tests of crashes: NAME or NAME:N (app/road/failpoints.py) ends the worker there with exit code 86."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """debug, info, warning or error."""


class SettingsError(ValueError):
    """Settings that cannot be; the message names each variable, or option that was typed, and what it may be."""


def read_settings(**typed: object) -> Settings:
    """Give the settings: what was typed, else the environment, else the defaults.

    Raises:
        SettingsError: a value cannot be.
        FileNotFoundError: no folder of runbooks is named, and the sample library is not there.

    """
    try:
        return Settings(**typed)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        told = [_told(str(each["loc"][0]), each["msg"], typed=typed) for each in error.errors()]
        raise SettingsError("; ".join(told)) from error


def _told(field: str, message: str, *, typed: dict[str, object]) -> str:
    name = f"--{field.replace('_', '-')}" if field in typed else f"ONCALL_{field.upper()}"
    words = message.removeprefix("Value error, ")
    return f"{name}: {words[:1].lower()}{words[1:]}"
