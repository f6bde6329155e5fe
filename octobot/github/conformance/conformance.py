"""Play every call that octobot knows once on a scratch repository; compare with what it expects.

GitHub's descriptions, which judge the sandbox, say nothing about permissions, lags and limits: this
is how the difference shows, before the first merge.
"""

from collections.abc import AsyncGenerator, Sequence

from octobot.github.app.app import App
from octobot.github.conformance import merging, reading, writing
from octobot.github.conformance.stage import clean, enter
from octobot.github.conformance.trial import Row, tried
from octobot.model.ids import Repository

TRIALS = (reading.TRIALS[0], *writing.TRIALS, *merging.TRIALS, *reading.TRIALS[1:])
"""In this order: later ones need what earlier ones made."""


async def conform(app: App, name: str, public: Sequence[Repository]) -> AsyncGenerator[Row, None]:
    """Yield what became of each trial; what was opened is closed, whatever happens.

    `public`: repositories that everybody may read.  `UserError` when `name` must not be touched.
    """
    stage = await enter(app, name, public)
    try:
        for trial in TRIALS:
            yield await tried(trial, stage)
    finally:
        await clean(stage)
