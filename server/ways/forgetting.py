"""What ways forget of a learner who erases everything: their ways back in. Devices and the learner go last."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.accounts.models import Invitation, LearnerMail, MailToken, Passkey, RecoveryKit, User
from server.post.models import Mail, MailAsking


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Forget passkeys, mail addresses and what waits to be sent to them, recovery kits and invitations."""
    quietly = {"synchronize_session": False}
    mine = select(LearnerMail).where(LearnerMail.learner_id == learner).subquery().c
    others = select(LearnerMail.address).where(LearnerMail.learner_id != learner).union(select(User.email))
    for table, to in ((Mail, Mail.to), (MailAsking, MailAsking.address)):
        waiting = delete(table).where(to.in_(select(mine.address)), to.not_in(others))
        session.execute(waiting, execution_options=quietly)
    tokens = delete(MailToken).where(MailToken.mail_id.in_(select(mine.id)))
    session.execute(tokens, execution_options=quietly)
    forget_rows(session, learner, LearnerMail, Passkey, RecoveryKit, Invitation)
