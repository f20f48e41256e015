"""Keys derived from the master keys: one decrypts access tokens, one signs the tags that callbacks return."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from environment import text


def _derive(purpose: bytes) -> list[tuple[str, bytes]]:
    """Newest first: the first signs, all of them decrypt. HKDF (RFC 5869) of one block."""
    keys = []
    for master in (key.strip().encode() for key in text("KEYS").split(",")):
        extracted = hmac.digest(b"pombo", master, "sha256")
        keys.append((hashlib.sha256(master).hexdigest()[:8], hmac.digest(extracted, purpose + b"\x01", "sha256")))
    return keys


_SEAL_KEYS = {key_id: AESGCM(key) for key_id, key in _derive(b"pombo sealed field v1")}
_TAG_KEY_ID, _TAG_KEY = _derive(b"pombo callback tag v1")[0]


def open_sealed(sealed: str, place: str) -> str:
    """Decrypts `<key id>.<base64url of nonce, ciphertext and tag>` (AES-256-GCM with associated data)."""
    key_id, body = sealed.split(".", 1)
    sealed_bytes = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    return _SEAL_KEYS[key_id].decrypt(sealed_bytes[:12], sealed_bytes[12:], place.encode()).decode()


def tag(message_id: str, attempt: int) -> str:
    """The tag of an attempt at a message: `<key id>.<message id>.<attempt>.<MAC>`."""
    content = f"{_TAG_KEY_ID}.{message_id}.{attempt}"
    mac = hmac.digest(_TAG_KEY, content.encode(), "sha256")[:16]
    return f"{content}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
