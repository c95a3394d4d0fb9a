"""Check the browser's code: JSDoc types by TypeScript. Part of `make check`."""

import subprocess
import sys
from pathlib import Path

from build import find_node

ROOT = Path(__file__).parents[1]


def main() -> int:
    command = [find_node(), "node_modules/typescript/bin/tsc", "-p", "pwa/tsconfig.json"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
