"""What the desk calls the looks of badges, and what it says about them."""

from server.badges.drawing import SHAPES, Design, hard_to_see
from server.badges.icons import ICONS
from server.core.i18n import gettext


def shape_names() -> dict[str, str]:
    names = {
        "circle": gettext("Circle"),
        "hexagon": gettext("Hexagon"),
        "shield": gettext("Shield"),
        "drop": gettext("Drop"),
        "square": gettext("Square"),
        "diamond": gettext("Diamond"),
        "octagon": gettext("Octagon"),
        "flower": gettext("Flower"),
    }
    return {shape: names[shape] for shape in SHAPES}


def icon_names() -> dict[str, str]:
    names = {
        "museum": gettext("Museum"),
        "river": gettext("River"),
        "book": gettext("Book"),
        "leaf": gettext("Leaf"),
        "gear": gettext("Gear"),
        "star": gettext("Star"),
        "music": gettext("Music"),
        "camera": gettext("Camera"),
        "compass": gettext("Compass"),
        "flask": gettext("Flask"),
        "bridge": gettext("Bridge"),
        "heart": gettext("Heart"),
        "globe": gettext("Globe"),
        "tree": gettext("Tree"),
        "sun": gettext("Sun"),
        "bike": gettext("Bicycle"),
        "palette": gettext("Palette"),
        "code": gettext("Code"),
        "people": gettext("People"),
        "microphone": gettext("Microphone"),
        "key": gettext("Key"),
        "bulb": gettext("Light bulb"),
        "rocket": gettext("Rocket"),
        "pencil": gettext("Pencil"),
        "puzzle": gettext("Puzzle"),
        "paw": gettext("Paw"),
    }
    return {icon: names[icon] for icon in ICONS}


def colour_words() -> dict[str, str]:
    """Say what each of `drawing.hard_to_see` means."""
    return {
        "sign": gettext("The sign is hard to see on this colour. Choose a darker one."),
        "accent": gettext("The two colours are hard to tell apart."),
        "ribbon": gettext("The words on the ribbon are hard to read. Choose a lighter second colour."),
    }


def colour_warnings(design: Design) -> list[str]:
    return [colour_words()[what] for what in hard_to_see(design)]
