"""Which repository stood behind an upstream's name when it was seen first."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table of identities, and what counting new pull requests needs."""
    op.execute("""
        create table upstream_identity (
            datasource text not null,
            identifier text not null,
            -- GitHub's number of the repository; survives a rename, not a name taken over.
            number bigint not null,
            first_seen timestamptz not null,
            -- The other repository that was ever seen under the name; null: none was.
            other bigint,
            primary key (datasource, identifier)
        )""")
    op.execute("create index proposal_at on proposal (repository, at)")
