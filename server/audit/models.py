"""Acts of staff: who, what, when and from where. Rows are added and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, own_id


class AuditEntry(Base):
    """One act. Names stand here as they were then, so that an entry outlives whom and what it names."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_city_at", "city_id", "at"),)

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = mapped_column(String(36))
    organiser_id: Mapped[str | None] = mapped_column(String(36), index=True)
    user_id: Mapped[str | None] = mapped_column(String(36))  # None: the operator, or nobody who is signed in
    who: Mapped[str]
    act: Mapped[str]  # like "badge.publish"
    subject: Mapped[str] = mapped_column(default="")  # its id or address
    facts: Mapped[dict[str, Any]]
    network: Mapped[str] = mapped_column(default="")  # taken out after a while: see `privacy/retention.py`
    at: Mapped[datetime]
