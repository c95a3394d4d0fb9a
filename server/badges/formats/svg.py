"""Puts a credential into a drawing (Open Badges 3.0, section 5.3.2), and takes out what could act."""

import re
from xml.etree import ElementTree  # our own drawings only

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_SVG = "http://www.w3.org/2000/svg"
_ACTIVE = {"script", "foreignObject", "iframe", "embed", "object", "a", "animate", "set", "handler"}
_ROOT = re.compile(r"<svg\b[^>]*>")

ElementTree.register_namespace("", _SVG)


def bake(drawing: str, credential: bytes) -> bytes:
    """Return the drawing, inert, with the credential as its first child."""
    drawn = _inert(drawing)
    root = _ROOT.search(drawn)
    if root is None:
        raise ValueError("not a drawing")
    opened = root[0].replace("<svg", f'<svg xmlns:openbadges="{NAMESPACE}"', 1)
    inside = f"<openbadges:credential><![CDATA[{_escape(credential)}]]></openbadges:credential>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{inside}{drawn[root.end() :]}'.encode()


def _escape(credential: bytes) -> str:
    """Keep the JSON from ending its CDATA: `]]>` can only stand in a string, where an escape means the same."""
    return credential.decode().replace("]]>", "]]\\u003e")


def _inert(drawing: str) -> str:
    """Leave out scripts, listeners, links, and whatever would be fetched from elsewhere."""
    root = ElementTree.fromstring(drawing)  # noqa: S314
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _ACTIVE:
                parent.remove(child)
        for name, value in list(parent.attrib.items()):
            if _acts(name.rpartition("}")[2], value):
                del parent.attrib[name]
    return ElementTree.tostring(root, encoding="unicode")


def _acts(name: str, value: str) -> bool:
    return name.lower().startswith("on") or (name in ("href", "src") and not value.startswith("#"))
