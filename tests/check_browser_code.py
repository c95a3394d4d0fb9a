"""Check the browser's code: types by TypeScript, lint by Biome. Part of `make check`."""

import subprocess
import sys
from pathlib import Path

from build import find_node

ROOT = Path(__file__).parents[1]


def main() -> int:
    node = find_node()
    checks = (
        ["node_modules/typescript/bin/tsc", "-p", "pwa/tsconfig.json"],
        [
            "node_modules/@biomejs/biome/bin/biome",
            "lint",
            "--error-on-warnings",
            "pwa/app",
            "pwa/service-worker.js",
        ],
    )
    failed = [c[0] for c in checks if subprocess.run([node, *c], cwd=ROOT, check=False).returncode]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
