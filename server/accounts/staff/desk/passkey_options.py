"""What a page's script asks the browser for a passkey with (Web Authentication Level 3, §5.4 and §5.5), as JSON."""

from uuid import UUID

from flask import Response
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.accounts import passkeys
from server.accounts.models import User
from server.cities.current import current_city
from server.core.db import db, utc_now, writing

_ASK = UserVerificationRequirement.REQUIRED
"""A finger, face or PIN: a passkey of staff is two factors."""


def to_show(purpose: str, user: User | None = None) -> Response:
    """Ask for a passkey: any that the browser knows for this site, or one of this user's."""
    known = _described(user) if user else []
    with writing() as session:
        challenge = passkeys.make_challenge(session, purpose, at=utc_now(), user=user)
    return _json(
        options_to_json(
            generate_authentication_options(
                rp_id=passkeys.site().host,
                challenge=challenge,
                allow_credentials=known,
                user_verification=_ASK,
            )
        )
    )


def to_make(user: User) -> Response:
    """Ask for a new passkey, on a device that has none of this user's yet."""
    known, name = _described(user), user.name
    with writing() as session:
        challenge = passkeys.make_challenge(session, "add", at=utc_now(), user=user)
    made = generate_registration_options(
        rp_id=passkeys.site().host,
        rp_name=current_city().name,
        user_name=user.email,
        user_id=UUID(user.id).bytes,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_ASK
        ),
        exclude_credentials=known,
    )
    return _json(options_to_json(made))


def _described(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id))
        for one in passkeys.passkeys_of(db.session(), user=user.id)
    ]


def _json(text: str) -> Response:
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
