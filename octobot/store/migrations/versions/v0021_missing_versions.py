"""Versions that are listed upstream and whose pins could not be found a while ago."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        create table missing_version (
            repository bigint not null,
            package text not null,
            version text not null,
            -- What of it could not be found, in words.
            because text not null,
            -- When its pins are looked for again.
            until timestamptz not null,
            primary key (repository, package, version)
        )""")
