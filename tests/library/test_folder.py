"""Folders, and libraries as records: the same files are the same library, wherever and in whatever order."""

import json

import pytest

from app.library.compile import compile_library
from app.library.folder import MAX_FILE, read_folder
from app.library.hashes import library_hash
from app.library.problems import LibraryError
from app.library.topic import CURRENT, Shelf, records_of
from app.resources import runbooks_dir
from tests.library.texts import DESIGN_PAGE, MANIFESTS

FILES = {**MANIFESTS, "kubernetes/crash.md": DESIGN_PAGE}


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_folder(tmp_path):
    write(tmp_path, FILES)
    write(
        tmp_path,
        {"README.md": "no page", "x/readme.md": "", ".git/a.md": "", "a/.b.yaml": "", "notes.txt": ""},
    )
    assert read_folder(tmp_path) == FILES


def test_a_byte_order_mark_is_no_text(tmp_path):
    write(tmp_path, {"a.md": b"\xef\xbb\xbf---\nid: x\n---\n"})
    assert read_folder(tmp_path) == {"a.md": "---\nid: x\n---\n"}


def test_what_is_no_folder(tmp_path):
    with pytest.raises(NotADirectoryError, match="ONCALL_RUNBOOKS"):
        read_folder(tmp_path / "none")


def test_files_that_cannot_be_read_are_all_named(tmp_path):
    write(tmp_path, {"a.md": b"fine\n\xff", "b.yaml": b"x" * (MAX_FILE + 1), "c.md": "fine"})
    with pytest.raises(LibraryError) as caught:
        read_folder(tmp_path)
    assert [(each.path, each.line) for each in caught.value.problems] == [("a.md", 2), ("b.yaml", 1)]


def test_records_round_trip():
    shelf = Shelf()
    digest = library_hash(FILES)
    for key, value in records_of(FILES):
        assert not shelf.has(digest), "not before the manifest, which comes last"
        shelf.add(key, value)
    assert (shelf.has(digest), shelf.current_hash) == (True, "")
    shelf.add(CURRENT, digest)
    assert shelf.current_hash == digest
    assert shelf.files(digest) == FILES
    assert shelf.get(digest) == compile_library(FILES)
    assert shelf.get(digest) is shelf.get(digest)


def test_the_order_of_files_changes_nothing():
    turned = dict(reversed(FILES.items()))
    assert library_hash(turned) == library_hash(FILES)
    assert compile_library(turned) == compile_library(FILES)
    assert dict(records_of(turned)) == dict(records_of(FILES))


def test_every_change_of_text_or_path_is_another_library():
    texts = {**FILES, "kubernetes/crash.md": DESIGN_PAGE + "\n"}
    paths = {("x.md" if path.endswith(".md") else path): text for path, text in FILES.items()}
    assert len({library_hash(FILES), library_hash(texts), library_hash(paths)}) == 3


def test_records_that_are_not_what_their_key_says_are_not_ours():
    shelf = Shelf()
    manifest = json.dumps({"files": {}})
    shelf.add("0" * 64, manifest)
    assert not shelf.has("0" * 64)
    with pytest.raises(KeyError):
        shelf.files("0" * 64)


def test_a_library_that_another_release_let_pass_names_its_mistakes():
    files = {"bad.md": "---\nmatch: [x]\n---\n"}
    shelf = Shelf()
    for key, value in records_of(files):
        shelf.add(key, value)
    with pytest.raises(LibraryError, match=r"bad\.md:2:9"):
        shelf.get(library_hash(files))


def test_the_sample_library_is_a_library():
    assert len(compile_library(read_folder(runbooks_dir())).runbooks) >= 12
