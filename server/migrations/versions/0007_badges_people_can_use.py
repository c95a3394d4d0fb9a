"""Badges people can use: series, results, lists of recipients, portfolios, endorsements, wallets, frameworks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FIRST_VERSIONS = """
UPDATE achievements SET series = (
  SELECT min(first.id) FROM achievements AS first
  WHERE first.playlist_id = achievements.playlist_id AND first.version = 1
) WHERE playlist_id IS NOT NULL
"""
"""Versions of a playlist's badge belong together; those of others could not be told apart by their rows."""

ACHIEVEMENTS = sa.table(
    "achievements", sa.column("id", sa.String), sa.column("name", sa.JSON), sa.column("design", sa.JSON)
)


def _word_ribbons() -> None:
    """Write a ribbon's one word as its words by language, in the first that the badge's name has."""
    found = op.get_bind().execute(sa.select(ACHIEVEMENTS)).all()
    for badge in found:
        design = dict(badge.design or {})
        word = design.pop("ribbon", None)
        if word is None:
            continue
        design["text"] = {next(iter(badge.name or {}), "en"): word} if word else {}
        op.get_bind().execute(
            sa.update(ACHIEVEMENTS).where(ACHIEVEMENTS.c.id == badge.id).values(design=design)
        )


def upgrade() -> None:
    op.create_table(
        "framework_terms",
        sa.Column("uri", sa.String(length=200), nullable=False),
        sa.Column("framework", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("broader", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_framework_terms")),
    )
    with op.batch_alter_table("framework_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_framework_terms_framework"), ["framework"], unique=False)

    op.create_table(
        "portfolios",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("cv", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("learner_id", name=op.f("pk_portfolios")),
        sa.UniqueConstraint("slug", name=op.f("uq_portfolios_slug")),
    )
    op.create_table(
        "wallet_clients",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("secret_digest", sa.String(length=43), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_clients")),
    )
    op.create_table(
        "award_choices",
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reflection", sa.String(), nullable=False),
        sa.Column("reflected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_award_choices_learner_id")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_award_choices")),
    )
    with op.batch_alter_table("award_choices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_choices_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "collections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("awards", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_collections_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collections_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "imported_badges",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_imported_badges_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_badges")),
        sa.UniqueConstraint("learner_id", "sha256", name=op.f("uq_imported_badges_learner_id_sha256")),
    )
    with op.batch_alter_table("imported_badges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_badges_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "recipients",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("salt", sa.String(length=22), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_recipients_learner_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organisers.id"], name=op.f("fk_recipients_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("organiser_id", "address", name=op.f("uq_recipients_organiser_id_address")),
    )
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipients_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recipients_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "resignings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organiser_id"], ["organisers.id"], name=op.f("fk_resignings_organiser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resignings")),
    )
    with op.batch_alter_table("resignings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resignings_organiser_id"), ["organiser_id"], unique=False)

    op.create_table(
        "share_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_share_links_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
    )
    with op.batch_alter_table("share_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_links_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "wallet_codes",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("awards", sa.JSON(), nullable=True),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["wallet_clients.id"], name=op.f("fk_wallet_codes_client_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_wallet_codes_learner_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_wallet_codes")),
    )
    with op.batch_alter_table("wallet_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wallet_codes_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wallet_codes_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "wallet_grants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("awards", sa.JSON(), nullable=True),
        sa.Column("access_digest", sa.String(length=43), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_digest", sa.String(length=43), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["wallet_clients.id"], name=op.f("fk_wallet_grants_client_id")
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_wallet_grants_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_grants")),
        sa.UniqueConstraint("access_digest", name=op.f("uq_wallet_grants_access_digest")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_wallet_grants_refresh_digest")),
    )
    with op.batch_alter_table("wallet_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wallet_grants_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wallet_grants_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "endorsements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("endorser", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("status_list_id", sa.String(length=36), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("key_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["organisers.id"], name=op.f("fk_endorsements_issuer_id")),
        sa.ForeignKeyConstraint(
            ["status_list_id"], ["status_lists.id"], name=op.f("fk_endorsements_status_list_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_endorsements_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_endorsements_credential_id")),
        sa.UniqueConstraint("status_list_id", "status_index", name="uq_endorsements_place"),
    )
    with op.batch_alter_table("endorsements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endorsements_issuer_id"), ["issuer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_endorsements_status_list_id"), ["status_list_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_endorsements_target_id"), ["target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_endorsements_user_id"), ["user_id"], unique=False)

    op.create_table(
        "award_batches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievements.id"], name=op.f("fk_award_batches_achievement_id")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name=op.f("fk_award_batches_organiser_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_award_batches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_batches")),
    )
    with op.batch_alter_table("award_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_batches_achievement_id"), ["achievement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_batches_organiser_id"), ["organiser_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_batches_user_id"), ["user_id"], unique=False)

    op.create_table(
        "endorsement_invitations",
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("organiser_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("endorsement_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["endorsement_id"], ["endorsements.id"], name=op.f("fk_endorsement_invitations_endorsement_id")
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_endorsement_invitations_learner_id")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name=op.f("fk_endorsement_invitations_organiser_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_endorsement_invitations_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_endorsement_invitations")),
    )
    with op.batch_alter_table("endorsement_invitations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_endorsement_invitations_endorsement_id"), ["endorsement_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_endorsement_invitations_learner_id"), ["learner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_endorsement_invitations_organiser_id"), ["organiser_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_endorsement_invitations_user_id"), ["user_id"], unique=False)

    op.create_table(
        "award_rows",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("awarded_on", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_rows_award_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_award_rows_learner_id")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_award_rows")),
    )
    with op.batch_alter_table("award_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_rows_award_id"), ["award_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_rows_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "catch_ups",
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievements.id"], name=op.f("fk_catch_ups_achievement_id")
        ),
        sa.PrimaryKeyConstraint("achievement_id", name=op.f("pk_catch_ups")),
    )
    op.create_table(
        "award_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_changes_award_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_award_changes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_changes")),
    )
    with op.batch_alter_table("award_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_changes_award_id"), ["award_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_changes_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("achievements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(), server_default="published", nullable=False))
        batch_op.add_column(sa.Column("level", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("valid_months", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("renewal", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("needs", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("results", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("milestone", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))

    _word_ribbons()
    op.execute(FIRST_VERSIONS)
    op.execute("UPDATE achievements SET series = id WHERE series IS NULL")
    with op.batch_alter_table("achievements", schema=None) as batch_op:
        batch_op.alter_column("series", existing_type=sa.String(length=36), nullable=False)
        batch_op.create_index(batch_op.f("ix_achievements_series"), ["series"], unique=False)

    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.alter_column("learner_id", existing_type=sa.String(length=36), nullable=True)  # once erased
        batch_op.add_column(sa.Column("key_number", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("results", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("note", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("given_by", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(batch_op.f("ix_awards_given_by"), ["given_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_awards_key_number"), ["key_number"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_awards_given_by"), "users", ["given_by"], ["id"])

    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("compromised_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("token_jwk", sa.JSON(), nullable=True))

    with op.batch_alter_table("status_lists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holds", sa.String(), server_default="awards", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("status_lists", schema=None) as batch_op:
        batch_op.drop_column("holds")

    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.drop_column("compromised_at")
        batch_op.drop_column("token_jwk")

    op.execute("DELETE FROM awards WHERE learner_id IS NULL")
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_awards_given_by"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_awards_given_by"))
        batch_op.drop_column("erased")
        batch_op.drop_column("corrected_at")
        batch_op.drop_column("valid_until")
        batch_op.drop_column("given_by")
        batch_op.drop_column("note")
        batch_op.drop_column("results")
        batch_op.drop_index(batch_op.f("ix_awards_key_number"))
        batch_op.drop_column("key_number")
        batch_op.alter_column("learner_id", existing_type=sa.String(length=36), nullable=False)

    with op.batch_alter_table("achievements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_achievements_series"))
        batch_op.drop_column("reviewed_at")
        batch_op.drop_column("milestone")
        batch_op.drop_column("results")
        batch_op.drop_column("needs")
        batch_op.drop_column("renewal")
        batch_op.drop_column("valid_months")
        batch_op.drop_column("level")
        batch_op.drop_column("state")
        batch_op.drop_column("series")

    op.drop_table("award_changes")
    op.drop_table("catch_ups")
    with op.batch_alter_table("award_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_rows_learner_id"))
        batch_op.drop_index(batch_op.f("ix_award_rows_award_id"))

    op.drop_table("award_rows")
    with op.batch_alter_table("endorsement_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endorsement_invitations_user_id"))
        batch_op.drop_index(batch_op.f("ix_endorsement_invitations_organiser_id"))
        batch_op.drop_index(batch_op.f("ix_endorsement_invitations_learner_id"))
        batch_op.drop_index(batch_op.f("ix_endorsement_invitations_endorsement_id"))

    op.drop_table("endorsement_invitations")
    with op.batch_alter_table("award_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_batches_user_id"))
        batch_op.drop_index(batch_op.f("ix_award_batches_organiser_id"))
        batch_op.drop_index(batch_op.f("ix_award_batches_achievement_id"))

    op.drop_table("award_batches")
    with op.batch_alter_table("endorsements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endorsements_user_id"))
        batch_op.drop_index(batch_op.f("ix_endorsements_target_id"))
        batch_op.drop_index(batch_op.f("ix_endorsements_status_list_id"))
        batch_op.drop_index(batch_op.f("ix_endorsements_issuer_id"))

    op.drop_table("endorsements")
    with op.batch_alter_table("wallet_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wallet_grants_learner_id"))
        batch_op.drop_index(batch_op.f("ix_wallet_grants_client_id"))

    op.drop_table("wallet_grants")
    with op.batch_alter_table("wallet_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wallet_codes_learner_id"))
        batch_op.drop_index(batch_op.f("ix_wallet_codes_client_id"))

    op.drop_table("wallet_codes")
    with op.batch_alter_table("share_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_share_links_learner_id"))

    op.drop_table("share_links")
    with op.batch_alter_table("resignings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resignings_organiser_id"))

    op.drop_table("resignings")
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipients_organiser_id"))
        batch_op.drop_index(batch_op.f("ix_recipients_learner_id"))

    op.drop_table("recipients")
    with op.batch_alter_table("imported_badges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_badges_learner_id"))

    op.drop_table("imported_badges")
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collections_learner_id"))

    op.drop_table("collections")
    with op.batch_alter_table("award_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_choices_learner_id"))

    op.drop_table("award_choices")
    op.drop_table("wallet_clients")
    op.drop_table("portfolios")
    with op.batch_alter_table("framework_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_framework_terms_framework"))

    op.drop_table("framework_terms")
