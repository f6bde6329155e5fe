"""What people told octobot: the comments taken up, the orders that stand, and the audit log."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables of commands; what is in the audit log stays as it was written."""
    op.execute("""
        create table command (
            repository bigint not null,
            comment bigint not null,
            -- When a process took it up; another one may after a while.
            taken timestamptz not null,
            tries int not null default 1,
            done timestamptz,
            primary key (repository, comment)
        )""")
    op.execute("create index command_pending on command (repository, taken) where done is null")
    op.execute("""
        create table listened (
            repository bigint primary key,
            -- Comments changed before this are known.
            since timestamptz not null
        )""")
    op.execute("""
        create table steering (
            repository bigint not null,
            -- Empty: the whole repository.
            package text not null,
            kind text not null,
            -- Tells several orders of a kind apart.
            name text not null default '',
            value jsonb not null,
            who bigint not null,
            login text not null,
            at timestamptz not null,
            primary key (repository, package, kind, name)
        )""")
    op.execute("""
        create table audit (
            id bigint generated always as identity primary key,
            repository bigint not null,
            thread bigint not null,
            comment bigint not null,
            position int not null,
            who bigint not null,
            login text not null,
            bot boolean not null,
            level text not null,
            command text not null,
            words text not null,
            package text not null,
            head text,
            outcome text not null,
            answer text not null,
            at timestamptz not null,
            unique (repository, comment, position)
        )""")
    op.execute("create index audit_at on audit (at)")
    op.execute("create index audit_who on audit (repository, who, at)")
    op.execute("""
        create function audit_stays() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit log is append-only';
        end $$""")
    op.execute("""
        create trigger audit_stays before update or delete or truncate on audit
            for each statement execute function audit_stays()""")
