from datetime import UTC, datetime

import pytest

from octobot.github.webhooks.delivery_log import HookLog
from octobot.model.delivery import Attempt, Attempts
from octobot.model.errors import TryLater
from octobot.model.ids import Guid
from tests.github.loopback import Say, Scene

ITEM = {
    "id": 12345678,
    "guid": "0b989ba4-242f-11e5-81e1-c7b6966d2516",
    "delivered_at": "2026-06-03T00:57:16.000Z",
    "redelivery": False,
    "duration": 0.27,
    "status": "OK",
    "status_code": 200,
    "event": "push",
    "action": None,
    "installation_id": 123,
    "repository_id": 456,
}
FINE = Attempt(
    12345678,
    Guid("0b989ba4-242f-11e5-81e1-c7b6966d2516"),
    datetime(2026, 6, 3, 0, 57, 16, tzinfo=UTC),
    "fine",
    again=False,
)


async def test_a_page_and_its_cursor_are_read(stage: Scene) -> None:
    """GitHub's cursor is opaque and goes back as it came."""
    url = f"{stage.far.url}/app/hook/deliveries?per_page=100&cursor=v1_1%2B7"
    stage.far.say(Say(json=[ITEM], headers={"Link": f'<{url}>; rel="next"'}), Say(json=[]))
    hook = HookLog(stage.app().session)
    assert await hook.attempts(None) == Attempts((FINE,), "v1_1+7")
    assert await hook.attempts("v1_1+7") == Attempts((), None)
    assert stage.far.asked == [
        "GET /app/hook/deliveries?per_page=100",
        "GET /app/hook/deliveries?per_page=100&cursor=v1_1%2B7",
    ]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        ("OK", 200, "fine"),
        ("OK", 202, "fine"),
        ("Invalid HTTP Response: 503", 503, "failed"),
        ("failed to connect to host", 502, "failed"),
        ("timed out", 504, "failed"),
        ("timed out", 0, "failed"),
        ("pending", 0, "pending"),
    ],
)
async def test_outcomes(stage: Scene, status: str, code: int, outcome: str) -> None:
    """What GitHub says, in its own words and by number."""
    stage.far.say(Say(json=[{**ITEM, "status": status, "status_code": code, "redelivery": True}]))
    (attempt,) = (await HookLog(stage.app().session).attempts(None)).attempts
    assert (attempt.outcome, attempt.again) == (outcome, True)


async def test_an_app_without_a_hook_has_no_deliveries(stage: Scene) -> None:
    """404; and 422 for a cursor that is too old."""
    stage.far.say(Say(404, {"message": "Not Found"}), Say(422, {"message": "cursor"}))
    hook = HookLog(stage.app().session)
    assert await hook.attempts(None) == Attempts((), None)
    assert await hook.attempts("old") == Attempts((), None)


@pytest.mark.parametrize("moment", ["yesterday", "2026-06-03T00:57:16"])
async def test_an_invalid_time_concludes_nothing(stage: Scene, moment: str) -> None:
    """Nothing is guessed."""
    stage.far.say(Say(json=[{**ITEM, "delivered_at": moment}]))
    with pytest.raises(TryLater, match="delivered_at"):
        await HookLog(stage.app().session).attempts(None)


async def test_asking_again_is_safe_to_repeat(stage: Scene) -> None:
    """A lost answer is asked again; what is gone is reported."""
    stage.far.say(Say(502), Say(202, {}), Say(404, {"message": "Not Found"}))
    hook = HookLog(stage.app().session)
    assert await hook.again(5)
    assert not await hook.again(6)
    assert stage.far.asked == ["POST /app/hook/deliveries/5/attempts"] * 2 + [
        "POST /app/hook/deliveries/6/attempts"
    ]
