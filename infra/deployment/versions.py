"""What makes SAM publish a new version of each function for a deploy (docs/adr/0044)."""

import hashlib
import json

import yaml

# A variable of all functions in template.yaml. Nothing reads it.
VARIABLE = "CONFIGURATION"
HASH_DIGITS = 12


def configuration(template, parameters, rolled_back_at=None):
    """A hash of a template's text and of the values of its parameters. A deploy that was rolled back may have left the versions
    that it published; CloudFormation would refuse to publish the same again, so its time counts too."""
    content = [template, parameters, str(rolled_back_at) if rolled_back_at else None]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:HASH_DIGITS]


def set_configuration(built, parameters, rolled_back_at=None):
    """Writes the hash into a template that `sam build` made."""
    text = built.read_text(encoding="utf-8")
    template = yaml.safe_load(text)
    template["Globals"]["Function"]["Environment"]["Variables"][VARIABLE] = configuration(text, parameters, rolled_back_at)
    built.write_text(yaml.safe_dump(template, sort_keys=False), encoding="utf-8")
