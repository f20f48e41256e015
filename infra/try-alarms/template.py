"""The nested template, with its parameters in place."""

import re

import yaml

# A stack may have a dash in its name, which CloudWatch's search expressions treat apart.
PARAMETERS = {"Namespace": "my-stack", "AccountConcurrency": "100", "AWS::Region": "eu-west-1"}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def substituted(text):
    """A text of !Sub. A parameter without a value here is replaced by its name."""
    return re.sub(r"\$\{([\w:.]+)\}", lambda match: PARAMETERS.get(match[1], match[1]), text)


def construct(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return substituted(text) if suffix == "Sub" else PARAMETERS.get(text, text)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", construct)


def read(file):
    """A template's resources."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader)["Resources"]  # noqa: S506: a subclass of the safe loader
