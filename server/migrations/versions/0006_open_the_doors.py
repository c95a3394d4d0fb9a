"""Sessions, doors, claim codes, and flags."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "occurrences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_occurrences_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrences")),
    )
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occurrences_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrences_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "door_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("who_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_door_entries_occurrence_id")
        ),
        sa.ForeignKeyConstraint(["who_id"], ["learners.id"], name=op.f("fk_door_entries_who_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_entries")),
    )
    with op.batch_alter_table("door_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_entries_occurrence_id"), ["occurrence_id"], unique=False)
        batch_op.create_index(
            "ix_door_entries_once",
            ["occurrence_id", "who_id"],
            unique=True,
            sqlite_where=sa.text("who_id IS NOT NULL"),
            postgresql_where=sa.text("who_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_door_entries_who_id"), ["who_id"], unique=False)

    op.create_table(
        "door_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("made_by", sa.String(length=36), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_door_links_occurrence_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_door_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_links")),
    )
    with op.batch_alter_table("door_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_links_occurrence_id"), ["occurrence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_links_user_id"), ["user_id"], unique=False)

    op.create_table(
        "reservations",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_reservations_learner_id")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_reservations_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("learner_id", "occurrence_id", name=op.f("pk_reservations")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservations_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reservations_occurrence_id"), ["occurrence_id"], unique=False)

    op.create_table(
        "door_devices",
        sa.Column("occurrence_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("link_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_door_devices_device_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_door_devices_learner_id")),
        sa.ForeignKeyConstraint(["link_id"], ["door_links.id"], name=op.f("fk_door_devices_link_id")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_door_devices_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "device_id", name=op.f("pk_door_devices")),
    )
    with op.batch_alter_table("door_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_devices_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_devices_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_devices_link_id"), ["link_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_devices_occurrence_id"), ["occurrence_id"], unique=False)

    op.create_table(
        "code_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("point_id", sa.String(length=36), nullable=False),
        sa.Column("code_id", sa.String(length=36), nullable=True),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_code_changes_code_id")),
        sa.ForeignKeyConstraint(["point_id"], ["points.id"], name=op.f("fk_code_changes_point_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_code_changes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_changes")),
    )
    with op.batch_alter_table("code_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_changes_code_id"), ["code_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_code_changes_point_id"), ["point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_code_changes_user_id"), ["user_id"], unique=False)

    op.create_table(
        "flags",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("activity_id", sa.String(length=36), nullable=True),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("code_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.String(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_flags_activity_id")),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_flags_code_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_flags_learner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_flags_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("learner_id", "event_id", "kind", name=op.f("uq_flags_learner_id_event_id_kind")),
    )
    with op.batch_alter_table("flags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flags_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flags_code_id"), ["code_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flags_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flags_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("event_id", sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f("ix_awards_code_id"), ["code_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_awards_code_id"), "codes", ["code_id"], ["id"])

    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("over", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("radius_m", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("languages", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("printed", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(
            sa.Column("handed_out", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )

    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.add_column(sa.Column("occurrence_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("achievement_id", sa.String(length=36), nullable=True))
        batch_op.alter_column("activity_id", existing_type=sa.VARCHAR(length=36), nullable=True)
        batch_op.create_index(batch_op.f("ix_points_achievement_id"), ["achievement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_points_occurrence_id"), ["occurrence_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_points_achievement_id"), "achievements", ["achievement_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_points_occurrence_id"), "occurrences", ["occurrence_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_points_occurrence_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_points_achievement_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_points_occurrence_id"))
        batch_op.drop_index(batch_op.f("ix_points_achievement_id"))
        batch_op.alter_column("activity_id", existing_type=sa.VARCHAR(length=36), nullable=False)
        batch_op.drop_column("achievement_id")
        batch_op.drop_column("occurrence_id")

    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_column("handed_out")
        batch_op.drop_column("printed")
        batch_op.drop_column("languages")
        batch_op.drop_column("radius_m")
        batch_op.drop_column("longitude")
        batch_op.drop_column("latitude")

    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.drop_column("over")
        batch_op.drop_column("place")

    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_awards_code_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_awards_code_id"))
        batch_op.drop_column("event_id")
        batch_op.drop_column("code_id")

    with op.batch_alter_table("flags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flags_user_id"))
        batch_op.drop_index(batch_op.f("ix_flags_learner_id"))
        batch_op.drop_index(batch_op.f("ix_flags_code_id"))
        batch_op.drop_index(batch_op.f("ix_flags_activity_id"))

    op.drop_table("flags")
    with op.batch_alter_table("code_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_changes_user_id"))
        batch_op.drop_index(batch_op.f("ix_code_changes_point_id"))
        batch_op.drop_index(batch_op.f("ix_code_changes_code_id"))

    op.drop_table("code_changes")
    with op.batch_alter_table("door_devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_devices_occurrence_id"))
        batch_op.drop_index(batch_op.f("ix_door_devices_link_id"))
        batch_op.drop_index(batch_op.f("ix_door_devices_learner_id"))
        batch_op.drop_index(batch_op.f("ix_door_devices_device_id"))

    op.drop_table("door_devices")
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reservations_occurrence_id"))
        batch_op.drop_index(batch_op.f("ix_reservations_learner_id"))

    op.drop_table("reservations")
    with op.batch_alter_table("door_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_links_user_id"))
        batch_op.drop_index(batch_op.f("ix_door_links_occurrence_id"))

    op.drop_table("door_links")
    with op.batch_alter_table("door_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_entries_who_id"))
        batch_op.drop_index(
            "ix_door_entries_once",
            sqlite_where=sa.text("who_id IS NOT NULL"),
            postgresql_where=sa.text("who_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_door_entries_occurrence_id"))

    op.drop_table("door_entries")
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_occurrences_starts_at"))
        batch_op.drop_index(batch_op.f("ix_occurrences_activity_id"))

    op.drop_table("occurrences")
