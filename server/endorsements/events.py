"""What learners do about endorsements of their badges: invite somebody, and show what was said, or not."""

from collections.abc import Mapping
from typing import Any

from server.badges.models import Award
from server.endorsements import invitations, services
from server.endorsements.invitations import DIGEST
from server.endorsements.models import Endorsement, EndorsementInvitation
from server.endorsements.targets import AWARD, find_target
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.moments import moment
from sync.engine import Refused


@on("endorsement.invite")
def invite(work: Work) -> Mapping[str, Any]:
    """Let somebody with no account say something about a badge of the learner's own."""
    award, digest = _own_award(work, read_id(work, "award")), work.event.body.get("digest")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise Refused("malformed", where="body.digest")
    session, learner = work.store.session, work.event.learner
    target = find_target(session, AWARD, award.id)
    label = read_text(work, "label", invitations.MOST_LABEL)
    kept = invitations.invite(session, digest, target, label, moment(work.now), learner_id=learner)
    work.put(*invitations.row(kept))
    return {"digest": digest}


@on("endorsement.uninvite")
def uninvite(work: Work) -> Mapping[str, Any]:
    """End an invitation that nobody used yet."""
    session, digest = work.store.session, work.event.body.get("digest")
    kept = session.get(EndorsementInvitation, digest) if isinstance(digest, str) else None
    if kept is None or kept.learner_id != work.event.learner:
        raise Refused("unknown_invitation")
    invitations.withdraw(session, kept.digest, moment(work.now))
    work.put(*invitations.row(kept))
    return {"digest": kept.digest}


@on("endorsement.show")
def show(work: Work) -> Mapping[str, Any]:
    """Show what somebody said about an own badge to all who see the badge, or do not."""
    session, shown = work.store.session, work.event.body.get("shown")
    said = session.get(Endorsement, read_id(work, "endorsement"))
    if said is None or said.target_kind != AWARD:
        raise Refused("unknown_endorsement")
    _own_award(work, said.target_id)
    if not isinstance(shown, bool):
        raise Refused("malformed", where="body.shown")
    (services.accept if shown else services.decline)(session, said, moment(work.now))
    work.put(*services.row(session, said))
    return {"endorsement": said.id, "state": services.state(said)}


def _own_award(work: Work, id: str) -> Award:
    award = work.store.session.get(Award, id)
    if award is None or award.learner_id != work.event.learner:
        raise Refused("unknown_award")
    return award
