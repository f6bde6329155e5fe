"""A worker in a process of its own: `worker_process.py URL serial|hang`.

`serial` writes into the table `trace` whether another one worked on the same key at the same time.
`hang` says on its output which key it took and never finishes.
"""

import asyncio
import sys

import psycopg

from octobot.lanes.lanes import Lanes
from octobot.model.ids import Key


async def _work(url: str, what: str) -> None:
    async with (
        Lanes.open(url) as lanes,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
    ):

        async def serial(key: Key) -> None:
            ours = "select pg_try_advisory_lock(hashtext(%s))"
            got = await (await connection.execute(ours, [str(key)])).fetchone()
            for _ in range(5):  # round trips, during which another one could come
                await connection.execute("select 1")
            alone = got == (True,)
            insert = "insert into trace (worker, alone) values (pg_backend_pid(), %s)"
            await connection.execute(insert, [alone])
            if alone:
                await connection.execute("select pg_advisory_unlock(hashtext(%s))", [str(key)])

        async def hang(key: Key) -> None:
            sys.stdout.write(f"took {key}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

        handler = {"serial": serial, "hang": hang}[what]
        await lanes.run(handler, concurrency=1, stop=asyncio.Event())


asyncio.run(_work(*sys.argv[1:]))
