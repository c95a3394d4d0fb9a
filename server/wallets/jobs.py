"""What is due with wallets: codes that are over are forgotten, and wallets that nobody ever allowed anything."""

from datetime import datetime

from server.core.db import writing
from server.core.jobs import every
from server.wallets import services


@every(days=1)
def forget_wallets(at: datetime) -> None:
    with writing() as session:
        services.forget_old(session, at)
