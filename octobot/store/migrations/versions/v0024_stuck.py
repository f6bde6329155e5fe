"""Packages that are stuck, with their issue; and what GitHub said of the specs' pins."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Create the tables."""
    op.execute("""
        create table stuck (
            repository bigint not null,
            package text not null,
            reason jsonb not null,
            -- When a check found it first.
            since timestamptz not null,
            -- A later check found that it is over; the issue is to be closed.
            over boolean not null default false,
            issue int,
            -- Digest of what the issue says.
            digest text,
            primary key (repository, package)
        )""")
    op.execute("""
        create table checked_pins (
            repository bigint not null,
            package text not null,
            -- The spec that was read.
            blob text not null,
            checked timestamptz not null,
            -- Repositories on GitHub that its pins come from, beside the watched one: owner/name.
            repositories text[] not null,
            -- Its tags that GitHub does not have.
            gone text[] not null,
            primary key (repository, package)
        )""")
