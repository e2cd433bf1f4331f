import pytest

from app.road.failpoints import FAILPOINTS, FailpointError, parse


@pytest.mark.parametrize("point", FAILPOINTS)
def test_ends_at_the_point_alone(point):
    ended = []
    hit = parse(point, ended.append)
    for each in FAILPOINTS:
        hit(each)
    assert ended == [86]


def test_ends_at_the_nth_time():
    ended = []
    hit = parse("after_commit:3", ended.append)
    for _ in range(2):
        hit("after_commit")
    assert not ended
    hit("after_commit")
    hit("after_commit")
    assert ended == [86]


def test_nothing_is_switched_on_by_itself():
    for point in FAILPOINTS:
        parse("")(point)


@pytest.mark.parametrize("spec", ["after_lunch", "after_commit:0", "after_commit:x", ":1"])
def test_a_wrong_spec_names_the_points(spec):
    with pytest.raises(FailpointError, match="after_outputs"):
        parse(spec)
