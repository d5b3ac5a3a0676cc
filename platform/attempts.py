"""Counting tries where every web process sees them: a table, because the limits of flask-limiter need a Redis to share.

A try is counted *before* what it guards is looked at, so that a hundred guesses at once are a hundred counted guesses.
What succeeds is given back.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from formloom.platform.errors import TooManyAttempts
from formloom.platform.language import gettext
from formloom.platform.models import Attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries within `minutes` for each `name` and subject (an account, an address)."""

    name: str
    most: int
    minutes: int

    def key(self, *subject: str) -> str:
        """The row's key: what was typed is hashed, because people type passwords into the wrong field."""
        return f"{self.name}:{hashlib.sha256(chr(0).join(subject).encode()).hexdigest()}"


def take(db: Session, limit: Limit, subject: tuple[str, ...], now: datetime, lang: str) -> None:
    """Count one try.

    Raises:
        TooManyAttempts: there were `limit.most` within its time already; the sentence says how long to wait.
    """
    row = _locked(db, limit.key(*subject), now)
    if row.ends_at <= now:
        row.count, row.ends_at = 0, now + timedelta(minutes=limit.minutes)
    if row.count >= limit.most:
        seconds = max(1, int((row.ends_at - now).total_seconds()))
        sentence = gettext(lang, "Too many attempts. Please try again in {minutes} min.", minutes=-(-seconds // 60))
        raise TooManyAttempts(sentence, seconds)
    row.count += 1


def give_back(db: Session, limit: Limit, subject: tuple[str, ...]) -> None:
    """Count one try less: it was no failure."""
    row = db.get(Attempt, limit.key(*subject), with_for_update=True)
    if row is not None and row.count > 0:
        row.count -= 1


def forget_old(db: Session, now: datetime) -> None:
    """Remove counts whose time is over."""
    db.execute(delete(Attempt).where(Attempt.ends_at < now - timedelta(days=1)))


def _locked(db: Session, key: str, now: datetime) -> Attempt:
    row = db.get(Attempt, key, with_for_update=True)
    if row is not None:
        return row
    try:
        with db.begin_nested():
            row = Attempt(key=key, count=0, ends_at=now)
            db.add(row)
        return row
    except IntegrityError:
        return db.get_one(Attempt, key, with_for_update=True)
