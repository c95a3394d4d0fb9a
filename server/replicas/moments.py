"""A phone counts milliseconds since 1970, the server has times: one is turned into the other here."""

from datetime import UTC, datetime


def moment(at: int) -> datetime:
    """Turn a phone's milliseconds into a time."""
    return datetime.fromtimestamp(at / 1000, UTC)


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
