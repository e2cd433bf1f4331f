"""The measurement runs, and those that it times share the storm's partition and nothing else."""

from itertools import islice

import pytest

from app.library.compile import compile_library
from app.road.partitioner import partition_of
from tests.storm.blowing import labels_of as of_the_storm
from tests.storm.lonely import domain_of, names_beside
from tests.storm.run import LIBRARY, Form, run, table


@pytest.mark.slow
async def test_short(real_kafka):
    document = await run(real_kafka, Form(alerts=200, seconds=1, tries=2))
    assert (document["alerts"], document["storm_ms"]["of"], len(document["tries_ms"])) == (200, 2, 2)
    assert document["alerts_a_message"] >= 1
    assert "storm" in table(document)


def test_the_others_are_of_domains_of_their_own_in_the_storms_partition():
    library = compile_library({"library.yaml": LIBRARY})
    storm = domain_of(of_the_storm(0), library)
    assert domain_of(of_the_storm(1), library) == storm
    domains = [domain for _, domain in islice(names_beside(storm, library, 4), 20)]
    assert len({storm, *domains}) == 21
    assert {partition_of(each.encode(), 4) for each in domains} == {partition_of(storm.encode(), 4)}
