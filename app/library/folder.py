"""A folder of pages and manifests, read."""

from __future__ import annotations

from pathlib import Path

from app.library.problems import LibraryError, Problem

SUFFIXES = (".md", ".yaml", ".yml")
MAX_FILE = 512 * 1024
"""The largest file, in bytes: each is one message on the `library` topic."""


def read_folder(folder: Path) -> dict[str, str]:
    """Read a folder: path below it to text, in order. Hidden files and READMEs are no part of a library.

    Raises:
        NotADirectoryError: there is no such folder.
        LibraryError: files are no UTF-8 text, or too large.

    """
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{folder} is no folder; name the folder of runbooks with --runbooks or ONCALL_RUNBOOKS"
        )
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not _belongs(name) or not path.is_file():
            continue
        data = path.read_bytes()
        if len(data) > MAX_FILE:
            problems.append(
                Problem(name, 1, 1, "error", f"the file has more than {MAX_FILE} bytes", "split it")
            )
            continue
        try:
            files[name] = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            problems.append(Problem(name, line, 1, "error", "the file is no UTF-8 text", "save it as UTF-8"))
    if problems:
        raise LibraryError(problems)
    return files


def _belongs(name: str) -> bool:
    parts = name.split("/")
    hidden = any(part.startswith(".") for part in parts)
    return name.endswith(SUFFIXES) and not hidden and parts[-1].casefold() != "readme.md"
