"""The signs in the middle of a badge: drawn by us on a grid of 100 × 100, in three colours.

`{paper}` is the light of the sign, `{field}` the ground it stands on, `{accent}` the badge's second colour.
"""

from math import cos, pi, sin


def _gear() -> str:
    teeth = "".join(
        f'<rect x="42" y="8" width="16" height="22" rx="4" transform="rotate({turn} 50 50)"/>'
        for turn in range(0, 360, 45)
    )
    return (
        f'<g fill="{{paper}}">{teeth}<circle cx="50" cy="50" r="31"/></g>'
        '<circle cx="50" cy="50" r="15" fill="{field}"/><circle cx="50" cy="50" r="7" fill="{accent}"/>'
    )


def _star(cx: float, cy: float, outer: float, inner: float, points: int = 5) -> str:
    """Make the points of a star, for `<polygon points>`."""
    turns = [(outer if i % 2 == 0 else inner, pi * i / points - pi / 2) for i in range(points * 2)]
    return " ".join(f"{cx + r * cos(a):.1f},{cy + r * sin(a):.1f}" for r, a in turns)


def _sun() -> str:
    rays = "".join(f'<path d="M50 4V20" transform="rotate({turn} 50 50)"/>' for turn in range(0, 360, 45))
    return (
        f'<g stroke="{{accent}}" stroke-width="8" stroke-linecap="round">{rays}</g>'
        '<circle cx="50" cy="50" r="24" fill="{paper}"/>'
    )


ICONS = {
    "museum": (
        '<g fill="{paper}"><path d="M50 10 90 33a2 2 0 0 1-1 4H11a2 2 0 0 1-1-4Z"/>'
        '<rect x="14" y="41" width="72" height="7" rx="2"/><rect x="12" y="81" width="76" height="8" rx="2"/>'
        '<path d="M19 52h11v25H19ZM36 52h11v25H36ZM53 52h11v25H53ZM70 52h11v25H70Z"/></g>'
        '<circle cx="50" cy="27" r="5" fill="{accent}"/>'
    ),
    "river": (
        '<path d="M53 8v40h30C80 30 68 15 53 8Z" fill="{paper}"/><path d="M47 18v30H24c2-14 11-25 23-30Z"'
        ' fill="{accent}"/><path d="M14 54h72c-3 11-10 18-20 18H34c-10 0-17-7-20-18Z" fill="{paper}"/>'
        '<path d="M8 84q10.5-9 21 0t21 0 21 0 21 0" fill="none" stroke="{paper}" stroke-width="6"'
        ' stroke-linecap="round"/>'
    ),
    "book": (
        '<path d="M47 26C37 18 24 15 10 16a3 3 0 0 0-3 3v54a3 3 0 0 0 3 3c14-1 27 2 37 10Z" fill="{paper}"/>'
        '<path d="M53 26c10-8 23-11 37-10a3 3 0 0 1 3 3v54a3 3 0 0 1-3 3c-14-1-27 2-37 10Z" fill="{paper}"/>'
        '<g fill="none" stroke="{field}" stroke-width="4" stroke-linecap="round"><path d="M18 31q11 0 19 5"/>'
        '<path d="M18 44q11 0 19 5"/><path d="M18 57q11 0 19 5"/></g>'
        '<path d="M68 15v34l8-6 8 6V15Z" fill="{accent}"/>'
    ),
    "leaf": (
        '<path d="M86 10C46 10 16 26 16 58c0 15 10 26 25 26 31 0 47-32 45-74Z" fill="{paper}"/>'
        '<path d="M86 10c2 42-14 74-45 74-8 0-14-3-18-8Z" fill="{accent}"/>'
        '<path d="M12 93C24 71 42 50 66 32" fill="none" stroke="{field}" stroke-width="5"'
        ' stroke-linecap="round"/>'
    ),
    "gear": _gear(),
    "star": (
        f'<polygon points="{_star(50, 53, 44, 20)}" fill="{{paper}}" stroke="{{paper}}" stroke-width="7"'
        f' stroke-linejoin="round"/><polygon points="{_star(50, 53, 20, 9.5)}" fill="{{accent}}"'
        ' stroke="{accent}" stroke-width="4" stroke-linejoin="round"/>'
    ),
    "music": (
        '<path d="M36 72V22l46-10v50" fill="none" stroke="{paper}" stroke-width="8" stroke-linejoin="round"/>'
        '<path d="M36 22l46-10v15L36 37Z" fill="{paper}"/>'
        '<ellipse cx="26" cy="74" rx="15" ry="12" transform="rotate(-18 26 74)" fill="{paper}"/>'
        '<ellipse cx="72" cy="64" rx="15" ry="12" transform="rotate(-18 72 64)" fill="{accent}"/>'
    ),
    "camera": (
        '<path d="M35 18h30a4 4 0 0 1 3.5 2L74 30h13a6 6 0 0 1 6 6v44a6 6 0 0 1-6 6H13a6 6 0 0 1-6-6V36'
        'a6 6 0 0 1 6-6h13l5.5-10a4 4 0 0 1 3.5-2Z" fill="{paper}"/>'
        '<circle cx="50" cy="57" r="21" fill="{field}"/><circle cx="50" cy="57" r="14" fill="{paper}"/>'
        '<circle cx="50" cy="57" r="7" fill="{accent}"/>'
        '<circle cx="82" cy="41" r="4" fill="{field}"/>'
    ),
    "compass": (
        '<circle cx="50" cy="50" r="41" fill="{paper}"/><circle cx="50" cy="50" r="32" fill="{field}"/>'
        '<path d="M70 30 57 57 43 43Z" fill="{accent}"/><path d="M30 70 57 57 43 43Z" fill="{paper}"/>'
        '<circle cx="50" cy="50" r="4" fill="{field}"/>'
    ),
    "flask": (
        '<path d="M38 10h24v6h-3v24l24 40c3 6 0 12-7 12H24c-7 0-10-6-7-12l24-40V16h-3Z" fill="{paper}"/>'
        '<path d="M35 60h30l12 20c1 3 0 5-3 5H26c-3 0-4-2-3-5Z" fill="{accent}"/>'
        '<circle cx="45" cy="74" r="5" fill="{paper}"/><circle cx="58" cy="68" r="3.5" fill="{paper}"/>'
    ),
    "bridge": (
        '<path d="M8 24H92M14 24V36M32 24V36M50 24V36M68 24V36M86 24V36" fill="none" stroke="{paper}"'
        ' stroke-width="5" stroke-linecap="round"/>'
        '<rect x="3" y="36" width="94" height="9" rx="2" fill="{paper}"/>'
        '<path d="M8 49H92V77H87a15 15 0 0 0-30 0H43a15 15 0 0 0-30 0H8Z" fill="{paper}"/>'
        '<path d="M8 90q10.5-9 21 0t21 0 21 0 21 0" fill="none" stroke="{accent}" stroke-width="6"'
        ' stroke-linecap="round"/>'
    ),
    "heart": (
        '<path d="M50 88C22 68 10 52 10 36c0-13 10-22 21-22 8 0 15 4 19 12 4-8 11-12 19-12 11 0 21 9 21 22 0 '
        '16-12 32-40 52Z" fill="{paper}"/>'
        '<path d="M26 46h12l6-12 10 24 7-12h13" fill="none" stroke="{accent}"'
        ' stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "globe": (
        '<circle cx="50" cy="50" r="41" fill="{paper}"/><g fill="none" stroke="{field}" stroke-width="5">'
        '<ellipse cx="50" cy="50" rx="18" ry="40"/><path d="M10 50H90M16 29H84M16 71H84"/></g>'
        '<circle cx="50" cy="50" r="41" fill="none" stroke="{accent}" stroke-width="6"/>'
    ),
    "tree": (
        '<path d="M44 62h12v30H44Z" fill="{accent}"/><circle cx="50" cy="30" r="22" fill="{paper}"/>'
        '<circle cx="31" cy="48" r="20" fill="{paper}"/><circle cx="69" cy="48" r="20" fill="{paper}"/>'
        '<path d="M50 76V46M50 62 38 50M50 56l10-10" fill="none" stroke="{field}" stroke-width="4"'
        ' stroke-linecap="round"/>'
    ),
    "sun": _sun(),
    "bike": (
        '<g fill="none" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"><g stroke="{paper}">'
        '<circle cx="24" cy="64" r="19"/><circle cx="76" cy="64" r="19"/></g><g stroke="{accent}">'
        '<path d="M24 64 38 36H66L52 64H24M38 36 52 64M66 36 76 64M66 36 62 24H74M32 30H44"/></g></g>'
    ),
    "palette": (
        '<path d="M50 10C26 10 8 27 8 50s18 40 42 40c8 0 11-5 9-11-3-8 2-14 10-14h10c8 0 13-6 13-15'
        'C92 27 74 10 50 10Z" fill="{paper}"/><g fill="{field}"><circle cx="29" cy="50" r="7"/>'
        '<circle cx="72" cy="38" r="7"/></g><g fill="{accent}"><circle cx="38" cy="30" r="7"/>'
        '<circle cx="56" cy="26" r="7"/></g>'
    ),
    "code": (
        '<rect x="6" y="14" width="88" height="72" rx="8" fill="{paper}"/>'
        '<path d="M6 32V22a8 8 0 0 1 8-8H86a8 8 0 0 1 8 8V32Z" fill="{accent}"/>'
        '<path d="M34 46 20 59 34 72M66 46 80 59 66 72M55 43 45 75" fill="none" stroke="{field}" stroke-width="6"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "people": (
        '<g fill="{paper}"><circle cx="26" cy="34" r="13"/><circle cx="74" cy="34" r="13"/>'
        '<path d="M4 80c0-18 8-28 22-28s22 10 22 28ZM52 80c0-18 8-28 22-28s22 10 22 28Z"/></g>'
        '<g stroke="{field}" stroke-width="4" fill="{accent}"><circle cx="50" cy="42" r="15"/>'
        '<path d="M25 92c0-20 9-32 25-32s25 12 25 32Z"/></g>'
    ),
    "microphone": (
        '<rect x="35" y="8" width="30" height="52" rx="15" fill="{paper}"/>'
        '<path d="M35 26H52M35 38H52" stroke="{accent}" stroke-width="5"/>'
        '<path d="M22 44c0 20 12 30 28 30s28-10 28-30M50 74V90M34 90H66" fill="none" stroke="{paper}"'
        ' stroke-width="7" stroke-linecap="round"/>'
    ),
    "key": (
        '<circle cx="32" cy="36" r="25" fill="{paper}"/><circle cx="32" cy="36" r="10" fill="{field}"/>'
        '<path d="M49 54 86 91M70 75 82 63M80 85 92 73" fill="none" stroke="{accent}" stroke-width="10"'
        ' stroke-linecap="round"/>'
    ),
    "bulb": (
        '<path d="M50 8a32 32 0 0 0-18 58c3 3 5 6 5 10H63c0-4 2-7 5-10A32 32 0 0 0 50 8Z" fill="{paper}"/>'
        '<path d="M38 81H62M42 91H58" stroke="{accent}" stroke-width="7" stroke-linecap="round"/>'
        '<path d="M40 42 50 52 60 42M50 52V72" fill="none" stroke="{field}" stroke-width="5"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "rocket": (
        '<path d="M50 4C66 18 72 36 70 66H30C28 36 34 18 50 4Z" fill="{paper}"/>'
        '<path d="M30 46 14 66V80L30 70ZM70 46 86 66V80L70 70Z" fill="{accent}"/>'
        '<circle cx="50" cy="36" r="9" fill="{field}"/><path d="M40 72H60L50 96Z" fill="{accent}"/>'
    ),
    "pencil": (
        '<g transform="rotate(45 50 50)"><path d="M38 4H62V72L50 96 38 72Z" fill="{paper}"/>'
        '<path d="M38 10a6 6 0 0 1 6-6H56a6 6 0 0 1 6 6V20H38Z" fill="{accent}"/>'
        '<path d="M45 86 50 96 55 86ZM46 26H54V66H46Z" fill="{field}" opacity=".85"/></g>'
    ),
    "puzzle": (
        '<path d="M12 34H36a12 12 0 1 1 22 0H80V56a12 12 0 1 1 0 22V92H12V72a12 12 0 1 0 0-20Z" fill="{paper}"/>'
        '<circle cx="47" cy="62" r="10" fill="{accent}"/>'
    ),
    "paw": (
        '<path d="M50 46c16 0 32 20 32 34 0 10-10 12-18 9-10-4-18-4-28 0-8 3-18 1-18-9 0-14 16-34 32-34Z"'
        ' fill="{paper}"/><g fill="{accent}"><ellipse cx="18" cy="44" rx="9" ry="13" transform="rotate(-20 18 44)"/>'
        '<ellipse cx="38" cy="24" rx="10" ry="15"/><ellipse cx="62" cy="24" rx="10" ry="15"/>'
        '<ellipse cx="82" cy="44" rx="9" ry="13" transform="rotate(20 82 44)"/></g>'
    ),
}
"""Name → SVG fragment with the three colours left open."""
