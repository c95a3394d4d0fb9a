"""Find events on hold."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ON_HOLD = sa.text("state = 'hold'")


def upgrade() -> None:
    op.create_index(
        "ix_events_held", "events", ["learner_id"], sqlite_where=ON_HOLD, postgresql_where=ON_HOLD
    )


def downgrade() -> None:
    op.drop_index("ix_events_held", "events")
