"""template.yaml as SAM expands it, as CloudFormation would, with given parameters."""

import json
import logging
import re

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

logging.disable(logging.WARNING)
FUNCTIONS = ["deliver", "manage", "media", "notify", "receive", "send", "settle"]


class NoManagedPolicies:
    """The template names none that SAM would look up."""

    def load(self):
        return {}


def expand(text, parameters=None):
    """The resources of a template's text. `sam build` and `sam deploy` put an address in place of the functions' code."""
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = f"s3://code/{resource['Properties']['CodeUri']}"
    required = {"WhatsAppAppSecret": "x" * 16, "WhatsAppVerifyToken": "x" * 16, "EarlierKeys": "false"}
    known = {name: value for name, value in required.items() if name in template["Parameters"]}
    return transform(template, known | (parameters or {}), NoManagedPolicies())["Resources"]


def references(value):
    """The names that a value refers to, by Ref, GetAtt or Sub."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = references(list(value.values()))
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        path = value["Fn::GetAtt"]
        found.add(path[0] if isinstance(path, list) else path.split(".")[0])
    if "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        found |= {name.split(".")[0] for name in re.findall(r"\$\{([\w:.]+)\}", text)}
    return found


def dependencies(resources):
    """Each resource's names of others that CloudFormation makes before it."""
    named = {}
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        explicit = [explicit] if isinstance(explicit, str) else explicit
        named[name] = (references(json.loads(json.dumps(resource))) | set(explicit)) & resources.keys()
    return named


def before(resources, name):
    """All that is made before a resource, directly or not; the resource itself in a circle."""
    direct, found, waiting = dependencies(resources), set(), [name]
    while waiting:
        for each in direct[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found
