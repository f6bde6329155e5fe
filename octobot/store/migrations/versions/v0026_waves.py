"""Waves: what was intended to be rebuilt, and the versions of triggers that were seen."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create the tables."""
    op.execute("""
        create table wave (
            id bigint generated always as identity primary key,
            repository bigint not null,
            -- A trigger has one wave: the trigger in words, and which order a person's was.
            name text not null,
            trigger jsonb not null,
            -- open, held, stopped or done
            state text not null default 'open',
            because text not null default '',
            -- The login of who ordered it; empty: a merge was the trigger.
            by text not null default '',
            since timestamptz not null,
            issue bigint,
            -- Of what the tracking issue says.
            digest text not null default '',
            -- When that was written.
            said timestamptz,
            unique (repository, name)
        )""")
    op.execute("""
        create table wave_spec (
            wave bigint not null references wave on delete cascade,
            spec text not null,
            -- Its full version when the wave took it up.
            of text not null,
            ordered boolean not null default false,
            primary key (wave, spec)
        )""")
    op.execute("""
        create table trigger_seen (
            repository bigint not null,
            spec text not null,
            -- The version that the default branch had; the full one where an epoch alone counts.
            version text not null,
            primary key (repository, spec)
        )""")
