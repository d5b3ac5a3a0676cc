"""Passwords: which are good enough, and their argon2id hashes (OWASP's parameters: 19 MiB, 2 passes)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from formloom.platform.language import gettext

SHORTEST, LONGEST = 8, 200
WORST = frozenset({
    "password", "12345678", "123456789", "1234567890", "87654321", "11111111", "00000000", "88888888", "66666666",
    "qwertyui", "qwerty123", "password1", "passw0rd", "iloveyou", "abcd1234", "a1234567", "abc12345", "formloom",
})  # fmt: skip

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def complaint(password: str, email: str, lang: str) -> str | None:
    """What is wrong with `password` for the account `email`, in a sentence; None if it will do."""
    if len(password) < SHORTEST:
        return gettext(lang, "Use at least {count} characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return gettext(lang, "Use at most {count} characters.", count=LONGEST)
    easy = password.casefold() in WORST or len(set(password)) < 3 or password.casefold() in email.casefold()
    return gettext(lang, "This password is among the first that would be guessed. Choose another.") if easy else None


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`. Without an account it takes as long, so that none is betrayed."""
    try:
        return _hasher.verify(stored or _NOBODY, password[: LONGEST + 1]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)
