"""Expands template.yaml as SAM does and checks what follows for aliases and capacity, and tries the tools around a deploy.

Prints nothing when all is right. Runs in the environment of SAM."""

import sys
import tempfile
from pathlib import Path

import yaml

import aliases
import capacity
import missing_stack
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "infra" / "deployment"))
import refusals  # noqa: E402
import versions  # noqa: E402


def alarm_names():
    """The alarms that have a name of their own, as the main template writes it, and exist with Monitoring=full, which a gradual deployment needs."""
    resources = yaml_parse((ROOT / "infra" / "observability.yaml").read_text(encoding="utf-8"))["Resources"]
    there = [resource.get("Properties", {}) for resource in resources.values() if resource.get("Condition") in (None, "IsFull")]
    named = [properties["AlarmName"]["Fn::Sub"] for properties in there if "AlarmName" in properties]
    return [name.replace("${Namespace}", "${AWS::StackName}") for name in named]


def check_configuration(text):
    """The hash is in the built template, and is another for another template, parameter, or rollback."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "template.yaml"
        built.write_text(yaml.safe_dump(yaml_parse(text)), encoding="utf-8")  # long forms, as `sam build` writes it
        before = built.read_text(encoding="utf-8")
        versions.set_configuration(built, {"RetentionDays": "90"})
        written = yaml.safe_load(built.read_text(encoding="utf-8"))["Globals"]["Function"]["Environment"]["Variables"]
    one = versions.configuration(before, {"RetentionDays": "90"})
    others = [
        versions.configuration(before, {"RetentionDays": "91"}),
        versions.configuration(before + " ", {"RetentionDays": "90"}),
        versions.configuration(before, {"RetentionDays": "90"}, "2026-11-27"),
    ]
    if written[versions.VARIABLE] != one or len({one, *others}) != 4:
        return [f"the configuration {one} is {written[versions.VARIABLE]} in the template, and elsewhere {others}"]
    return []


def main():
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    problems = aliases.check(text, alarm_names()) + check_configuration(text) + capacity.check(text, ROOT / "infra") + missing_stack.check() + refusals.check()
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
