"""Messages for `alerts`, mutated from valid ones: first the alerts in them, field by field, then the bytes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from tests.fuzz import wire
from tests.fuzz.fields import ANY, JSON_ONLY, NOW, valid

FAR = (2**62, -(2**62), 253_402_300_800_000, -62_135_596_800_001)
BOMBS = (
    b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x10",
    b"\xff" * 12,
)


@dataclass
class Fuzzer:
    """Makes one message after another from a seed; `made` counts the forms and mutations."""

    seed: int
    made: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.random = Random(f"fuzz/{self.seed}")
        self._last = b"{}"

    def message(self):
        """Give the value of a message."""
        random = self.random
        form = random.choices(list(_FORMS), [weight for _, weight in _FORMS.values()])[0]
        self.made[f"form: {form}"] += 1
        value = _FORMS[form][0](self)
        if random.random() < 0.42:
            name = random.choice(list(BYTES))
            self.made[f"bytes: {name}"] += 1
            value = BYTES[name](self, value)
        if value:
            self._last = value
        return value

    def alert(self, mutations, chance):
        """Give an alert, by chance mutated by some of the mutations."""
        alert = valid(self.random)
        while self.random.random() < chance:
            name = self.random.choice(list(mutations))
            self.made[f"field: {name}"] += 1
            mutations[name](self.random, alert)
        return alert


# --- forms


def _avro(fuzzer):
    return wire.write("Alert", fuzzer.alert(ANY, 0.2))


def _avro_list(fuzzer):
    alerts = [fuzzer.alert(ANY, 0.1) for _ in range(fuzzer.random.choice((0, 1, 2, 5, 12)))]
    return wire.write("AlertList", {"alerts": alerts})


def _json_alert(fuzzer, chance):
    """One mutated as JSON has mutations first as any alert has, and then of its own."""
    alert = fuzzer.alert(ANY, 0.1)
    alert = {name: said.isoformat() if isinstance(said, datetime) else said for name, said in alert.items()}
    while fuzzer.random.random() < chance:
        name = fuzzer.random.choice(list(JSON_ONLY))
        fuzzer.made[f"field: {name}"] += 1
        JSON_ONLY[name](fuzzer.random, alert)
    return alert


def _dump(said):
    return json.dumps(said).encode()


def _json(fuzzer):
    return _dump(_json_alert(fuzzer, 0.4))


def _json_list(fuzzer):
    return _dump([_json_alert(fuzzer, 0.4) for _ in range(fuzzer.random.choice((0, 1, 3, 8)))])


def _json_holder(fuzzer):
    return _dump({"version": "4", "alerts": [_json_alert(fuzzer, 0.4) for _ in range(3)]})


_FORMS = {
    "Avro": (_avro, 44),
    "Avro list": (_avro_list, 16),
    "JSON": (_json, 20),
    "JSON list": (_json_list, 12),
    "JSON object with a list": (_json_holder, 8),
}

# --- the bytes


def _place(fuzzer, value, least=0):
    return fuzzer.random.randrange(least, max(least + 1, len(value)))


def _flips(fuzzer, value):
    damaged = bytearray(value)
    for _ in range(fuzzer.random.choice((1, 1, 2, 8))):
        damaged[_place(fuzzer, value)] ^= 1 << fuzzer.random.randrange(8)
    return bytes(damaged)


def _cut(fuzzer, value):
    return value[: _place(fuzzer, value)]


def _inserted(fuzzer, value):
    at = _place(fuzzer, value)
    return value[:at] + fuzzer.random.randbytes(fuzzer.random.choice((1, 2, 9))) + value[at:]


def _removed(fuzzer, value):
    at = _place(fuzzer, value)
    return value[:at] + value[at + fuzzer.random.choice((1, 2, 9)) :]


def _doubled(fuzzer, value):
    one, two = sorted((_place(fuzzer, value), _place(fuzzer, value)))
    return value[:two] + value[one:two] + value[two:]


def _bomb(fuzzer, value):
    at = _place(fuzzer, value, least=min(wire.HEADER, len(value) - 1))
    return value[:at] + fuzzer.random.choice(BOMBS) + value[at + 1 :]


def _swapped_print(fuzzer, value):
    other = fuzzer.random.choice((*wire.PRINTS.values(), fuzzer.random.randbytes(8)))
    return wire.MARKER + other + value[wire.HEADER :]


def _far_moment(fuzzer, _):
    """Avro whose startsAt is beyond the years 1 to 9999, which no writer of moments would make."""
    far = fuzzer.random.choice(FAR)
    whole = wire.write("Alert", {"labels": {"alertname": "Far"}, "startsAt": NOW})
    return whole.replace(_varint(round(NOW.timestamp() * 1000)), _varint(far))


def _varint(number):
    zigzag = (number << 1) ^ (number >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*out, zigzag])


def _spliced(fuzzer, value):
    return value[: _place(fuzzer, value)] + fuzzer._last[_place(fuzzer, fuzzer._last) :]


BYTES = {
    "bits flipped": _flips,
    "cut short": _cut,
    "bytes inserted": _inserted,
    "bytes removed": _removed,
    "a part doubled": _doubled,
    "length bomb": _bomb,
    "another fingerprint": _swapped_print,
    "a far moment": _far_moment,
    "spliced with another": _spliced,
    "bytes after it": lambda fuzzer, value: value + fuzzer.random.randbytes(3),
    "registry framing": lambda fuzzer, value: b"\x00" + fuzzer.random.randbytes(4) + value,
    "random bytes": lambda fuzzer, _: fuzzer.random.randbytes(fuzzer.random.randrange(60)),
    "marker and random bytes": lambda fuzzer, value: value[: wire.HEADER] + fuzzer.random.randbytes(30),
    "another encoding": lambda _, value: value.decode("latin-1").encode("utf-16"),
    "nothing": lambda *_: b"",
    "null": lambda *_: None,
}
