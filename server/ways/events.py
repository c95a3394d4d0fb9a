"""Effects of what a learner does with their ways back in, with a network or without: passkeys and recovery kits."""

import re
from collections.abc import Mapping
from typing import Any

from server.accounts.models import RecoveryKit
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.moments import moment
from server.ways import mails, services
from server.ways.rows import kit_row, passkey_row
from server.ways.services import MOST_NAME
from sync.engine import Refused
from sync.messages import Event

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,43}")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")


@on("passkey.add")
def add_passkey(work: Work) -> Mapping[str, Any]:
    """Keep a passkey that the learner's phone made, and tell their mail addresses of it."""
    session, learner, at = work.store.session, work.event.learner, moment(work.now)
    credential = work.event.body.get("credential")
    if not isinstance(credential, dict):
        raise Refused("malformed", where="body.credential")
    signed = Event.read(work.event.signed)  # by the learner it was signed as: two may have become one since
    signer = signed.learner, signed.device, _read_match(work, "nonce", _NONCE)
    passkey, is_new = services.add_passkey(session, learner, credential, signer, name=_read_name(work), at=at)
    work.put(*passkey_row(passkey))
    if is_new:
        mails.tell_new_way(session, learner, "passkey", at)
    return {"passkey": passkey.id}


@on("passkey.rename")
def rename_passkey(work: Work) -> Mapping[str, Any]:
    """Call a passkey as its learner does."""
    passkey = services.own_passkey(work.store.session, work.event.learner, read_id(work, "passkey"))
    passkey.name = _read_name(work)
    work.put(*passkey_row(passkey))
    return {"passkey": passkey.id}


@on("passkey.remove")
def remove_passkey(work: Work) -> Mapping[str, Any]:
    """Let a passkey open nothing any more."""
    passkey = services.own_passkey(work.store.session, work.event.learner, read_id(work, "passkey"))
    work.store.session.delete(passkey)
    work.store.session.flush()
    work.drop(f"passkey:{passkey.id}")
    return {"passkey": passkey.id}


@on("kit.make")
def make_kit(work: Work) -> Mapping[str, Any]:
    """Keep the hash of a recovery kit's secret, and tell the learner's mail addresses of it."""
    session, learner, at = work.store.session, work.event.learner, moment(work.now)
    kit = RecoveryKit(
        id=read_id(work, "kit"),
        learner_id=learner,
        digest=_read_match(work, "digest", _DIGEST),
        label=read_text(work, "label", MOST_NAME).strip(),
        device_id=work.event.device,
        created_at=at,
    )
    if services.make_kit(session, kit):
        work.put(*kit_row(kit))
        mails.tell_new_way(session, learner, "kit", at)
    return {"kit": kit.id}


@on("kit.drop")
def drop_kit(work: Work) -> Mapping[str, Any]:
    """End a recovery kit."""
    kit = read_id(work, "kit")
    services.drop_kit(work.store.session, work.event.learner, kit)
    work.drop(f"kit:{kit}")
    return {"kit": kit}


def _read_name(work: Work) -> str:
    name = read_text(work, "name", MOST_NAME).strip()
    if not name:
        raise Refused("malformed", where="body.name")
    return name


def _read_match(work: Work, name: str, form: re.Pattern[str]) -> str:
    value = work.event.body.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Refused("malformed", where=f"body.{name}")
    return value
