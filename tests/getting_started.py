"""Runs the commands of docs/getting-started.md as they stand, in one shell, and checks that each prints what the page says.

Argument: the program that `cargo run` would build. In the page, a block `sh` is run; a block `json` is what the last command printed, at least with these members
(`…` stands for any text); a block `text` is what the stack or the page's receiver prints by and by. A command that only reads is repeated until it fits.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 30
# The page's `cargo run` is the program that was built, on a free port.
CARGO = """
cargo() {
  [ "$1 $2" = "run --" ] || { echo "not in this test: cargo $*" >&2; return 1; }
  shift 2
  exec "$PROGRAM" --port 0 "$@"
}
"""


class Shell:
    """A shell in a folder of its own, whose processes end with it."""

    def __init__(self, program: str, folder: str):
        self.folder = Path(folder)
        self.output = self.folder / "output"
        log = self.output.open("wb")
        environment = {**os.environ, "PROGRAM": program, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self.shell = subprocess.Popen(
            ["bash"], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True
        )

    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def run(self, commands: str, limit: int = LIMIT_SECONDS) -> str:
        """Runs commands, and returns what they printed. Those in the background go on."""
        before, mark = len(self.printed()), f"done {time.monotonic_ns()}"
        self.shell.stdin.write(f"{commands}\necho; echo '{mark}'\n".encode())
        self.shell.stdin.flush()
        until = time.monotonic() + limit
        while mark not in self.printed():
            if self.shell.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"no end of:\n{commands}\n\n{self.printed()}")
            time.sleep(0.05)
        return self.printed()[before:].split(mark)[0]

    def end(self):
        subprocess.run(["kill", "--", f"-{self.shell.pid}"], check=False)
        self.shell.wait()


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and the text of each block of code."""
    found = re.findall(r"^```(\S*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    if not found:
        raise SystemExit(f"{page} has no blocks")
    return found


def fits(expected, printed) -> bool:
    """Whether JSON has at least what is expected."""
    match expected:
        case dict():
            return isinstance(printed, dict) and all(fits(value, printed.get(name)) for name, value in expected.items())
        case list():
            return isinstance(printed, list) and len(printed) >= len(expected) and all(map(fits, expected, printed))
        case str() if expected.endswith("…"):
            return isinstance(printed, str) and printed.startswith(expected[:-1])
    return expected == printed


def last_json(printed: str):
    """The last line that begins with JSON; what the receiver prints may follow it."""
    for line in reversed(printed.splitlines()):
        try:
            return json.JSONDecoder().raw_decode(line)[0]
        except ValueError:
            continue
    return None


def check_json(shell: Shell, command: str, expected: str, printed: str):
    wanted, until = json.loads(expected), time.monotonic() + LIMIT_SECONDS
    last = command.strip().splitlines()[-1]
    while not fits(wanted, last_json(printed)):
        if not last.startswith("curl") or " -d " in last or time.monotonic() > until:
            raise SystemExit(f"{command}\nshould print {expected}\nand printed {printed}")
        time.sleep(0.2)
        printed = shell.run(last)


def check_text(shell: Shell, expected: str):
    until = time.monotonic() + LIMIT_SECONDS
    while missing := [line for line in expected.splitlines() if line not in shell.printed()]:
        if time.monotonic() > until:
            raise SystemExit(f"never printed: {missing}\n\n{shell.printed()}")
        time.sleep(0.1)


def wait_for_state(shell: Shell):
    until = time.monotonic() + LIMIT_SECONDS
    while not (shell.folder / ".local/stack.json").exists():
        if time.monotonic() > until:
            raise SystemExit(f"the stack does not start:\n{shell.printed()}")
        time.sleep(0.1)


def run_page(shell: Shell) -> int:
    command, printed, checked = "", "", 0
    for language, text in blocks(ROOT / "docs/getting-started.md"):
        match language:
            case "sh" if text.startswith("cargo run"):
                shell.run(f"{CARGO}\n({text.strip()}) &")
                wait_for_state(shell)
            case "sh":
                command, printed = text, shell.run(text)
            case "json":
                check_json(shell, command, text, printed)
                checked += 1
            case "text":
                check_text(shell, text)
                checked += 1
            case _:
                raise SystemExit(f"the page has a block of {language!r}, which nothing checks")
    return checked


def check_python():
    """The verification of docs/webhooks.md is that of the page, which was tried."""
    function = next(text for language, text in blocks(ROOT / "docs/webhooks.md") if "def verify_webhook" in text)
    function = function[function.index("def ") :]
    receiver = next(text for language, text in blocks(ROOT / "docs/getting-started.md") if "def verify_webhook" in text)
    if function not in receiver:
        raise SystemExit("docs/webhooks.md and docs/getting-started.md have different verify_webhook")


def main():
    check_python()
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(sys.argv[1], folder)
        try:
            checked = run_page(shell)
        finally:
            shell.end()
    print(f"docs/getting-started.md: {checked} outputs are as the page says")


if __name__ == "__main__":
    main()
