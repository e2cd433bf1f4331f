"""The libraries port over the `library` topic: read to its end at the start, and followed from then on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.library.compile import compile_library
from app.library.hashes import library_hash
from app.library.published import with_domains
from app.library.topic import CURRENT, Shelf, records_of
from app.model.library import Library
from app.model.topics import LIBRARY
from app.road.ports import Log, Outgoing
from app.settings import Settings
from app.stream.crash import die
from app.stream.restore import new_reader
from app.stream.topics import full_name

_POLL_MS = 500
_SAY_AFTER_S = 10.0
_log = logging.getLogger(__name__)


Tell = Callable[[Library, int], Awaitable[None]]
"""Is told of a library in force, and the offset at which it was named."""


async def _tell_nobody(_library: Library, _version: int) -> None:
    pass


class LibraryTopic:
    """All libraries that were ever in force, and which one is now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.shelf = Shelf()
        self._in_force = ""
        """The newest `current` whose blobs are all here."""
        self._named_at = -1
        """The offset of the newest `current`."""
        self._in_force_at = -1
        """The offset of the one that is in force."""
        self._grown = asyncio.Condition()
        self._consumer: AIOKafkaConsumer | None = None
        self._tell: Tell = _tell_nobody
        self._told_at = -1
        """The offset of the newest one that was told of."""
        self._following: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether a library is in force here."""
        return bool(self._in_force)

    def current(self) -> Library:
        """Give the library in force; RuntimeError before there is one."""
        if not self._in_force:
            raise RuntimeError("no library is in force yet: the worker is starting")
        return self.shelf.get(self._in_force)

    async def get(self, library_hash: str) -> Library:
        """Give a library, waiting until its blobs are here."""
        while not self.shelf.has(library_hash):
            try:
                async with self._grown:
                    await asyncio.wait_for(self._grown.wait(), _SAY_AFTER_S)
            except TimeoutError:
                _log.warning("still waiting for the blobs of library %s on the `library` topic", library_hash)
        return self.shelf.get(library_hash)

    async def start(self, log: Log, files: Mapping[str, str], tell: Tell = _tell_nobody) -> None:
        """Read the topic; if nothing is in force, put the folder's files in force, with the domains that its graph proposes. Then follow the topic.

        `files` are the worker's own folder, known to be valid; `tell` is awaited with the library in force, and each that comes into force.
        """
        self._tell = tell
        self._consumer = new_reader(self._settings)
        await self._consumer.start()
        await self._read_to_end()
        if not self.shelf.current_hash:
            await publish(log, with_domains(files, {}))
            await self._read_to_end()
        self._following = asyncio.get_running_loop().create_task(self._follow(), name="library")
        await self._wait_in_force()
        self._compare(files)

    async def stop(self) -> None:
        """Follow the topic no longer."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.stop()

    async def _wait_in_force(self) -> None:
        while not self._in_force:
            async with self._grown:
                await asyncio.wait_for(self._grown.wait(), None)

    def _compare(self, files: Mapping[str, str]) -> None:
        own = with_domains(files, self.shelf.files(self._in_force))
        if own != self.shelf.files(self._in_force):
            _log.warning(
                "this worker's folder %s is library %s, but %s is in force and is used;"
                " `oncall library publish` puts a folder in force",
                self._settings.runbooks,
                library_hash(own)[:12],
                self._in_force[:12],
            )

    async def _read_to_end(self) -> None:
        consumer = self._reader
        topic = full_name(self._settings, LIBRARY)
        while not (numbers := consumer.partitions_for_topic(topic)):
            await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - makes the embedded broker make the topic
        places = [TopicPartition(topic, number) for number in numbers]
        if not consumer.assignment():
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [place for place in places if await consumer.position(place) < ends[place]]:
            await self._read_some()

    async def _follow(self) -> None:
        try:
            while True:
                if self._in_force_at != self._told_at:
                    self._told_at = self._in_force_at
                    await self._tell(self.current(), self._in_force_at)
                await self._read_some()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            die("the library topic can no longer be read", error)

    async def _read_some(self) -> None:
        found = await self._reader.getmany(timeout_ms=_POLL_MS)
        for records in found.values():
            for record in records:
                self.shelf.add(record.key, record.value)
                if record.key == CURRENT.encode():
                    self._named_at = record.offset
        if found:
            self._note_in_force()
            async with self._grown:
                self._grown.notify_all()

    def _note_in_force(self) -> None:
        named = self.shelf.current_hash
        if named and self._named_at != self._in_force_at and self.shelf.has(named):
            self.shelf.get(named)  # compiled before it is in force, so that nothing waits for that later
            _log.info("library %s is in force", named[:12])
            self._in_force, self._in_force_at = named, self._named_at

    @property
    def _reader(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("the library topic is not being read: the worker is starting or stopping")
        return self._consumer


async def publish(log: Log, files: Mapping[str, str]) -> str:
    """Put files in force: the blobs first, acked, then `current`. Give the library's hash.

    Raises:
        LibraryError: the files are no valid library; nothing is published.

    """
    library = compile_library(files)
    await log.append([Outgoing(LIBRARY, _bytes(key), _bytes(value)) for key, value in records_of(files)])
    await log.append([Outgoing(LIBRARY, CURRENT.encode(), library.hash.encode())])
    return library.hash


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
