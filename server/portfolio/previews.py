"""What other sites show of a badge: oEmbed (oembed.com) and the frame that it leads to."""

from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from server.badges.models import Award
from server.badges.services import find_credential
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.core.shell import absolute

WIDTH, HEIGHT = 360, 200
"""Of the frame, in pixels, where there is room."""


class WrongFormat(DomainError):
    status, code = 501, "wrong_format"

    def explain(self) -> str:
        return gettext("This is given as json or xml only.")


@dataclass(frozen=True, slots=True)
class Room:
    """How much room the other site has, in pixels."""

    width: int = WIDTH
    height: int = HEIGHT


def find_by_address(address: str) -> Award:
    """Find the badge whose page has this address; raises NotFound for any other address."""
    start = absolute("/credentials/")
    path = urlsplit(address).path
    if not address.startswith(start) or path.count("/") != 2:
        raise NotFound()
    return find_credential(path.rsplit("/", 1)[1])


def oembed(award: Award, room: Room) -> dict[str, Any]:
    """Describe a badge for a site that shows it, by oEmbed 1.0 as `rich`."""
    city = award.achievement.organiser.city
    return {
        "version": "1.0",
        "type": "rich",
        "title": pick(award.achievement.name),
        "author_name": pick(award.achievement.organiser.name),
        "provider_name": city.name,
        "provider_url": absolute("/"),
        "cache_age": 3600,
        "thumbnail_url": absolute(f"/achievements/{award.achievement_id}/image.png"),
        "thumbnail_width": 400,
        "thumbnail_height": 400,
        "width": room.width,
        "height": room.height,
        "html": frame(award, room),
    }


def frame(award: Award, room: Room) -> str:
    """Write the `<iframe>` in which another site shows a badge."""
    title = escape(gettext("The badge “%(name)s”", name=pick(award.achievement.name)))
    address = absolute(f"/credentials/{award.credential_id}/embed")
    return (
        f'<iframe src="{escape(address)}" title="{title}" width="{room.width}" height="{room.height}" '
        'loading="lazy" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" style="border:0"></iframe>'
    )


def as_xml(said: dict[str, Any]) -> bytes:
    """Write an oEmbed answer as XML."""
    root = ElementTree.Element("oembed")
    for name, value in said.items():
        ElementTree.SubElement(root, name).text = str(value)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content
