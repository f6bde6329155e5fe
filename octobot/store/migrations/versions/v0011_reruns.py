"""Which failed checks were run again, so that none is run again twice for one head commit."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table of re-runs."""
    op.execute("""
        create table rerun (
            repository bigint not null,
            head text not null,
            -- The App that posts the check, and the check's name: a new run has a new number.
            app bigint not null,
            name text not null,
            asked timestamptz not null,
            primary key (repository, head, app, name)
        )""")
