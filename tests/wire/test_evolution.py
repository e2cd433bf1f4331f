"""Schemas evolved both ways: what a newer or older writer wrote is read by ours, and what ours writes is read by theirs."""

from __future__ import annotations

import copy
import io
import json
from contextlib import contextmanager

import pytest
from avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avro.schema import parse
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.model.inputs import Alert, AlertList, Response, StepResult, SystemEvent, UserReport
from app.model.outputs import DeadLetter
from app.model.words import AlertStatus
from app.resources import schemas_dir
from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import HEADER, MARKER, WireError, decode
from app.wire.schemas import Schema, by_fingerprint, current, fingerprint_of
from app.wire.topics import PUBLIC
from tests.wire.values import of_model

AVRO = Codec(OutputFormat.AVRO)
MODELS = {model.__name__: model for model in PUBLIC}
RELEASED = sorted(schemas_dir().glob("released/*/*.avsc"))
LIGHTLY = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def records(schema):
    """Every record in a schema."""
    if isinstance(schema, list):
        for each in schema:
            yield from records(each)
    elif isinstance(schema, dict):
        if schema.get("type") == "record":
            yield schema
        for each in schema.values():
            yield from records(each)


def add_fields(schema):
    for record in records(schema):
        record["fields"].append({"name": "cluster", "type": "string", "default": "main"})
        record["fields"].insert(
            0, {"name": "weights", "type": {"type": "array", "items": "int"}, "default": []}
        )


def remove_fields(schema):
    """Every other one that has a default, but for nested types that others refer to by name."""
    may_go = [
        field["name"]
        for field in schema["fields"]
        if "default" in field and '"name"' not in json.dumps(field["type"])
    ]
    schema["fields"] = [field for field in schema["fields"] if field["name"] not in may_go[::2]]


def demote_numbers(schema):
    """An older writer whose longs were ints and whose doubles were floats: Avro promotes them."""
    for record in records(schema):
        for field in record["fields"]:
            if field["type"] == "long":
                field["type"] = "int"


CHANGES = [add_fields, remove_fields, demote_numbers]


def evolved(name, change):
    raw = copy.deepcopy(current()[name].raw)
    change(raw)
    return raw


def written(raw, datum):
    """A datum as a writer with that schema writes it."""
    out = io.BytesIO()
    out.write(MARKER + fingerprint_of(raw))
    schemaless_writer(out, parse_schema(raw), datum)
    return out.getvalue()


@contextmanager
def known(raw):
    """The schema is one of those that this release reads, as if it lay in schemas/released/."""
    schema = Schema(raw["name"], fingerprint_of(raw), raw, parse_schema(raw), is_current=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(by_fingerprint(), schema.fingerprint, schema)
        yield


def small(model):
    """Any value of a model whose integers are small enough for an older writer's int."""
    return of_model(model).map(
        lambda value: value.model_copy(
            update={
                name: getattr(value, name) % 1000
                for name, field in model.model_fields.items()
                if field.annotation is int
            }
        )
    )


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("model", [Alert, UserReport, SystemEvent, StepResult, Response], ids=str)
@LIGHTLY
@given(data=st.data())
def test_what_theirs_wrote_is_read_by_ours(model, change, data):
    value, raw = data.draw(small(model)), evolved(model.__name__, change)
    kept = {field["name"] for field in raw["fields"]}
    theirs = {name: said for name, said in value.model_dump(by_alias=True).items() if name in kept}
    with known(raw):
        read = decode(written(raw, theirs), model)
    assert {name: said for name, said in read.model_dump(by_alias=True).items() if name in theirs} == theirs
    assert read == model.model_validate(theirs)


@pytest.mark.parametrize("change", [add_fields, remove_fields])
@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
@LIGHTLY
@given(data=st.data())
def test_what_ours_wrote_is_read_by_theirs(model, change, data):
    value, raw = data.draw(of_model(model)), evolved(model.__name__, change)
    stream = io.BytesIO(AVRO.encode(value)[HEADER:])
    read = schemaless_reader(stream, current()[model.__name__].parsed, parse_schema(raw))
    assert stream.read() == b""
    ours = schemaless_reader(io.BytesIO(AVRO.encode(value)[HEADER:]), current()[model.__name__].parsed, None)
    shared = {name for name in ours if name in read and not isinstance(ours[name], dict | list)}
    assert shared or model is AlertList
    assert {name: read[name] for name in shared} == {name: ours[name] for name in shared}
    if change is add_fields:
        assert (read["cluster"], read["weights"]) == ("main", [])


@pytest.mark.parametrize("change", CHANGES)
def test_another_library_agrees(change):
    """Both ways with the avro package, which shares nothing with fastavro."""
    ours, theirs = (
        parse(json.dumps(each)) for each in (current()["UserReport"].raw, evolved("UserReport", change))
    )
    said = {"text": "it is slow"}
    for writer, reader in ((ours, theirs), (theirs, ours)):
        out = io.BytesIO()
        given_ = {field.name: field.default for field in writer.fields if field.has_default} | said
        DatumWriter(writer).write(given_, BinaryEncoder(out))
        read = DatumReader(writer, reader).read(BinaryDecoder(io.BytesIO(out.getvalue())))
        assert read["text"] == "it is slow"


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parent.name}/{path.stem}")
@LIGHTLY
@given(data=st.data())
def test_every_release_is_read_and_reads(path, data):
    raw, model = json.loads(path.read_text()), MODELS[path.stem]
    value = data.draw(of_model(model))
    kept = {field["name"] for field in raw["fields"]}
    older = schemaless_reader(
        io.BytesIO(AVRO.encode(value)[HEADER:]), current()[path.stem].parsed, parse_schema(raw)
    )
    assert older.keys() == kept
    read = decode(written(raw, older), model)
    ours, theirs = read.model_dump(by_alias=True), value.model_dump(by_alias=True)
    assert known_to(older, ours) == known_to(older, theirs)


def known_to(older, value):
    """A value without the fields, at whatever depth, that an older datum of it does not have."""
    if isinstance(older, dict):
        return {name: known_to(older[name], value[name]) for name in older}
    if isinstance(older, list):
        return [known_to(*both) for both in zip(older, value, strict=True)]
    return value


def test_a_dead_letter_of_the_release_before_parts_were_is_whole():
    raw = json.loads((schemas_dir() / "released" / "0.1.0" / "DeadLetter.avsc").read_text())
    letter = {"id": "i", "topic": "alerts", "partition": 0, "offset": 1, "reason": "r", "detail": "d"}
    read = decode(written(raw, letter), DeadLetter)
    assert (read.part, read.parts, read.put_back_at) == (1, 1, None)


# --- words


def add_symbol(schema):
    """A newer writer's closed list has one word more, with a default for those who have it."""
    field = next(each for each in schema["fields"] if each["name"] == "status")
    field["type"]["symbols"].append("smouldering")
    field["type"]["default"] = "firing"


@pytest.mark.parametrize("status", AlertStatus)
def test_a_list_that_grew_is_read_where_it_says_what_we_know(status):
    raw = evolved("Alert", add_symbol)
    with known(raw):
        assert decode(written(raw, {"labels": {"a": "b"}, "status": status.value}), Alert).status is status


def test_a_word_that_we_do_not_know_is_refused_and_not_guessed():
    raw = evolved("Alert", add_symbol)
    with known(raw), pytest.raises(WireError, match="smouldering") as caught:
        decode(written(raw, {"labels": {"a": "b"}, "status": "smouldering"}), Alert)
    assert caught.value.reason == "broken_avro"


def test_ours_is_read_by_those_whose_list_grew():
    theirs = parse_schema(evolved("Alert", add_symbol))
    value = AVRO.encode(Alert(labels={"a": "b"}, status=AlertStatus.RESOLVED))
    assert (
        schemaless_reader(io.BytesIO(value[HEADER:]), current()["Alert"].parsed, theirs)["status"]
        == "resolved"
    )


def test_an_open_word_that_we_do_not_know_is_refused_by_name():
    with pytest.raises(WireError) as caught:
        decode(b'{"domain": "d", "status": "postponed"}', StepResult)
    assert (caught.value.reason, caught.value.field) == ("invalid_field", "status")
