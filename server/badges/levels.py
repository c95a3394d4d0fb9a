"""How much a badge asks of its holder: four levels, from the first steps to mastery."""

from server.core.i18n import gettext

LEVELS = ("foundation", "intermediate", "advanced", "expert")


def level_names() -> dict[str, str]:
    return {
        "foundation": gettext("Foundation"),
        "intermediate": gettext("Intermediate"),
        "advanced": gettext("Advanced"),
        "expert": gettext("Expert"),
    }


def level_words() -> dict[str, str]:
    """Say what a level means, for wallets and pages."""
    return {
        "foundation": gettext("Takes the first steps, with help."),
        "intermediate": gettext("Does what is usual alone."),
        "advanced": gettext("Does what is difficult alone, and helps others."),
        "expert": gettext("Leads others, and finds new ways."),
    }
