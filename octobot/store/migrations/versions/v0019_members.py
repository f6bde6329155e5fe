"""A package is in one open change: which one, as a row that can exist only once."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the table and fill it from the proposals that stand, the newest of each package."""
    op.execute("""
        create table open_member (
            repository bigint not null,
            package text not null,
            -- The package itself, or the name that stands for a group.
            change text not null,
            primary key (repository, package)
        )""")
    op.execute("""
        insert into open_member (repository, package, change)
        select distinct on (repository, member) repository, member, package
        from (
            select id, repository, package, regexp_replace(path, '[.]yaml$', '') as member
            from proposal,
                jsonb_object_keys(
                    coalesce(files, jsonb_build_object(package || '.yaml', blob))
                ) as path
            where state in ('intended', 'open') and id = (
                select max(id) from proposal as newer
                where newer.repository = proposal.repository and newer.branch = proposal.branch
            )
        ) as standing
        order by repository, member, id desc""")
