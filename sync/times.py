"""Judges when something happened, from what the server knows and what the phone says."""

from dataclasses import dataclass

TIGHT_MS = 15 * 60 * 1000
"""A moment that the server knows this closely counts as known, where no window asks for more."""


@dataclass(frozen=True, slots=True)
class Window:
    """When something holds, in milliseconds; an open end is None. Both ends belong to it."""

    opens: int | None = None
    closes: int | None = None

    def holds(self, moment: int) -> bool:
        return (self.opens is None or self.opens <= moment) and (self.closes is None or moment <= self.closes)

    def narrow(self, other: "Window") -> "Window":
        """Return when both hold; never, when it closes before it opens."""
        opens = [one for one in (self.opens, other.opens) if one is not None]
        closes = [one for one in (self.closes, other.closes) if one is not None]
        return Window(max(opens, default=None), min(closes, default=None))

    @property
    def always(self) -> bool:
        return self.opens is None and self.closes is None


@dataclass(frozen=True, slots=True)
class Moment:
    """When it happened, as well as we know: `proven`, `claimed` or `rejected`."""

    state: str
    at: int


def judge_time(
    window: Window, *, anchor_at: int | None, received_at: int, wall: int, max_offline: int
) -> Moment:
    """Say whether something happened inside a window, and how surely. All in milliseconds.

    It happened between the last anchor the phone held and its arrival here. If all of that lies in the
    window it is proven. If the phone's clock, corrected into that interval, lies in the window, it is
    claimed, for at most `max_offline` after the window closed. Without a window it is proven when the
    interval is short.
    """
    if anchor_at is not None and anchor_at > received_at:
        anchor_at = None  # no anchor of ours: we give none from the future
    at = min(max(wall, anchor_at or 0), received_at)
    if window.always:
        known = anchor_at is not None and received_at - anchor_at <= TIGHT_MS
        return Moment("proven" if known else "claimed", at)
    if _starts_inside(window, anchor_at) and window.holds(received_at):
        return Moment("proven", at)
    in_time = window.closes is None or received_at - window.closes <= max_offline
    return Moment("claimed" if window.holds(at) and in_time else "rejected", at)


def _starts_inside(window: Window, anchor_at: int | None) -> bool:
    if anchor_at is None:
        return window.opens is None
    return window.holds(anchor_at)
