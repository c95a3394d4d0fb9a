"""Which skills badges stand for, counted, and drawn as a chart that a table says in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from server.badges.models import Award
from server.core.i18n import direction, language, pick

MOST_BARS = 12
_ROW, _WIDTH, _BAR = 46, 340, 310  # as wide as a phone, so that letters stay letters there


@dataclass(slots=True)
class Skill:
    """A skill, and the names of the badges that stand for it."""

    name: str
    framework: str
    badges: list[str] = field(default_factory=list)


def count_skills(awards: Iterable[Award]) -> list[Skill]:
    """Gather the skills of badges, those with the most badges first. One address is one skill."""
    found: dict[str, Skill] = {}
    for award in awards:
        for alignment in award.achievement.alignments:
            name = _name(alignment)
            key = str(alignment.get("url") or name)
            skill = found.setdefault(key, Skill(name, str(alignment.get("framework") or "")))
            badge = pick(award.achievement.name)
            if badge not in skill.badges:
                skill.badges.append(badge)
    return sorted(found.values(), key=lambda one: (-len(one.badges), one.name))


def names_of(award: Award) -> list[str]:
    """Name the skills of one badge."""
    return list(dict.fromkeys(name for one in award.achievement.alignments if (name := _name(one))))


def _name(alignment: dict[str, object]) -> str:
    name = alignment.get("name")
    return pick(name) if isinstance(name, dict) else str(name or "")


def chart(skills: list[Skill]) -> str:
    """Draw bars as SVG, from the reading side; empty when there is nothing to draw. The table beside it says the same."""
    shown = skills[:MOST_BARS]
    if not shown:
        return ""
    most = max(len(one.badges) for one in shown)
    rows = "".join(_bar(one, place, most) for place, one in enumerate(shown))
    size = f"0 0 {_WIDTH} {len(shown) * _ROW}"
    return f'<svg class="skills-chart" viewBox="{size}" aria-hidden="true" focusable="false">{rows}</svg>'


def _bar(skill: Skill, place: int, most: int) -> str:
    """Draw one bar; `text-anchor: start` is the right side where one writes from there."""
    width, top = round(_BAR * len(skill.badges) / most), place * _ROW
    mirrored = direction(language()) == "rtl"
    near, far = (_WIDTH, _WIDTH - width - 8) if mirrored else (0, width + 8)
    return (
        f'<text x="{near}" y="{top + 15}">{escape(_short(skill.name))}</text>'
        f'<rect x="{near - width if mirrored else 0}" y="{top + 23}" width="{width}" height="12" rx="6"/>'
        f'<text class="skills-count" x="{far}" y="{top + 34}">{len(skill.badges)}</text>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"
