import json
import shutil

from app.resources import schemas_dir


def test_the_schemas_of_this_release(oncall):
    result = oncall("schema", "check")
    assert result.exit_code == 0, result.stdout
    assert json.loads(oncall("schema", "check", "--json").stdout) == {"problems": []}


def test_a_schema_that_is_missing(oncall, tmp_path):
    shutil.copytree(schemas_dir(), tmp_path / "schemas")
    (tmp_path / "schemas" / "Alert.avsc").unlink()
    result = oncall("schema", "check", "--schemas", tmp_path / "schemas")
    assert result.exit_code == 1
    assert "Alert.avsc" in result.stdout
