"""The settings, read from the environment: each variable is the field's name in capitals after `ONCALL_`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.model.words import Mode
from app.resources import runbooks_dir


class OutputFormat(StrEnum):
    """How values are written."""

    AVRO = "avro"
    JSON = "json"


class Settings(BaseSettings):
    """What a person may set; each has an option of the command where one would type it."""

    model_config = SettingsConfigDict(env_prefix="ONCALL_", use_attribute_docstrings=True, frozen=True)

    bootstrap_servers: str = "localhost:9092"
    """The brokers, comma-separated host:port."""
    topic_prefix: str = "oncall"
    """What topic names begin with."""
    app_id: str = "oncall"
    """The consumer group and the prefix of transactional ids; equal on all workers of one service."""
    runbooks: Path = Field(default_factory=runbooks_dir)
    """The folder of runbooks and manifests."""
    data_dir: Path = Path("oncall-data")
    """The worker's own folder for its tables; one a worker."""
    web_host: str = "127.0.0.1"
    """The address the web port listens on; loopback only in this release."""
    web_port: int = 8080
    """The web port; 0 picks a free one."""
    output_format: OutputFormat = OutputFormat.AVRO
    """How values are written: Avro single-object encoding or JSON."""
    mode: Mode | None = None
    """The most that automation may do on this worker, whatever the library permits: shadow or auto."""
    partitions: int = 4
    """How many partitions `topics create` makes."""
    replication: int = 1
    """How many replicas `topics create` asks for."""
    session_timeout: float = 60.0
    """After how many silent seconds a worker's partitions go to others."""
    batch: int = 500
    """The most messages taken in one batch."""
    timer_interval: float = 0.25
    """How often, in seconds, the timekeeper looks for due timers."""
    embedded: bool = False
    """The broker is the embedded one: it has no topic settings, no append times and no fencing, and its control batches
    bear wrong checksums, so the checks of those are off."""
    failpoint: str = ""
    """For tests of crashes: NAME or NAME:N (app/road/failpoints.py) ends the worker there with exit code 86."""
    log_level: str = "info"
    """debug, info, warning or error."""
