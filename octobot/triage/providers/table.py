"""Every model service that octobot can ask, by name."""

from collections.abc import Mapping

from octobot.triage.providers.anthropic import ANTHROPIC
from octobot.triage.providers.gemini import GEMINI
from octobot.triage.providers.openai import OPENAI
from octobot.triage.providers.provider import Provider

TABLE: Mapping[str, Provider] = {each.name: each for each in (OPENAI, GEMINI, ANTHROPIC)}
"""The settings name one of these, or none."""
