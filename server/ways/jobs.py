"""What is due with ways back in: links of mails that are over go, and addresses that nobody confirmed."""

from datetime import datetime

from server.core.db import writing
from server.core.jobs import every
from server.ways import mails


@every(days=1)
def forget_links(at: datetime) -> None:
    with writing() as session:
        mails.forget_old(session, at)
