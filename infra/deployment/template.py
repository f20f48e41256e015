"""The parameters of template.yaml."""

import textwrap

import yaml


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which parameters do not use."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def parameters(file):
    """A template's parameters by name."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader)["Parameters"]  # noqa: S506: a subclass of the safe loader


def explain(name, parameter):
    """A parameter, its default and what it may be, as text."""
    default = parameter.get("Default")
    allowed = ", ".join(str(value) for value in parameter.get("AllowedValues", []))
    if "MinValue" in parameter:
        allowed = f"{parameter['MinValue']} to {parameter['MaxValue']}" if "MaxValue" in parameter else f"at least {parameter['MinValue']}"
    about = ["no default" if default is None else f"default: {default!s}" if default != "" else "default: empty"]
    about += [f"one of: {allowed}" if "AllowedValues" in parameter else allowed] if allowed else []
    text = textwrap.fill(" ".join(parameter["Description"].split()), 120, initial_indent="    ", subsequent_indent="    ")
    return f"{name} ({'; '.join(about)})\n{text}"
