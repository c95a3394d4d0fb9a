"""Accounts and roles: ways back in, staff's second factors, the city's team, families, mail, exports, audit."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


NEW_TABLES = (
    "push_subscriptions", "mail_tokens", "class_members", "school_classes", "recovery_kits", "push_messages",
    "passkeys", "learner_mails", "guardianships", "exports", "consents", "staff_invitations", "second_factors",
    "city_members", "challenges", "mail_askings", "mails", "erasures", "audit_entries",
)  # fmt: skip
"""Those that refer to others first."""
APPEND_ONLY = "audit entries are added and never changed"


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("city_id", sa.String(length=36), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_city_at", ["city_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "erasures",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erasures")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("city_id", sa.String(length=36), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("unsubscribe", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mails_due_at"), ["due_at"], unique=False)

    op.create_table(
        "mail_askings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("city_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_askings")),
    )
    with op.batch_alter_table("mail_askings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_askings_at"), ["at"], unique=False)

    op.create_table(
        "challenges",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_challenges_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_challenges")),
    )
    with op.batch_alter_table("challenges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenges_user_id"), ["user_id"], unique=False)

    op.create_table(
        "city_members",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("city_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_city_members_city_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_city_members_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_members")),
        sa.UniqueConstraint("city_id", "user_id", name=op.f("uq_city_members_city_id_user_id")),
    )
    with op.batch_alter_table("city_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_city_members_city_id"), ["city_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_city_members_user_id"), ["user_id"], unique=False)

    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("spare_digests", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "staff_invitations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=True),
        sa.Column("city_id", sa.String(length=36), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_staff_invitations_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_invitations_digest")),
    )
    with op.batch_alter_table("staff_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_invitations_city_id"), ["city_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_invitations_invited_by"), ["invited_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_invitations_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["learners.id"], name=op.f("fk_consents_by_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_consents_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consents_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_exports_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exports_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "guardianships",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("guardian_id", sa.String(length=36), nullable=False),
        sa.Column("child_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invite", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["learners.id"], name=op.f("fk_guardianships_child_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["learners.id"], name=op.f("fk_guardianships_guardian_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianships")),
        sa.UniqueConstraint("guardian_id", "child_id", name=op.f("uq_guardianships_guardian_id_child_id")),
    )
    with op.batch_alter_table("guardianships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardianships_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guardianships_guardian_id"), ["guardian_id"], unique=False)

    op.create_table(
        "learner_mails",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tells", sa.JSON(), nullable=False),
        sa.Column("leave", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_learner_mails_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner_mails")),
        sa.UniqueConstraint("learner_id", "address", name=op.f("uq_learner_mails_learner_id_address")),
    )
    with op.batch_alter_table("learner_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learner_mails_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_learner_mails_leave"), ["leave"], unique=False)
        batch_op.create_index(batch_op.f("ix_learner_mails_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_passkeys_learner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_passkeys_user_id"), ["user_id"], unique=False)

    op.create_table(
        "push_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_push_messages_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_messages")),
    )
    with op.batch_alter_table("push_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_messages_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_messages_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "recovery_kits",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_recovery_kits_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_kits")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_kits_digest")),
    )
    with op.batch_alter_table("recovery_kits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_kits_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "school_classes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("salt", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name=op.f("fk_school_classes_organiser_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_classes")),
    )
    with op.batch_alter_table("school_classes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_classes_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "class_members",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("class_id", sa.String(length=36), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=True),
        sa.Column("salt", sa.String(length=22), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["school_classes.id"], name=op.f("fk_class_members_class_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_class_members_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_members")),
        sa.UniqueConstraint("class_id", "pseudonym", name=op.f("uq_class_members_class_id_pseudonym")),
    )
    with op.batch_alter_table("class_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_members_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_class_members_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "mail_tokens",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("mail_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["learner_mails.id"], name=op.f("fk_mail_tokens_mail_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mail_tokens")),
    )
    with op.batch_alter_table("mail_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_tokens_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "push_subscriptions",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_push_subscriptions_device_id")),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_push_subscriptions_learner_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_push_subscriptions")),
    )
    with op.batch_alter_table("push_subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_subscriptions_learner_id"), ["learner_id"], unique=False)

    with op.batch_alter_table("cities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("keeps", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("privacy", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("organisers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("suspended_why", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f("ix_learners_merged_into"), ["merged_into"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_learners_merged_into"), "learners", ["merged_into"], ["id"]
        )

    op.execute("DELETE FROM user_sessions")  # they had no id; people sign in once more
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("id", sa.String(length=36), nullable=False))
        batch_op.add_column(sa.Column("agent", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("network", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("way", sa.String(), server_default="link", nullable=False))
        batch_op.add_column(sa.Column("second_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_user_sessions_id"), ["id"])

    with op.batch_alter_table("award_batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mail_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("award_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lang", sa.String(), server_default="", nullable=False))

    _date_members()
    _keep_audit()


def _date_members() -> None:
    """Say since when somebody has a role: nobody kept that, so owners get their days for a second factor from now on."""
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    members = sa.table("members", sa.column("since", sa.DateTime(timezone=True)))
    op.execute(members.update().values(since=datetime.now(UTC)))
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.alter_column("since", nullable=False)


def _keep_audit() -> None:
    """Have the database itself refuse to change or remove an audit entry; but its network may be taken out."""
    if op.get_bind().dialect.name == "sqlite":
        others = ("id", "city_id", "organiser_id", "user_id", "who", "act", "subject", "facts", "at")
        differs = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in others)
        for act, when in (("UPDATE", f"WHEN NEW.network <> '' OR {differs} "), ("DELETE", "")):
            op.execute(
                f"CREATE TRIGGER audit_entries_{act.lower()} BEFORE {act} ON audit_entries {when}"
                f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND NEW.network = '' AND to_jsonb(NEW) - 'network' = to_jsonb(OLD) - 'network' "
        f"THEN RETURN NEW; END IF; RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries "
        "FOR EACH ROW EXECUTE FUNCTION keep_audit_entries()"
    )
    op.execute(  # TRUNCATE passes by what looks at rows
        "CREATE TRIGGER audit_entries_never_emptied BEFORE TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entries()"
    )


def downgrade() -> None:
    with op.batch_alter_table("award_rows", schema=None) as batch_op:
        batch_op.drop_column("mailed_at")
    with op.batch_alter_table("award_batches", schema=None) as batch_op:
        batch_op.drop_column("mail_at")
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_column("since")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("lang")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_user_sessions_id"), type_="unique")
        for name in ("id", "agent", "network", "seen_at", "way", "second_at", "proved_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_learners_merged_into"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_learners_merged_into"))
        batch_op.drop_column("merged_into")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_column("name")
    with op.batch_alter_table("organisers", schema=None) as batch_op:
        for name in ("suspended_at", "suspended_why"):
            batch_op.drop_column(name)
    with op.batch_alter_table("cities", schema=None) as batch_op:
        for name in ("country", "keeps", "privacy"):
            batch_op.drop_column(name)
    for table in NEW_TABLES:
        op.drop_table(table)  # with its triggers
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION keep_audit_entries()")
