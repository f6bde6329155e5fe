"""The table of upstream sources: one line each."""

from collections.abc import Mapping
from types import MappingProxyType

from octobot.datasources.cpan import CPAN
from octobot.datasources.crates import CRATES
from octobot.datasources.feed import FEED
from octobot.datasources.forgejo import FORGEJO_RELEASES, FORGEJO_TAGS
from octobot.datasources.git import Git
from octobot.datasources.github import GitHub
from octobot.datasources.gitlab import GITLAB_RELEASES, GITLAB_TAGS
from octobot.datasources.go import Go
from octobot.datasources.hackage import HACKAGE
from octobot.datasources.json_document import JSON
from octobot.datasources.kernel import KERNEL
from octobot.datasources.listing import LISTING
from octobot.datasources.maven import MAVEN
from octobot.datasources.npm import NPM
from octobot.datasources.oci import Oci
from octobot.datasources.pypi import PYPI
from octobot.datasources.release_monitor import RELEASE_MONITOR
from octobot.datasources.rubygems import RUBYGEMS
from octobot.model.lookup import Datasource

_SOURCES: tuple[Datasource, ...] = (
    GitHub(),
    Git(),
    RELEASE_MONITOR,
    Oci(),
    GITLAB_RELEASES,
    GITLAB_TAGS,
    FORGEJO_RELEASES,
    FORGEJO_TAGS,
    PYPI,
    NPM,
    CRATES,
    RUBYGEMS,
    Go(),
    MAVEN,
    HACKAGE,
    CPAN,
    KERNEL,
    FEED,
    JSON,
    LISTING,
)

TABLE: Mapping[str, Datasource] = MappingProxyType({source.name: source for source in _SOURCES})
"""By the name that `Upstream.datasource` carries."""
