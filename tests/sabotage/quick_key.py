"""A repository's key whose password is quick to try.

restic makes keys that take half a second of a core to open, by intent; a session opens each
repository three times. What the corpus is about does not depend on it. The format is that of
https://restic.readthedocs.io/en/stable/100_references.html (Keys, Encryption and MAC).
"""

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB
from cryptography.hazmat.primitives.poly1305 import Poly1305

NONCE = MAC = 16
QUICK = {"N": 1024, "r": 8, "p": 1}


def make_quick(repository: Path, password: str) -> None:
    """Put another key in the place of the only one: of the same secret and the same password."""
    (file,) = (repository / "keys").iterdir()
    key = json.loads(file.read_text())
    secret = _opened(base64.b64decode(key["data"]), _derived(key, password))
    key |= QUICK
    key["data"] = base64.b64encode(_sealed(secret, _derived(key, password))).decode()
    text = json.dumps(key).encode()
    file.unlink()
    (file.parent / hashlib.sha256(text).hexdigest()).write_bytes(text)


def _derived(key: dict[str, Any], password: str) -> bytes:
    salt, cost = base64.b64decode(key["salt"]), {"n": key["N"], "r": key["r"], "p": key["p"]}
    return hashlib.scrypt(password.encode(), salt=salt, **cost, maxmem=2**27, dklen=64)


def _opened(data: bytes, derived: bytes) -> bytes:
    nonce, hidden, mac = data[:NONCE], data[NONCE:-MAC], data[-MAC:]
    Poly1305.verify_tag(_mac_key(nonce, derived), hidden, mac)
    return _counted(hidden, nonce, derived)


def _sealed(secret: bytes, derived: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    hidden = _counted(secret, nonce, derived)
    return nonce + hidden + Poly1305.generate_tag(_mac_key(nonce, derived), hidden)


def _counted(text: bytes, nonce: bytes, derived: bytes) -> bytes:
    """AES-256 in counter mode, which is its own reverse."""
    cipher = Cipher(AES(derived[:32]), CTR(nonce)).encryptor()
    return cipher.update(text) + cipher.finalize()


def _mac_key(nonce: bytes, derived: bytes) -> bytes:
    """Poly1305-AES: the one half is fixed, the other the nonce under the key's other part."""
    cipher = Cipher(AES(derived[32:48]), ECB()).encryptor()  # noqa: S305 - one block, as the MAC is defined
    return derived[48:64] + cipher.update(nonce) + cipher.finalize()
