"""A user and a password out of a Secret, and texts without them."""

import base64
import binascii
import re
from dataclasses import dataclass, field, replace

from provisioner.checks.answer import Answer
from provisioner.cluster.api import Object
from provisioner.errors import CheckUnableError
from provisioner.models.checks import SqlCheck
from provisioner.models.redis import RedisCheck

_SHORT = 4
"""Shorter passwords are only hidden as whole words: they are part of too many others."""


@dataclass(frozen=True)
class Login:
    """A user and a password out of a Secret. Neither is ever shown."""

    user: str = field(repr=False)
    password: bytes = field(repr=False)

    def hide(self, text: str, public: tuple[str, ...] = ()) -> str:
        """The text without them; what stands in the document anyway may stay."""
        password = self.password.decode(errors="replace")
        text = _without(text, password, "<password>", whole_word=len(password) < _SHORT)
        return text if self.user in public else _without(text, self.user, "<user>", whole_word=True)

    def hide_answer(self, answer: Answer, public: tuple[str, ...] = ()) -> Answer:
        """The same of an answer: a password may be a number."""
        saw = self.hide(answer.saw, public)
        if saw == answer.saw:
            return answer
        return replace(answer, saw=saw, value=None, trend=None)


def _without(text: str, secret: str, mark: str, *, whole_word: bool) -> str:
    if not secret:
        return text
    pattern = re.escape(secret)
    return re.sub(rf"(?<!\w){pattern}(?!\w)" if whole_word else pattern, mark, text)


def login_from(data: Object, question: SqlCheck | RedisCheck) -> Login:
    """User and password out of a Secret's data; where no key of a user is named, there is none.

    Raises:
        CheckUnableError: a key is not there or its value cannot be used.
    """
    secret = str(question.secret)
    user = value_of(data, secret, question.user_key) if question.user_key else b""
    password = value_of(data, secret, question.password_key).rstrip(b"\n")
    if b"\n" in password or b"\0" in password:
        raise CheckUnableError(f"Secret {secret}: {question.password_key} has more than one line")
    return Login(user.decode(errors="replace").strip(), password)


def value_of(data: Object, secret: str, key: str) -> bytes:
    """What a Secret's data holds under a key.

    Raises:
        CheckUnableError: the key is not there, or its value cannot be used.
    """
    if key not in data:
        has = ", ".join(sorted(data)) or "no keys"
        raise CheckUnableError(
            f"Secret {secret} has no key {key}; it has: {has}",
            hint="userKey and passwordKey name the keys",
        )
    try:
        return base64.b64decode(data[key], validate=True)
    except binascii.Error as error:
        raise CheckUnableError(f"Secret {secret}: {key} is no base64") from error
