"""Looks that remember: what an upstream showed last, and what each package concluded from it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables of what upstreams showed, and the columns that schedule looks."""
    op.execute("""
        alter table package
            -- Asked of a host other than GitHub: politeness decides how often.
            add column far boolean not null default false,
            -- Digest of what the last conclusion rests on; null: the spec was not read since.
            add column mark text,
            -- Names of interest start with this.
            add column prefix text not null default '',
            -- Until the next look while nothing changes.
            add column pause interval not null default interval '0',
            -- A process has it at hand; one that starts takes back what the last one left.
            add column lent boolean not null default false,
            -- Looks in a row that missed the target.
            add column missed int not null default 0""")
    op.execute("drop index package_look_due")
    op.execute("create index package_look_due on package (repository, far, look_due)")
    op.execute("create index package_upstream on package (lower(upstream ->> 'identifier'))")
    op.execute("""
        create table shown (
            datasource text not null,
            identifier text not null,
            kind text not null,
            branch text not null,
            prefixes text[] not null,
            -- The datasource's own, by which it tells cheaply that nothing changed.
            mark text not null,
            -- Of all releases.
            digest text not null,
            asked timestamptz not null,
            -- When it was last read from end to end.
            whole timestamptz not null,
            primary key (datasource, identifier, kind, branch)
        )""")
    # Apart from the rest, which is written at every look.
    op.execute("""
        create table shown_releases (
            datasource text not null,
            identifier text not null,
            kind text not null,
            branch text not null,
            -- JSON, compressed by zlib: `octobot.store.upstream_cache` knows its shape.
            releases bytea not null,
            primary key (datasource, identifier, kind, branch)
        )""")
