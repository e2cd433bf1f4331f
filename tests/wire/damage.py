"""Hypothesis strategies that damage what is valid: JSON at any place in it, and bytes."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        10**400,
        1e308,
        float("inf"),
        float("nan"),
        "",
        " ",
        "\x00",
        "\ud800",
        "\U0001f525" * 9000,
        "2026",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        [],
        [None],
        [[[]]],
        {},
        {"": ""},
        {"a": {"b": {"c": 1}}},
        [0] * 3000,
        {str(each): each for each in range(300)},
    ]
).map(copy.deepcopy)  # further damage must not spread to other examples
BOMBS = st.sampled_from(
    [b"\xfe" + b"\xff" * 8 + b"\x01", b"\xff" * 9 + b"\x01", b"\xff" * 12, b"\x80\x80\x80\x80\x10"]
)


def places(value, place=()):
    """Every place in plain data."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield from places(each, (*place, name))


@st.composite
def damaged_json(draw, valid):
    """The value with one to three places replaced, removed, doubled or deepened."""
    value = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places(value))))
        if not place:
            value = draw(st.sampled_from([value, [value], {"alerts": [value, value]}]) | ODD)
            continue
        *above, last = place
        holder = value
        for each in above:
            holder = holder[each]
        match draw(st.sampled_from(["replace", "remove", "deepen", "move", "more"])):
            case "replace":
                holder[last] = draw(ODD)
            case "remove":
                del holder[last]
            case "deepen":
                holder[last] = draw(st.sampled_from([[holder[last]], {"a": holder[last]}]))
            case "move" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["other", "kind", "alerts", "", "Labels"]))] = holder.pop(last)
            case _ if isinstance(holder, dict):
                holder["nobody knows"] = draw(ODD)
            case _:
                holder.append(draw(ODD))
    return value


@st.composite
def damaged_bytes(draw, written):
    """The bytes with one to four places set, cut, filled, doubled or bombed."""
    value = bytearray(written)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(value) - 1)))
        match draw(st.sampled_from(["flip", "cut", "insert", "remove", "double", "bomb"])):
            case "flip" if value:
                value[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del value[at:]
            case "insert":
                value[at:at] = draw(st.binary(min_size=1, max_size=5))
            case "remove":
                del value[at : at + draw(st.integers(1, 5))]
            case "double":
                value[at:at] = value[at : at + draw(st.integers(1, 30))]
            case _:
                value[at : at + 1] = draw(BOMBS)
    return bytes(value)
