"""What libraries say at a first start, and nobody can do anything about, is left out of the log."""

import logging

from aiokafka.errors import CoordinatorLoadInProgressError, GroupCoordinatorNotAvailableError

from app.settings import Settings
from app.stream.worker import make


def test_that_there_is_no_coordinator_yet_is_not_said(tmp_path, caplog):
    make(Settings(data_dir=tmp_path, runbooks=tmp_path, web_port=0))
    log = logging.getLogger("aiokafka.consumer.group_coordinator")
    log.error("Group Coordinator Request failed: %s", GroupCoordinatorNotAvailableError())
    assert not caplog.records
    log.error("Group Coordinator Request failed: %s", CoordinatorLoadInProgressError())
    assert [each.levelname for each in caplog.records] == ["ERROR"]
