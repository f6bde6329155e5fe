"""What octobot set out to say: a list that lags may not show it yet."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the table of comments and issues that were begun lately."""
    op.execute("""
        create table spoken (
            repository bigint not null,
            -- The issue or pull request; 0: an issue itself.
            thread bigint not null,
            tag text not null,
            since timestamptz not null,
            primary key (repository, thread, tag)
        )""")
