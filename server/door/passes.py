"""What passes and receipts prove: by whose device they were signed, for this host, and how fresh they are."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.accounts.devices import registered
from server.codes.passes import Receipt, is_pass_signed, is_receipt_signed, read_pass, read_receipt
from server.codes.rotating import STEP_S
from server.core.errors import DomainError
from server.core.text import clean
from server.replicas.effects import UNMET
from server.replicas.keys import verify
from sync.engine import Held

FRESH_MS = 2 * 60_000
"""A pass that is older at the door is worth a look: somebody may have passed a picture of it on."""


class WrongPass(DomainError):
    """No pass, or not of that device, or made for another host."""

    status, code = 422, "wrong_pass"


class WrongReceipt(DomainError):
    """No receipt, or not of this door, or meant for another phone."""

    status, code = 422, "wrong_code"


@dataclass(frozen=True, slots=True)
class Shown:
    """A pass that is genuine: whose, and what of themselves they agreed to show."""

    learner: str
    name: str
    picture: str
    step: int

    def staleness(self, at: int) -> int:
        """Return how many seconds off the pass was at a moment (milliseconds); less than 0 when it was ahead, 0
        when it was fresh."""
        start = self.step * STEP_S * 1000
        off = at - start if at < start else max(0, at - start - STEP_S * 1000)
        return round(off / 1000) if abs(off) > FRESH_MS else 0


def read_device(fragment: object) -> str | None:
    """Return the device that a pass names; None when it is no pass."""
    shown = read_pass(fragment) if isinstance(fragment, str) else None
    return shown.device if shown else None


def check_pass(session: Session, fragment: str, host: str, asked: str) -> Shown:
    """Say whose pass this is, made for a host. Raises WrongPass, and Held until its phone has said hello here.

    `asked` is the host that the door's phone asked; it is kept with the hold.
    """
    shown = read_pass(fragment)
    if shown is None:
        raise WrongPass()
    owner = registered(session, [shown.device]).get(shown.device)
    if owner is None:
        raise Held(UNMET, device=shown.device, host=asked)
    if owner.revoked or not is_pass_signed(shown, host, owner.key, verify):
        raise WrongPass()
    return Shown(owner.learner, clean(shown.name), clean(shown.picture), shown.step)


def check_receipt(session: Session, fragment: str, about: tuple[str, str, str]) -> Receipt:
    """Say which device gave a receipt, about host, point and learner's device. Raises WrongReceipt."""
    shown = read_receipt(fragment)
    owner = registered(session, [shown.device]).get(shown.device) if shown else None
    if shown is None or owner is None or owner.revoked:
        raise WrongReceipt()
    if not is_receipt_signed(shown, about, owner.key, verify):
        raise WrongReceipt()
    return shown
