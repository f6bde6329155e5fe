import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from octobot.app.logging_setup import set_up_logs

TOKEN = "ghs_" + "a1B2" * 9
SECRET = "the webhook's own secret"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Put logging back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_no_secret_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Known secrets and whatever looks like a token are masked, in libraries' lines too."""
    set_up_logs("json", secrets=[SECRET])
    structlog.get_logger().info("hello", token=TOKEN, url="https://me:pass@example.org/x")
    told = {"list": [TOKEN], SECRET: ({"deep": TOKEN},)}
    structlog.get_logger().info("nested", told=told, error=ValueError(SECRET))
    logging.getLogger("library").warning("sent %s with %s", TOKEN, SECRET)
    try:
        int(TOKEN)
    except ValueError:
        structlog.get_logger().exception("failed")
    shown = capsys.readouterr().err
    assert shown.count("[secret]") >= 5
    for secret in (TOKEN, SECRET, "me:pass"):
        assert secret not in shown


def test_a_probe_that_is_refused_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody on duty must not read octobot's own forgeries as those of an attacker."""
    set_up_logs("json")
    log = structlog.get_logger()
    with structlog.contextvars.bound_contextvars(probing=True):
        log.warning("level unknown")
        log.info("command")
        log.error("broken")
    log.info("probes refused")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["broken", "probes refused"]


def test_an_event_carries_what_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of JSON has the event and the package that is bound around it."""
    set_up_logs("json")
    with structlog.contextvars.bound_contextvars(package="curl"):
        structlog.get_logger().info("reconciled", reason="up-to-date")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["package"], line["reason"]) == ("reconciled", "curl", "up-to-date")
