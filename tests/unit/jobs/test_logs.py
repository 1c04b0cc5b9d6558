"""Each line of the log is one object, and holds no password."""

from __future__ import annotations

import json
import logging

import pytest

from preboard.jobs.logs import LOG_FILE, JsonLines, ToFile, log_about, log_to_stderr
from preboard.project.logs import LogFile


@pytest.fixture
def said(tmp_path):
    """Log something; returns its lines."""
    handler = ToFile(LogFile(tmp_path / LOG_FILE, None, 1, mode=0o600))
    logger = logging.getLogger("preboard.test_logs")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)

    def say(message, *arguments, **more):
        logger.info(message, *arguments, **more)
        lines = (tmp_path / LOG_FILE).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    yield say
    logger.removeHandler(handler)


def test_a_line_has_the_members_of_the_reference_and_what_the_record_brings(said):
    (line,) = said("two\nlines", extra={"request_id": "r1", "told": {"job": "j1"}})

    assert line["message"] == "two\nlines"
    assert (line["request_id"], line["job"]) == ("r1", "j1")
    assert {"asctime", "levelname", "threadName", "module"} < line.keys()


def test_what_a_record_brings_takes_the_place_of_nothing(said):
    (line,) = said("what was said", extra={"told_": 1, "code": "x"})

    assert line["message"] == "what was said"
    assert line["levelname"] == "INFO"


@pytest.mark.parametrize("text", ["postgresql://me:hush@host/db", "https://h/x?token=hush"])
def test_passwords_in_urls_are_masked(said, text):
    (line,) = said("can't reach %s", text)

    assert "hush" not in json.dumps(line)


def test_what_is_no_text_is_written_out():
    # Not through a logger: whoever captures what it says can't pass it on.
    record = logging.makeLogRecord({"msg": "name %s", "args": ("\ud800",)})
    line = json.loads(JsonLines().format(record))

    assert line["message"] == "name \\ud800"


def test_a_long_message_is_cut(said):
    (line,) = said("x" * 100_000)

    assert len(line["message"]) < 10_000


def test_the_file_of_a_home_is_private(tmp_path, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    logger = logging.getLogger("preboard")
    before = logger.level
    try:
        log_to_stderr("info", tmp_path)
        log_about(job="j1")
        logging.getLogger("preboard.server").info("begun", extra={"told": {"attempt": 2}})
    finally:
        logger.setLevel(before)

    line = json.loads((tmp_path / LOG_FILE).read_text())
    assert (line["message"], line["job"], line["attempt"]) == ("begun", "j1", 2)
    assert (tmp_path / LOG_FILE).stat().st_mode & 0o777 == 0o600
