"""The last good settings of a repository, and the issue about those that cannot be read."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables of what settings files said when they could be read last."""
    op.execute("""
        create table good_config (
            repository bigint not null,
            -- Where the file lives, as its author names it.
            path text not null,
            blob text not null,
            content text not null,
            primary key (repository, path)
        )""")
    op.execute("""
        create table config_issue (
            repository bigint primary key,
            -- Of what the issue says.
            digest text not null,
            -- Null from the intent until GitHub has answered.
            number int,
            at timestamptz not null
        )""")
