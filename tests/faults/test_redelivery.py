"""Deliveries that failed are asked for again: row 36 of SAFETY.md, and GitHub's own list."""

from datetime import timedelta

from octobot.flows.redeliver import redeliver
from octobot.github.app.app import App
from octobot.github.transport.request import open_http
from octobot.github.transport.scopes import PemSigner
from octobot.github.transport.throttle import UNLIMITED
from octobot.github.webhooks.delivery_log import HookLog
from octobot.model.ids import Key
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.deliveries import DeliveryFaults
from tests.faults.test_deliveries import doors, once
from tests.stories.story import NAME, Story

AT_ONCE = timedelta(0)


async def asked_again(tale: Story) -> int:
    """Make one pass over GitHub's list of deliveries."""
    async with open_http() as session:
        app = App(
            session,
            base_url=tale.sandbox.api_url,
            issuer=str(tale.sandbox.app.app_id),
            signer=PemSigner(tale.sandbox.app.private_key),
            limits=UNLIMITED,
            clock=tale.clock.machine,
        )
        return await redeliver(HookLog(app.session), tale.store.redeliveries, every=AT_ONCE)


async def test_what_never_arrived_is_asked_for_and_heard(tale: Story) -> None:
    """All deliveries are lost while the receiver is away; the list brings each of them once."""
    outbox = tale.sandbox.hub.outbox
    outbox.faults = DeliveryFaults(dropped=1.0)
    async with doors(tale) as made:
        await tale.look()
        await tale.release("1.1")
        await tale.look()
        for pull in await tale.pulls():
            tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
        await made.worked_off()
        lost = len(tale.sandbox.hub.state.deliveries)
        assert (lost > 0, made.heard) == (True, [])
        outbox.faults = DeliveryFaults()
        assert await asked_again(tale) == lost
        await made.worked_off()
        assert Key(tale.world.watched.id, "hello") in tale.queue.keys
        assert await tale.work() is ReasonCode.MERGED
        await made.worked_off()
        heard = len(made.heard)
        assert await asked_again(tale) == 0
        await made.worked_off()
        assert len(made.heard) == heard
    once(tale)


async def test_what_arrived_is_not_asked_for(tale: Story) -> None:
    """Nor what the sandbox shows as fine."""
    async with doors(tale) as made:
        await tale.look()
        await tale.release("1.1")
        await tale.look()
        await made.worked_off()
        assert made.heard
        assert await asked_again(tale) == 0


async def test_three_hours_without_a_delivery_are_made_good_in_one_pass(tale: Story) -> None:
    """Row 36: the tick alone; no delivery of the checks, nor of anything else."""
    tale.sandbox.hub.outbox.faults = DeliveryFaults(dropped=1.0)
    async with doors(tale) as made:
        await tale.look()
        await tale.release("1.1")
        await tale.look()
        for pull in await tale.pulls():
            tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
        await tale.release("1.2-rc1")
        assert await tale.later(hours=3) is ReasonCode.MERGED
        assert made.heard == []
        tale.sandbox.log.clear()
        assert await tale.later(hours=3) is ReasonCode.MERGED
    assert tale.sandbox.log.content_writes() == []
    once(tale)
