"""Secrets of webhooks, and the signatures made with them (Standard Webhooks)."""

import base64
import secrets
from datetime import datetime

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from standardwebhooks import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32
KEY_BYTES = 32
PURPOSE = b"animatrix/webhooks"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealer(secret_key: str) -> Fernet:
    """Encrypts the secrets that are kept, by a key of its own that is derived from ours."""
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return Fernet(base64.urlsafe_b64encode(key.derive(secret_key.encode())))


def signed_headers(
    secrets_now: list[str], message_id: str, body: str, at: datetime
) -> dict[str, str]:
    """With a signature by each secret: while one is exchanged, two of them count."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in secrets_now]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
