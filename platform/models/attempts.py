"""How often something was tried, so that every web process counts together (see platform/attempts.py)."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Attempt(Base):
    """Tries under one `key` (an account, an address) until `ends_at`; then the count begins anew."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime]
