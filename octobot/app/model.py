"""The model of the settings, as `triage` uses it."""

from octobot.model.suggestion import NO_QUESTIONS, Allowance
from octobot.settings import Settings
from octobot.triage.model.ask import Model


def model_of(settings: Settings) -> Model | None:
    """Return the model that the settings name; None: rules only."""
    model = settings.model
    if model is None:
        return None
    return Model(
        provider=model.provider,
        name=model.name,
        key=model.key.reveal(),
        url=model.url,
        patience=model.timeout.total_seconds(),
        loopback=model.loopback,
    )


def allowance_of(settings: Settings) -> Allowance:
    """Return how many questions may be asked in a day."""
    model = settings.model
    return Allowance(model.budget_day, model.budget_repository) if model else NO_QUESTIONS
