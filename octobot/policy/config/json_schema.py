"""The JSON Schema of the repository's file, for editors: made of the same table as its reader.

What the schema cannot say (a key given twice, an anchor, a tag) only the reader refuses.
"""

from octobot.policy.config.keys import KEYS
from octobot.policy.config.mappings import schema_of
from octobot.policy.config.scalars import Schema


def schema() -> Schema:
    """Give the schema, draft 2020-12; an empty file is valid, as it is for the reader."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "octobot's settings of a repository",
        "description": "`.github/octobot.yaml` on the default branch.",
        **schema_of(KEYS),
        "type": ["object", "null"],
    }
