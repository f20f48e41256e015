"""With provisioned capacity, each index of a table has units of its own that follow its use: one without enough throttles the table."""

import re

from expansion import expand
from samtranslator.yaml_helper import yaml_parse

UNITS = {"Fn::If": ["Provisioned", {each: {"Ref": "MinTableUnits"} for each in ("ReadCapacityUnits", "WriteCapacityUnits")}, {"Ref": "AWS::NoValue"}]}


def check(text, infra):
    """The problems of a template's text; `infra` is the folder of the nested ones."""
    problems, followed = [], follows(infra)
    tables = {name: each["Properties"] for name, each in expand(text).items() if each["Type"] == "AWS::DynamoDB::Table"}
    provisioned = {name: each for name, each in tables.items() if each["BillingMode"] != "PAY_PER_REQUEST"}
    if not provisioned:
        return ["no table can have provisioned capacity"]
    named = set()
    for name, table in provisioned.items():
        indexes = {each["IndexName"]: each for each in table.get("GlobalSecondaryIndexes", [])}
        parts = {f"table/{name}": table} | {f"table/{name}/index/{index}": each for index, each in indexes.items()}
        problems += [f"{part} has no units of its own" for part, each in parts.items() if each.get("ProvisionedThroughput") != UNITS]
        named |= parts.keys()
    problems += [f"infra/provisioned.yaml has no capacity for {part}" for part in sorted(named - followed.keys())]
    problems += [f"infra/provisioned.yaml has capacity for {part}, which does not exist" for part in sorted(followed.keys() - named)]
    return problems + [f"{part} is called {kind}" for part, kind in followed.items() if kind != ("index" if "/index/" in part else "table")]


def follows(infra):
    """The tables and indexes whose capacity follows their use, and what each is said to be."""
    resources = yaml_parse((infra / "provisioned.yaml").read_text(encoding="utf-8"))["Resources"]
    given = [resource["Properties"]["Parameters"] for resource in resources.values()]
    return {re.sub(r"\$\{(\w+)\}", r"\1", each["Of"]["Fn::Sub"]): each["Kind"] for each in given}
