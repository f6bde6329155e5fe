"""The table of upstream sources: one line each."""

from collections.abc import Mapping
from types import MappingProxyType

from octobot.datasources.git import Git
from octobot.datasources.github import GitHub
from octobot.model.lookup import Datasource

_SOURCES: tuple[Datasource, ...] = (
    GitHub(),
    Git(),
)

TABLE: Mapping[str, Datasource] = MappingProxyType({source.name: source for source in _SOURCES})
"""By the name that `Upstream.datasource` carries."""
