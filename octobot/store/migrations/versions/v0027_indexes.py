"""What was seen of the indexes of built packages; plans that wait to be confirmed."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Create both tables."""
    op.execute("""
        create table package_index (
            repository bigint not null,
            address text not null,
            -- When the last package of the index that was believed was built, in epoch seconds.
            newest bigint not null,
            -- The specs that something of was published.
            origins text[] not null,
            -- SHA-256 of an index that was not believed at the last look; empty: it was.
            doubted text not null,
            at timestamptz not null,
            primary key (repository, address)
        )""")
    op.execute("""
        create table asked_rebuild (
            repository bigint not null,
            -- The issue or pull request.
            thread int not null,
            -- The numeric user id of who asked.
            person bigint not null,
            trigger jsonb not null,
            because text not null,
            -- Of the plan that was shown.
            digest text not null,
            at timestamptz not null,
            primary key (repository, thread, person)
        )""")
