"""What the clock does: endorsements that a compromised key signed are signed again with the next one."""

from datetime import datetime

from server.core.db import writing
from server.core.jobs import every
from server.endorsements import resigning


@every(minutes=1)
def sign_endorsements_again(at: datetime) -> None:
    """Sign again, a piece at a time, what carries the signature of a compromised key."""
    with writing() as session:
        resigning.sign_some(session, at)
