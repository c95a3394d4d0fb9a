"""What a check of the history found, for people and for programs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which check found it, where, and what in English."""

    check: str
    where: str
    what: str


@dataclass
class Report:
    """What was looked at, what was found, and the holes in devices' chains, which are no damage by themselves."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    holes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "counts": dict(self.counts),
            "findings": [{"check": f.check, "where": f.where, "what": f.what} for f in self.findings],
            "holes": {device: [list(hole) for hole in holes] for device, holes in self.holes.items()},
        }


def describe(report: Report) -> str:
    """Say in words what was looked at and found."""
    counts = report.counts
    looked = (
        f"{counts['events']:,} events of {counts['learners']:,} learners on {counts['devices']:,} devices"
    )
    lines = [f"Looked at {looked}, with {counts['feed_rows']:,} feed rows."]
    for name, times in sorted(Counter(one.check for one in report.findings).items()):
        lines.append(f"{name.replace('_', ' ')}: {times:,}")
        some = [one for one in report.findings if one.check == name][:10]
        lines += [f"  {one.where}: {one.what}" for one in some]
    for device, holes in sorted(report.holes.items()):
        spans = ", ".join(f"{first}–{last}" for first, last in holes)
        lines.append(f"Device {device} has not sent {spans} yet.")
    found = len(report.findings)
    return "\n".join([*lines, "Nothing is wrong." if not found else f"Found {found:,}."])
