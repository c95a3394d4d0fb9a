"""Keep what sync needs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


IN_CHAIN = sa.text("why <> 'chain_broken'")

BLOB, FILES = sa.column("blob", sa.String), sa.column("files", sa.JSON)
EVIDENCE = sa.table("evidence", BLOB, FILES)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_decisions_user_id")),
        sa.PrimaryKeyConstraint("learner_id", "event_id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_invitations_learner_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "activity_rules",
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_rules_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "since", name=op.f("pk_activity_rules")),
    )
    op.create_table(
        "playlist_rules",
        sa.Column("playlist_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlists.id"], name=op.f("fk_playlist_rules_playlist_id")
        ),
        sa.PrimaryKeyConstraint("playlist_id", "since", name=op.f("pk_playlist_rules")),
    )
    op.add_column("activities", sa.Column("confirm", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_events_device_id_seq"), type_="unique")
        batch_op.create_index(
            "ix_events_place",
            ["device_id", "seq"],
            unique=True,
            sqlite_where=IN_CHAIN,
            postgresql_where=IN_CHAIN,
        )
        batch_op.create_index("ix_events_state_type", ["state", "type"])

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", sa.JSON(), server_default="[]", nullable=False))
    array = sa.func.json_build_array if _on_postgresql() else sa.func.json_array
    op.execute(sa.update(EVIDENCE).where(BLOB.is_not(None)).values(files=array(BLOB)))
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.alter_column("files", server_default=None)
        batch_op.drop_column("blob")

    op.add_column("feed_heads", sa.Column("floor", sa.Integer(), server_default="0", nullable=False))

    op.add_column("tasks", sa.Column("review", sa.String(), server_default="none", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_column("review")

    with op.batch_alter_table("feed_heads", schema=None) as batch_op:
        batch_op.drop_column("floor")

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blob", sa.String(), nullable=True))
    first = FILES.op("->>")(0) if _on_postgresql() else sa.func.json_extract(FILES, "$[0]")
    op.execute(sa.update(EVIDENCE).values(blob=first))
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_column("files")

    op.execute(
        "DELETE FROM events WHERE why = 'chain_broken'"
    )  # they hold no place, which the old schema asks for
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_state_type")
        batch_op.drop_index("ix_events_place", sqlite_where=IN_CHAIN, postgresql_where=IN_CHAIN)
        batch_op.create_unique_constraint(batch_op.f("uq_events_device_id_seq"), ["device_id", "seq"])

    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("confirm")

    op.drop_table("playlist_rules")
    op.drop_table("activity_rules")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_learner_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_user_id"))

    op.drop_table("decisions")
