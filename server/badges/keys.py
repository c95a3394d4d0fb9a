"""Private keys in encrypted files: made on first need, one folder an organiser, never in the database."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from server.badges import multikey
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.secrets import all_secrets, secret, write_once, write_private

_SAFE = re.compile(r"[0-9a-z-]{1,64}\Z")


class SignerUnavailable(DomainError):
    """What holds the keys does not answer. What is to be signed is kept, and signed when it does."""

    status, code = 503, "signer_unavailable"

    def explain(self) -> str:
        return gettext("Badges cannot be signed at the moment. Please try again in a minute.")


@dataclass(frozen=True)
class FileSigner:
    """Signs with a key that was read from its file."""

    method: str
    key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        return [self.key.sign(message) for message in messages]

    @property
    def multibase(self) -> str:
        """The public half, as Multikey."""
        return multikey.encode_key(self.key.public_key())


class KeyFolder:
    """The issuers' keys below the instance folder: `keys/<organiser>/key-1.pem`.

    Their passphrase is a secret of its own, `secrets/signing-keys`; an operator may mount it from elsewhere.
    """

    def __init__(self, instance: Path) -> None:
        self._root = instance / "keys"
        self._instance = instance

    def open(self, organiser_id: str, number: int) -> Ed25519PrivateKey:
        """Read a key, or make it if it is not there yet; two processes at once get the same one."""
        path = self._path(organiser_id, number)
        if not path.exists():
            write_once(path, self._encrypt(Ed25519PrivateKey.generate()))
        key = self._read(path)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{path.name} holds another kind of key")
        return key

    def open_token_key(self, organiser_id: str, number: int) -> RSAPrivateKey:
        """Read the RSA key beside a signing key, `key-1-rsa.pem`, or make it."""
        path = self._path(organiser_id, number, "-rsa")
        if not path.exists():
            write_once(path, self._encrypt(generate_private_key(65537, 2048)))
        key = self._read(path)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError(f"{path.name} holds another kind of key")
        return key

    def _path(self, organiser_id: str, number: int, kind: str = "") -> Path:
        if not _SAFE.match(organiser_id):
            raise ValueError("not an organiser's id")
        return self._root / organiser_id / f"key-{number}{kind}.pem"

    def encrypt_anew(self) -> int:
        """Encrypt every key with the passphrase of now, and say how many; each is whole at every moment."""
        paths = sorted(self._root.glob("*/key-*.pem"))
        for path in paths:
            key = self._read(path)
            draft = path.with_name(f".{path.name}.{token_hex(8)}")
            write_private(draft, self._encrypt(key))
            os.replace(draft, path)
        return len(paths)

    def _read(self, path: Path) -> Ed25519PrivateKey | RSAPrivateKey:
        """Decrypt a key with the passphrase of now, or one of before while they are being replaced."""
        for one in all_secrets("signing-keys", self._instance):
            try:
                return load_pem_private_key(path.read_bytes(), one.hex().encode())  # type: ignore[return-value]
            except ValueError as error:
                wrong = error
        raise wrong

    def _encrypt(self, key: Ed25519PrivateKey | RSAPrivateKey) -> bytes:
        return key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase())
        )

    def _passphrase(self) -> bytes:
        return secret("signing-keys", self._instance).hex().encode()
