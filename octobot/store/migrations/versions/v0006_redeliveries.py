"""Deliveries that failed and are asked for again."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of what failed, and of how far GitHub's list was read."""
    op.execute("""
        create table redelivery (
            guid text primary key,
            -- GitHub's number of the newest attempt.
            attempt bigint not null,
            failed timestamptz not null,
            tries int not null default 0,
            asked timestamptz,
            -- GitHub shows that it arrived.
            settled boolean not null default false
        )""")
    op.execute("create index redelivery_failed on redelivery (failed)")
    op.execute("""
        create table hook_log (
            one boolean primary key default true check (one),
            -- Everything older was read.
            read_to timestamptz not null,
            -- Where an unfinished reading goes on, and what read_to becomes when it ends.
            cursor text,
            newest timestamptz,
            begun timestamptz not null
        )""")
