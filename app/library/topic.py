"""Libraries as records of the `library` topic: every text by its hash, every manifest by its own, and `current`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from app.library.compile import compile_library
from app.library.hashes import library_hash, manifest_of, text_hash
from app.library.moves import as_texts, from_texts, moves_since, with_moves
from app.model.library import Library
from app.model.moving import Move

CURRENT = "current"
_MANIFEST: TypeAdapter[dict[str, dict[str, str]]] = TypeAdapter(dict[str, dict[str, str]])


def records_of(files: Mapping[str, str], moves: Mapping[str, Move] | None = None) -> list[tuple[str, str]]:
    """Give the (key, value) records of a library, its manifest last; `current` is written after they were acked.

    Where services moved, the manifest without their moves is there as well: a release that knows nothing of moves stamps by that.
    """
    texts = {text_hash(text): text for text in files.values()}
    manifests = {library_hash(files): manifest_of(files)}
    told = as_texts(moves or {})
    manifests[library_hash(files, told)] = manifest_of(files, told)
    return [*sorted(texts.items()), *manifests.items()]


def as_published(files: Mapping[str, str], former: Library | None) -> Library:
    """Give the library that files are once they are published in place of the one in force.

    Raises:
        LibraryError: the files are no valid library.

    """
    library = compile_library(files)
    moves = moves_since(former, library) if former is not None else {}
    return with_moves(library, moves, library_hash(files, as_texts(moves)))


class Shelf:
    """All libraries whose records were read, compiled when they are asked for."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._compiled: dict[str, Library] = {}
        self.current_hash = ""
        """The hash in force; empty while nothing is."""

    def add(self, key: bytes | None, value: bytes | None) -> None:
        """Take a record in. One that is not what its key says is not ours: it is passed over, whoever wrote it."""
        try:
            name, text = (key or b"").decode(), (value or b"").decode()
        except UnicodeDecodeError:
            return
        if name == CURRENT:
            self.current_hash = text or self.current_hash
        elif text_hash(text) == name:
            self._values[name] = text

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
            compiled = compile_library(self.files(library))
            self._compiled[library] = with_moves(compiled, self.moves(library), library)
        return self._compiled[library]

    def _manifest(self, library: str) -> dict[str, str] | None:
        return self._part(library, "files")

    def moves(self, library: str) -> dict[str, Move]:
        """Give how services moved until that library came into force."""
        try:
            return from_texts(self._part(library, "moves") or {})
        except (ValueError, TypeError):
            return {}  # whoever wrote it: no release of this service did

    def _part(self, library: str, name: str) -> dict[str, str] | None:
        text = self._values.get(library)
        if text is None or not text.startswith('{"files":'):
            return None
        try:
            return _MANIFEST.validate_json(text).get(name)
        except ValidationError:
            return None
