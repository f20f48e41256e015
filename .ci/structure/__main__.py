"""Checks how the repository is built: no circles between files, arrows in `shared` downward, short files, links that
lead somewhere. `python3 .ci/structure` prints what breaks a rule; `python3 .ci/structure --self-test` breaks each rule in
a temporary folder and fails if that goes unnoticed."""

import subprocess
import sys
from pathlib import Path

import self_test
from documents import links_lead_somewhere
from rules import downward_only, no_cycles, short_files

RULES = [no_cycles, downward_only, short_files, links_lead_somewhere]


def main():
    """Exit code 1 when a rule is broken."""
    if sys.argv[1:] == ["--self-test"]:
        return self_test.run()
    root = Path(__file__).resolve().parents[2]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout
    files = sorted(Path(name) for name in set(listed.split("\0")) if name and (root / name).is_file())
    problems = [problem for rule in RULES for problem in rule(root, files)]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
