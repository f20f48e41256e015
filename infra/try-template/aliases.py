"""Everything that invokes a function goes to its alias, whether or not deployments are gradual (docs/adr/0044)."""

import json
import re

from expansion import FUNCTIONS, before, expand, references

# The resources that invoke a function or allow it, and the property that names the function.
INVOKERS = {
    "AWS::Lambda::EventSourceMapping": lambda properties: properties["FunctionName"],
    "AWS::Lambda::Permission": lambda properties: properties["FunctionName"],
    "AWS::Lambda::Url": lambda properties: properties["TargetFunctionArn"],
    "AWS::Events::Rule": lambda properties: properties["Targets"],
}
GRADUAL = {"GradualDeployment": "true"}


def check(text, alarms):
    """The problems of a template's text; `alarms` are the names of the alarms beside it."""
    usual, gradual = expand(text), expand(text, GRADUAL)
    checks = [check_invokers, check_mappings, check_order]
    problems = [problem for resources in (usual, gradual) for check in checks for problem in check(resources)]
    problems += check_gradual(usual, gradual, alarms)
    return problems + check_versions(text, usual)


def check_invokers(resources):
    problems = []
    for name, resource in resources.items():
        if resource["Type"] in INVOKERS:
            called = references(INVOKERS[resource["Type"]](resource["Properties"])) & resources.keys()
            if not called or any(resources[each]["Type"] != "AWS::Lambda::Alias" for each in called):
                problems.append(f"{name} invokes {', '.join(sorted(called))}, which is no alias")
    for path, methods in resources["Api"]["Properties"]["Body"]["paths"].items():
        for operation in methods.values():
            if not re.search(r"/\$\{\w+Aliaslive\}/", json.dumps(operation["x-amazon-apigateway-integration"]["uri"])):
                problems.append(f"the route {path} invokes no alias")
    for name in FUNCTIONS:
        config = resources.get(f"{name}EventInvokeConfig")
        if config and config["Properties"].get("Qualifier") != "live":
            problems.append(f"{name}EventInvokeConfig is not of the alias, which the schedule invokes")
    return problems


def check_mappings(resources):
    """Lambda maps a source to an alias once, and DynamoDB lets two read a shard of a stream (docs/adr/0068)."""
    mappings = [resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::Lambda::EventSourceMapping"]
    sources = [json.dumps(mapping["EventSourceArn"]) for mapping in mappings]
    pairs = [(json.dumps(mapping["FunctionName"]), source) for mapping, source in zip(mappings, sources)]
    problems = [f"{source} is mapped to {alias} twice" for alias, source in sorted(set(pairs)) if pairs.count((alias, source)) > 1]
    if "notifyStatuses" not in before(resources, "notifyChanges"):
        problems.append("notifyChanges may leave statuses to notifyStatuses before that is there, and an update would lose some")
    streams = {source for source in sources if "StreamArn" in source}
    return problems + [f"{source} has more than two readers" for source in sorted(streams) if sources.count(source) > 2]


def check_order(resources):
    """No circles, and an update changes what others rely on first, with its alias: a function alone takes no event."""
    problems = [f"{name} depends on itself" for name in resources if name in before(resources, name)]
    for name, resource in resources.items():
        waits = resource.get("DependsOn", [])
        functions = {waits} if isinstance(waits, str) else set(waits)
        if resource["Type"] == "AWS::Lambda::Function" and functions & set(FUNCTIONS):
            problems.append(f"{name} depends on {', '.join(functions & set(FUNCTIONS))}, not on an alias: Aliaslive")
    aliases = {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Alias"}
    unread = aliases - {"sendAliaslive"} - before(resources, "send")
    problems += [f"send is updated before {name}, which could not read what it records" for name in sorted(unread)]
    for name in sorted(aliases - {f"{function}Aliaslive" for function in FUNCTIONS}):
        function = resources[name]["Properties"]["FunctionName"]["Ref"]
        if f"{function}Aliaslive" not in before(resources, name):
            problems.append(f"{name} is moved before a gradual deployment of {function} has ended")
    return problems


def check_gradual(usual, gradual, alarms):
    """Turning it on replaces nothing: CloudFormation makes the callback URL anew when its target changes."""
    problems = []
    for name, resource in usual.items():
        if resource.get("Properties") != gradual.get(name, {}).get("Properties"):
            problems.append(f"{name} changes when GradualDeployment is turned on")
    for name in FUNCTIONS:
        group = gradual.get(f"{name}DeploymentGroup", {}).get("Properties", {})
        alias = gradual.get(f"{name}Aliaslive", {})
        if "CodeDeployLambdaAliasUpdate" not in alias.get("UpdatePolicy", {}) or not group:
            problems.append(f"{name} is not deployed gradually with GradualDeployment")
        watched = [alarm["Name"].get("Fn::Sub", alarm["Name"]) for alarm in group.get("AlarmConfiguration", {}).get("Alarms", [])]
        problems += [f"there is no alarm {alarm}" for alarm in watched if alarm not in alarms]
        if not watched:
            problems.append(f"no alarm stops a deployment of {name}")
        if "UpdatePolicy" in usual.get(f"{name}Aliaslive", {}) or f"{name}DeploymentGroup" in usual:
            problems.append(f"{name} is deployed gradually without GradualDeployment")
    if "CodeDeployServiceRole" in gradual:
        problems.append("CodeDeploy has a role of SAM's, without PermissionsBoundary")
    return problems


def versions(resources):
    return {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"}


def check_versions(text, usual):
    """SAM hashes the name of a parameter, not its value, so the variable CONFIGURATION has to make the difference."""
    problems = []
    if versions(expand(text, {"RetentionDays": "91"})) != versions(usual):
        problems.append("SAM publishes versions for other parameters by itself now: CONFIGURATION is superfluous (docs/adr/0044)")
    other = text.replace("CONFIGURATION: none", "CONFIGURATION: another")
    if versions(expand(other)) & versions(usual) or len(versions(usual)) != len(FUNCTIONS):
        problems.append("another CONFIGURATION publishes no new version of each function")
    return problems
