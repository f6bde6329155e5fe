"""What octobot asked GitHub to merge, and whose turn it is where branches must be up to date."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create both tables."""
    op.execute("""
        create table merge_try (
            id bigint generated always as identity primary key,
            repository bigint not null,
            number bigint not null,
            head text not null,
            -- api, queue or auto
            way text not null,
            at timestamptz not null,
            -- GitHub's words; empty: it did not refuse.
            refused text not null default '',
            -- octobot took it back.
            cancelled boolean not null default false
        )""")
    op.execute("create index merge_try_of_pull on merge_try (repository, number)")
    op.execute("""
        create table merge_line (
            repository bigint not null,
            number bigint not null,
            -- The package itself, or the name that stands for a group.
            change text not null,
            -- Since when its branch is recreated on the newest base; null: it waits.
            turn timestamptz,
            primary key (repository, number)
        )""")
