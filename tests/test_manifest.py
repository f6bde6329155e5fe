"""The law of the manifest: `app.yaml` asks for what the code uses, no more and no less."""

import yaml

from octobot.github.transport.scopes import PERMISSIONS
from octobot.github.webhooks.deliveries import EVENTS
from octobot.sandbox.changes import bootstrap
from tests.manual import ROOT, WHY

MANIFEST = yaml.safe_load((ROOT / "app.yaml").read_text())


def test_the_events_are_those_the_code_reads() -> None:
    """Every event asked for is routed, and every routed one that can be asked for is.

    GitHub sends `installation`, `installation_repositories` and `ping` to every App, unasked.
    """
    unasked = {"installation", "installation_repositories", "ping"}
    assert set(MANIFEST["default_events"]) == EVENTS - unasked


def test_the_sandbox_grants_the_app_no_more() -> None:
    """What works on the sandbox works with the manifest's permissions and events."""
    assert MANIFEST["default_permissions"] == bootstrap.PERMISSIONS
    assert set(MANIFEST["default_events"]) <= set(bootstrap.EVENTS)


def test_the_permissions_are_those_the_code_uses() -> None:
    """The manifest's permissions are the code's, each with a reason in the manual."""
    assert MANIFEST["default_permissions"] == dict(PERMISSIONS)
    assert set(MANIFEST["default_permissions"]) <= set(WHY)
