"""The public schemas: one a value, self-contained, all of it explained, equal to the models, usable without us."""

from __future__ import annotations

import io
import json

import fastavro
import pytest
from fastavro.schema import parse_schema

from app.model.commands import StepCommand
from app.model.inputs import Alert
from app.resources import schemas_dir
from app.settings import OutputFormat
from app.wire.avsc import schema_of
from app.wire.codec import Codec
from app.wire.decode import decode
from app.wire.schemas import by_fingerprint, fingerprint_of
from app.wire.topics import PUBLIC
from tests.wire.test_decode import ALERT

FILES = sorted(schemas_dir().glob("*.avsc"))
RELEASED = sorted(schemas_dir().glob("released/*/*.avsc"))


def test_there_is_one_for_each_model():
    assert [path.stem for path in FILES] == sorted(model.__name__ for model in PUBLIC)


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
def test_file_and_model_are_equal(model):
    written = json.loads((schemas_dir() / f"{model.__name__}.avsc").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(schema_of(model)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_field_is_explained_and_every_time_is_a_timestamp(path):
    for record in records_in(json.loads(path.read_text(encoding="utf-8"))):
        assert record["doc"]
        for field in record["fields"]:
            assert field.get("doc"), f"{record['name']}.{field['name']}"
            if field["name"].endswith(("_at", "At")):
                assert "timestamp-millis" in json.dumps(field["type"]), field["name"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_stands_alone_and_is_namespaced(path):
    parsed = parse_schema(json.loads(path.read_text(encoding="utf-8")))
    assert parsed["name"] == f"oncall.v1.{path.stem}"


def records_in(schema):
    if isinstance(schema, list):
        for branch in schema:
            yield from records_in(branch)
    elif isinstance(schema, dict):
        if schema.get("type") == "record":
            yield schema
        for inner in (schema.get("items"), schema.get("values"), schema.get("fields"), schema.get("type")):
            yield from records_in(inner)


def test_every_released_schema_is_read():
    fingerprints = {
        fingerprint_of(json.loads(path.read_text(encoding="utf-8"))) for path in (*FILES, *RELEASED)
    }
    assert fingerprints <= set(by_fingerprint())


SPECIFIED = {'"null"': "8a8f25cce724dd63", '"string"': "c70345637248018f"}
"""Of the specification's own table, as little-endian bytes."""


@pytest.mark.parametrize("schema", SPECIFIED)
def test_fingerprints_are_those_of_the_specification(schema):
    assert fingerprint_of(json.loads(schema)).hex() == SPECIFIED[schema]


def test_a_stock_writer_with_the_file_alone_is_read():
    schema = json.loads((schemas_dir() / "Alert.avsc").read_text(encoding="utf-8"))
    print_ = fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(schema), "CRC-64-AVRO")
    out = io.BytesIO()
    out.write(b"\xc3\x01" + bytes.fromhex(print_))
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), {"labels": {"alertname": "A"}})
    assert decode(out.getvalue(), Alert) == ALERT


def test_a_stock_reader_with_the_file_alone_reads():
    schema = fastavro.parse_schema(json.loads((schemas_dir() / "Alert.avsc").read_text(encoding="utf-8")))
    datum = fastavro.schemaless_reader(io.BytesIO(Codec(OutputFormat.AVRO).encode(ALERT)[10:]), schema, None)
    assert (datum["labels"], datum["status"], datum["endsAt"]) == ({"alertname": "A"}, "firing", None)


def test_commands_tell_all_that_design_promises():
    names = {field["name"] for field in schema_of(StepCommand)["fields"]}
    assert names >= {
        *(
            "schema_version",
            "kind",
            "op",
            "id",
            "object_id",
            "revision",
            "domain",
            "incident_id",
            "environment",
        ),
        *(
            "service",
            "team",
            "severity",
            "urgency",
            "title",
            "text",
            "links",
            "mode",
            "issued_at",
            "not_after",
            "refs",
        ),
        *(
            "execution_id",
            "step",
            "attempt",
            "idempotency_key",
            "action",
            "params",
            "effect",
            "dry_run",
            "result_by",
        ),
        *("runbook_id", "runbook_hash", "requested_by", "approved_by", "secret_names"),
    }
