"""Remember where each piece of an upload ends. Uploads that were under way begin again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BLOBS = sa.table("blobs", sa.column("received", sa.Integer), sa.column("complete_at"))


def upgrade() -> None:
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pieces", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.alter_column("pieces", server_default=None)
    _begin_again()


def downgrade() -> None:
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.drop_column("pieces")
    _begin_again()


def _begin_again() -> None:
    op.execute(sa.update(BLOBS).where(BLOBS.c.complete_at.is_(None)).values(received=0))
