"""What restic's error texts mean. Only what is certain has a name; the rest stays unclear.

Texts hold hex ids and the users' file names, so a bare number or word says nothing: each
pattern wants the words around it that restic, Go or the backend writes.
"""

import re
from enum import StrEnum


class Fault(StrEnum):
    """What an error speaks of, the most certain first."""

    DAMAGED = "damaged"
    """What lies in the repository is not what was put there."""
    MISSING = "missing"
    """A part of the repository is not there. A prune may have removed it together with the
    snapshot: look again before the backup is blamed."""
    NO_SPACE = "no space"
    """The target is full."""
    UNREACHABLE = "unreachable"
    """The way to the repository, and not what lies in it."""


_ABSENT = (
    r"(?:no such file or directory|(?<!bucket )(?<!container )does not exist|doesn't exist"
    r"|BlobNotFound|NoSuchKey)"
)
_HEX = "[0-9a-f]"

_PATTERNS = {
    Fault.DAMAGED: re.compile(
        # The nonce is invalid where a file was zeroed.
        r"ciphertext verification failed|nonce is invalid|invalid data returned"
        r"|file (?:<[^>]*> )?is too short"
        r"|wrong hash|returned invalid hash|(?:tree|blob) is corrupt|config or key \S+ is damaged",
        re.IGNORECASE,
    ),
    Fault.MISSING: re.compile(
        # restic's own handle of a pack or an index, or a local repository's path of it.
        rf"<(?:data|tree|index)/{_HEX}+>[^\n]*{_ABSENT}"
        rf"|/(?:data/{_HEX}{{2}}|index)/{_HEX}{{64}}: {_ABSENT}"
        r"|\b(?:id|blob|pack|tree) \S+ not found(?: in (?:repository|index))?",
    ),
    Fault.NO_SPACE: re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE),
    Fault.UNREACHABLE: re.compile(
        r"connection refused|no such host|i/o timeout|network is unreachable|connection reset"
        r"|no route to host|TLS handshake|x509: |server misbehaving|context deadline exceeded"
        r"|Client\.Timeout exceeded|broken pipe|unexpected HTTP response \(?(?:401|403|429|5\d\d)"
        r"|\b(?:401 Unauthorized|403 Forbidden|429 Too Many|50[0234] [A-Z])|Access ?Denied"
        r"|SignatureDoesNotMatch|InvalidAccessKeyId|SlowDown|reduce your request rate"
        r"|(?:bucket|container) does not exist"
        rf"|<(?:data|index|snapshot|key|config)/{_HEX}*>[^\n]*permission denied",
        re.IGNORECASE,
    ),
}

_TRIED_AGAIN = re.compile(r"returned error, retrying after")


def fault_of(text: str) -> Fault | None:
    """What one error message of restic's is about; None when that is not certain."""
    for fault, pattern in _PATTERNS.items():
        if pattern.search(text):
            return fault if fault is Fault.UNREACHABLE or not _TRIED_AGAIN.search(text) else None
    return None
