"""Keeps what workflows are told and tell from whoever runs, or copies, the workflow server."""

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

ENCODING: Final = b"binary/encrypted"
"""The name that Temporal's own examples use, by which its Web UI knows what it can't show."""
KEY_ID: Final = "encryption-key-id"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class PayloadLocked(Exception):
    """A payload was encrypted with a key that is not among ours, or was changed since."""


class EncryptedPayloads(PayloadCodec):
    """AES-256-GCM. The first key encrypts, every one decrypts; what is not encrypted is read as
    it is, so that the keys can be set, and changed, while workflows are under way.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._newest = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce, name = os.urandom(NONCE_BYTES), self._newest.encode()
        sealed = self._ciphers[self._newest].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: name}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata.get(KEY_ID, b"")
        cipher = self._ciphers.get(name.decode("utf-8", "replace"))
        if cipher is None:
            raise PayloadLocked(
                f"ANIMATRIX_PAYLOAD_KEYS has no key {name!r}, with which a payload is encrypted"
            )
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, name))
        except InvalidTag:
            raise PayloadLocked(f"a payload is not as the key {name!r} has encrypted it") from None


def converter(keys: SecretStr | None) -> DataConverter:
    """How payloads are written: readable without keys, encrypted with them.

    keys: as `parse_keys` takes them. Failures' messages and stack traces are encrypted too.
    """
    if keys is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptedPayloads(parse_keys(keys.get_secret_value())),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def parse_keys(text: str) -> dict[str, bytes]:
    """Keys by id, from `id:key` separated by commas, each key 32 bytes in base64; newest first.

    Raises ValueError, with no key in its text.
    """
    keys: dict[str, bytes] = {}
    for number, part in enumerate(text.split(","), start=1):
        name, _, encoded = part.strip().partition(":")
        if not name or name in keys:
            raise ValueError(f"ANIMATRIX_PAYLOAD_KEYS: entry {number} has no id of its own")
        keys[name] = _key(encoded, name)
    return keys


def _key(encoded: str, name: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"ANIMATRIX_PAYLOAD_KEYS: the key {name} is not {KEY_BYTES} bytes in base64"
        )
    return key
