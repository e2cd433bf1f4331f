"""Libraries as records of the `library` topic: every text by its hash, every manifest by its own, and `current`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from app.model.library import Library

CURRENT = "current"


def manifest_of(files: Mapping[str, str]) -> str:
    """Give the manifest: every path with the SHA-256 of its text, as canonical JSON."""
    hashes = {path: _hash(text) for path, text in files.items()}
    return json.dumps({"files": hashes}, sort_keys=True, separators=(",", ":"))


def library_hash(files: Mapping[str, str]) -> str:
    """Give the hash that the library is known by: the SHA-256 of its manifest."""
    return _hash(manifest_of(files))


def records_of(files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give the (key, value) records of a library, its manifest last; `current` is written after they were acked."""
    texts = {_hash(text): text for text in files.values()}
    return [*sorted(texts.items()), (library_hash(files), manifest_of(files))]


class Shelf:
    """All libraries whose records were read, compiled when they are asked for."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._compiled: dict[str, Library] = {}
        self.current_hash = ""
        """The hash in force; empty while nothing is."""

    def add(self, key: str, value: str) -> None:
        """Take a record in."""
        if key == CURRENT:
            self.current_hash = value
        elif _hash(value) == key:  # a record that is not what its key says is not ours
            self._values[key] = value

    def has(self, library: str) -> bool:
        """Say whether a library is here whole."""
        files = self._manifest(library)
        return files is not None and all(digest in self._values for digest in files.values())

    def files(self, library: str) -> dict[str, str]:
        """Give the files of a library that is here; KeyError otherwise."""
        manifest = self._manifest(library)
        if manifest is None:
            raise KeyError(library)
        return {path: self._values[digest] for path, digest in manifest.items()}

    def get(self, library: str) -> Library:
        """Give a library that is here; KeyError otherwise.

        Raises:
            LibraryError: it has mistakes, which a publisher of another release did not see.

        """
        if library not in self._compiled:
            from app.library.compile import compile_library  # noqa: PLC0415  # compile rests on this module

            self._compiled[library] = compile_library(self.files(library))
        return self._compiled[library]

    def _manifest(self, library: str) -> dict[str, str] | None:
        text = self._values.get(library)
        if text is None or not text.startswith('{"files":'):
            return None
        read: dict[str, str] = json.loads(text)["files"]
        return read


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
