"""`octobot accept-upstream`: a person trusts the repository that has a name now."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.cli.accept_upstream import accept_upstream
from octobot.model.errors import UserError
from octobot.model.package import Upstream
from octobot.settings import read_settings
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAGS = Upstream("github", "madler/zlib", "tags")


async def test_only_what_was_taken_over_is_accepted(
    store: Store, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever never saw another repository has nothing to accept; accepting is said."""
    environ = {"OCTOBOT_DATABASE_URL": database_url, "OCTOBOT_HOME": str(tmp_path)}
    settings = read_settings(environ)
    await store.identities.identify({TAGS: 1}, now=NOW)
    with pytest.raises(UserError, match="no other repository"):
        await accept_upstream(settings, "madler/zlib")
    await store.identities.identify({TAGS: 2}, now=NOW)
    await accept_upstream(settings, "Madler/zlib")
    assert "is repository 2 from now on, and was 1" in capsys.readouterr().out
    assert (await store.identities.identify({TAGS: 2}, now=NOW))[TAGS].other is None
