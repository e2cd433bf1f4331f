"""Each schema is held to all that were ever released, both ways."""

from __future__ import annotations

import json
import shutil

import pytest

from app.resources import schemas_dir
from app.wire.compatibility import check


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(schemas_dir(), tmp_path / "schemas")


def test_what_we_ship_is_compatible():
    assert check(schemas_dir()) == []


def field_of(schema, name):
    return next(field for field in schema["fields"] if field["name"] == name)


def add_without_default(schema):
    schema["fields"].append({"name": "cluster", "doc": "d", "type": "string"})


def remove_without_default(schema):
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "text"]


def rename(schema):
    field_of(schema, "text")["name"] = "words"


def retype(schema):
    field_of(schema, "text")["type"] = "long"


def widen(schema):
    field_of(schema, "text")["type"] = ["null", "string"]


@pytest.mark.parametrize("change", [add_without_default, remove_without_default, rename, retype, widen])
def test_a_breaking_change_is_caught(folder, change):
    alter(folder / "UserReport.avsc", change)
    assert any("0.1.0" in str(problem) and "UserReport" in str(problem) for problem in check(folder))


def test_a_field_with_a_default_is_no_break(folder):
    def add(schema):
        schema["fields"].append({"name": "cluster", "doc": "d", "type": "string", "default": ""})

    alter(folder / "UserReport.avsc", add)
    assert not any("0.1.0" in str(problem) for problem in check(folder))


def test_all_releases_count_not_only_the_newest(folder):
    newer = folder / "released" / "0.2.0"
    newer.mkdir()
    alter(folder / "UserReport.avsc", add_without_default)
    shutil.copy(folder / "UserReport.avsc", newer)
    found = [str(problem) for problem in check(folder)]
    assert any("0.1.0" in problem for problem in found)
    assert not any("0.2.0" in problem for problem in found)


def test_a_released_schema_may_not_vanish(folder):
    (folder / "UserReport.avsc").unlink()
    assert any("UserReport" in str(problem) for problem in check(folder))


def test_a_file_that_is_no_schema_is_named(folder):
    (folder / "UserReport.avsc").write_text("{", encoding="utf-8")
    assert any("UserReport.avsc" in str(problem) for problem in check(folder))


def alter(path, change):
    schema = json.loads(path.read_text(encoding="utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), encoding="utf-8")
