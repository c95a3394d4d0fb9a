"""A passkey's authenticator for the tests: a P-256 key that answers as WebAuthn says, and wrongly when asked to."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from werkzeug.test import TestResponse

from server.accounts.passkeys import challenge_of_event
from tests.phone import Phone, b64

PRESENT, VERIFIED, KEY_FOLLOWS = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One credential of one site."""

    origin: str = "http://localhost:8000"
    host: str = "localhost"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def make(self, challenge: str) -> dict[str, Any]:
        """Answer `navigator.credentials.create()`, as JSON (no attestation)."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        known = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        made = {"fmt": "none", "attStmt": {}, "authData": self._facts(KEY_FOLLOWS) + known}
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", challenge)),
            "attestationObject": b64(cbor2.dumps(made)),
            "transports": ["internal", "nonsense"],
        }
        return self._credential(response)

    def show(self, challenge: str) -> dict[str, Any]:
        """Answer `navigator.credentials.get()`, as JSON."""
        self.count += 1
        facts, client = self._facts(), self._client("webauthn.get", challenge)
        signature = self.key.sign(facts + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "authenticatorData": b64(facts),
            "clientDataJSON": b64(client),
            "signature": b64(signature),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        named = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key"}
        return {**named, "response": response, "clientExtensionResults": {}}

    def _facts(self, flags: int = 0) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([PRESENT | VERIFIED | flags]) + self.count.to_bytes(4, "big")

    def _client(self, type: str, challenge: str) -> bytes:
        return json.dumps({"type": type, "challenge": challenge, "origin": self.origin}).encode()


def add_passkey(phone: Phone, key: Authenticator, name: str = "My key", nonce: str = "n" * 22) -> str:
    """Record `passkey.add` on a phone; return the event's id."""
    challenge = b64(challenge_of_event(phone.learner, phone.device, nonce))
    return phone.record("passkey.add", {"nonce": nonce, "name": name, "credential": key.make(challenge)})


def enter(app: Flask, key: Authenticator, **environ: str) -> TestResponse:
    """Ask for a challenge and answer it, as the page for entering does."""
    client = app.test_client()
    asked = client.post("/api/enter/passkey/options", environ_base=environ)
    assert asked.status_code == 200, asked.get_data(as_text=True)
    return client.post(
        "/api/enter/passkey",
        json={"credential": key.show(asked.get_json()["challenge"])},
        environ_base=environ,
    )
