"""Folders, and libraries as records: the same files are the same library, wherever and in whatever order."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.library.compile import compile_library
from app.library.folder import MAX_FILE, read_folder
from app.library.hashes import library_hash, text_hash
from app.library.problems import LibraryError
from app.library.topic import CURRENT, Shelf, records_of
from app.resources import runbooks_dir
from tests.library.texts import DESIGN_PAGE, MANIFESTS
from tests.wire.damage import damaged_bytes

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
        shelf.add(key.encode(), value.encode())
    assert (shelf.has(digest), shelf.current_hash) == (True, "")
    shelf.add(CURRENT.encode(), digest.encode())
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
    shelf.add(b"0" * 64, manifest.encode())
    assert not shelf.has("0" * 64)
    with pytest.raises(KeyError):
        shelf.files("0" * 64)


STRAY = {
    "no text": (b"\xff\xfe", b"a"),
    "a value that is no text": (b"current", b"\xff\xfe"),
    "no key": (None, b"a"),
    "no value": (b"current", None),
}


@pytest.mark.parametrize(("key", "value"), STRAY.values(), ids=STRAY)
def test_stray_records_are_passed_over(key, value):
    shelf = Shelf()
    shelf.add(CURRENT.encode(), b"in force")
    shelf.add(key, value)
    assert shelf.current_hash == "in force"


@pytest.mark.parametrize(
    "manifest",
    ['{"files":', '{"files":[]}', '{"files":{"a.md":7}}', '{"files":null}', '{"files":' + "[" * 5000],
)
def test_a_manifest_that_is_none_is_no_library(manifest):
    shelf = Shelf()
    shelf.add(text_hash(manifest).encode(), manifest.encode())
    assert not shelf.has(text_hash(manifest))


def test_a_library_that_another_release_let_pass_names_its_mistakes():
    files = {"bad.md": "---\nmatch: [x]\n---\n"}
    shelf = Shelf()
    for key, value in records_of(files):
        shelf.add(key.encode(), value.encode())
    with pytest.raises(LibraryError, match=r"bad\.md:2:9"):
        shelf.get(library_hash(files))


def test_the_sample_library_is_a_library():
    assert len(compile_library(read_folder(runbooks_dir())).runbooks) >= 12


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_damaged_records_are_a_library_or_none(data):
    shelf = Shelf()
    digests = []
    for key, value in records_of(FILES):
        damaged = data.draw(st.sampled_from([value.encode()] * 3) | damaged_bytes(value.encode()))
        own = data.draw(st.booleans())  # whoever damages a value may write it under its own hash
        digests.append(hashlib.sha256(damaged).hexdigest() if own else key)
        shelf.add(digests[-1].encode(), damaged)
    shelf.add(CURRENT.encode(), data.draw(st.sampled_from(digests)).encode())
    if shelf.has(shelf.current_hash):
        assert all(isinstance(text, str) for text in shelf.files(shelf.current_hash).values())
