"""Commands in reviews, review comments and first texts, beside those in comments."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Tell the kinds of texts apart: GitHub numbers each kind for itself."""
    op.execute("""
        alter table command
            add column kind text not null default 'comment',
            -- The pull request of a review, which is not found without it; else it may be 0.
            add column thread bigint not null default 0,
            drop constraint command_pkey,
            add primary key (repository, kind, comment)""")
    op.execute("""
        alter table listened
            add column kind text not null default 'comment',
            -- What was written before this is never obeyed.
            add column began timestamptz,
            drop constraint listened_pkey,
            add primary key (repository, kind)""")
    op.execute("update listened set began = since - interval '3 days'")
    op.execute("alter table listened alter column began set not null")
    op.execute("""
        alter table audit
            add column kind text not null default 'comment',
            -- Whether the answer is posted: who can only read gets none.
            add column answered boolean not null default true,
            drop constraint audit_repository_comment_position_key,
            add unique (repository, kind, comment, position)""")
    op.execute("create index audit_thread on audit (repository, thread, id)")
    op.execute("create index audit_unanswered on audit (repository, at) where not answered")
