"""What octobot remembers: specs, packages, sightings, the ledger, verdicts, repositories."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of the memory."""
    op.execute("""
        create table watched (
            id bigint primary key,
            installation bigint not null,
            owner text not null,
            name text not null,
            default_branch text not null
        )""")
    op.execute("""
        create table blob (
            id text primary key,
            -- The file's own bytes: a text column would refuse a NUL.
            content bytea not null
        )""")
    op.execute("""
        create table package (
            repository bigint not null,
            name text not null,
            path text not null,
            blob text not null references blob (id),
            reason jsonb not null,
            target jsonb,
            upstream jsonb,
            generation bigint not null default 0,
            tries int not null default 0,
            issue bigint,
            -- Null: when a look or a hint brings it back.
            due timestamptz,
            look_due timestamptz not null,
            -- There was news since the last `begin`: `record` may not put `due` off.
            news boolean not null default true,
            primary key (repository, name)
        )""")
    op.execute("create index package_due on package (due) where due is not null")
    op.execute("create index package_look_due on package (repository, look_due)")
    op.execute("create index package_name on package (name)")
    op.execute("create index package_blob on package (blob)")
    op.execute("""
        create table sighting (
            datasource text not null,
            identifier text not null,
            -- `tags`, or `branch:NAME`: a release and its tag are one name.
            space text not null,
            name text not null,
            commit text,
            tag_object text,
            first_seen timestamptz not null,
            moved_to text,
            primary key (datasource, identifier, space, name)
        )""")
    op.execute("""
        create table proposal (
            id bigint generated always as identity primary key,
            repository bigint not null,
            package text not null,
            version text not null,
            branch text not null,
            base text not null,
            blob text not null,
            head text,
            number bigint,
            state text not null check (state in ('intended', 'open', 'merged', 'superseded',
                                                 'closed-by-person', 'withdrawn')),
            at timestamptz not null
        )""")
    op.execute("create index proposal_package on proposal (repository, package, id)")
    op.execute("create index proposal_branch on proposal (repository, branch, id)")
    op.execute("""
        create table head (
            repository bigint not null,
            branch text not null,
            head text not null,
            entered timestamptz not null default now(),
            primary key (repository, branch, head)
        )""")
    op.execute("create index head_head on head (repository, head)")
    op.execute("""
        create table said (
            repository bigint not null,
            head text not null,
            digest text not null,
            primary key (repository, head)
        )""")
    op.execute("""
        create table stopped_line (
            repository bigint primary key,
            because text not null,
            at timestamptz not null default now()
        )""")
