"""Suggestions for failed builds: what was offered, what people and checks said, what was asked."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables of suggestions, votes, and questions to models."""
    op.execute("""
        create table suggestion (
            id bigint generated always as identity primary key,
            repository bigint not null,
            number int not null,
            package text not null,
            path text not null,
            branch text not null,
            -- The commit that it was made for.
            head text not null,
            fingerprint text not null,
            templates text[] not null,
            -- `octobot.store.suggestions` knows its shape.
            cause jsonb not null,
            -- Specs, byte for byte; equal when there is no edit.
            before bytea not null,
            after bytea not null,
            at timestamptz not null,
            helped_in int,
            state text not null,
            -- When somebody began to apply it.
            began timestamptz,
            -- The commit that applied it, and whether the checks then succeeded.
            commit text,
            green boolean,
            unique (repository, number, head)
        )""")
    op.execute("create index suggestion_fingerprint on suggestion (repository, fingerprint)")
    op.execute("""
        create table vote (
            suggestion bigint not null references suggestion (id),
            person bigint not null,
            up boolean not null,
            primary key (suggestion, person)
        )""")
    # Who may write, so that a thousand thumbs are not a thousand questions to GitHub.
    op.execute("""
        create table voter (
            repository bigint not null,
            person bigint not null,
            writes boolean not null,
            checked timestamptz not null,
            primary key (repository, person)
        )""")
    # GitHub tells nobody of a thumb: which comment to look at, and when.
    op.execute("""
        create table thumb_poll (
            repository bigint not null,
            number int not null,
            due timestamptz not null,
            tries int not null default 0,
            last timestamptz not null,
            primary key (repository, number)
        )""")
    op.execute("create index thumb_poll_due on thumb_poll (repository, due)")
    op.execute("""
        create table question (
            repository bigint not null,
            fingerprint text not null,
            asked timestamptz not null,
            -- Neither: somebody is asking.
            answer jsonb,
            failed text,
            primary key (repository, fingerprint)
        )""")
    op.execute("""
        create table question_count (
            day date not null,
            repository bigint not null,
            questions int not null,
            primary key (day, repository)
        )""")
