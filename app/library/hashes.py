"""What texts and libraries are known by: SHA-256, in hex."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def text_hash(text: str) -> str:
    """Give the hash of one text."""
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_of(files: Mapping[str, str], moves: Mapping[str, str] | None = None) -> str:
    """Give the manifest: every path with the hash of its text, and how services moved if any did, as canonical JSON."""
    hashes = {path: text_hash(text) for path, text in files.items()}
    whole = {"files": hashes, "moves": dict(moves)} if moves else {"files": hashes}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"))


def library_hash(files: Mapping[str, str], moves: Mapping[str, str] | None = None) -> str:
    """Give the hash that a library is known by: that of its manifest."""
    return text_hash(manifest_of(files, moves))
