"""`octobot config schema`: the JSON Schema of the repository's file."""

import json

import click

from octobot.policy.config.keys import schema


@click.command("schema")
def command() -> None:
    """Print the file's JSON Schema, for editors.

    Draft 2020-12.  It is made of the same table that octobot reads the file by.
    """
    click.echo(json.dumps(schema(), indent=2))
