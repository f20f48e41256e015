"""Writes `_sync` from `_async`, but for `io.py`. With `--check`, fails when that changes a file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src/pombo"
BY_HAND = "io.py"
HEADER = "# Generated from `_async` by `scripts/generate_sync.py`: change that.\n"
REPLACEMENTS = [
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsyncPombo\b", "Pombo"),
    (r"\bAsyncClient\b", "Client"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"\baclosing\b", "closing"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r'"""The asynchronous client\..*"""', '"""The synchronous client."""'),
]


def synchronous(source: str) -> str:
    """The synchronous form of a file."""
    for pattern, replacement in REPLACEMENTS:
        source = re.sub(pattern, replacement, source)
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "generated.py", "-"]
    return subprocess.run(command, input=HEADER + source, capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Exit code 1 when a file was not as it is generated, with `--check`."""
    changed = []
    for path in sorted((PACKAGE / "_async").glob("*.py")):
        if path.name == BY_HAND:
            continue
        target = PACKAGE / "_sync" / path.name
        generated = synchronous(path.read_text())
        if not target.exists() or target.read_text() != generated:
            changed.append(target.name)
            if "--check" not in sys.argv:
                target.write_text(generated)
    if changed:
        print("generated:" if "--check" not in sys.argv else "not as generated:", ", ".join(changed))
    return 1 if changed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
