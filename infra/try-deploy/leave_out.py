"""Removes from a built template what the emulator cannot create. Argument: the template."""

import sys
from pathlib import Path

import yaml

from gaps import announce


def leave_out(file):
    """Drops alarms over more than one metric."""
    template = yaml.safe_load(file.read_text(encoding="utf-8"))
    resources = template["Resources"]
    names = [name for name, resource in resources.items() if "Metrics" in resource.get("Properties", {})]
    for name in names:
        del resources[name]
    file.write_text(yaml.safe_dump(template, sort_keys=False), encoding="utf-8")
    announce("it refuses alarms over more than one metric.", f"Left out: {', '.join(names)}.")


if __name__ == "__main__":
    leave_out(Path(sys.argv[1]))
