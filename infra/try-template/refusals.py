"""Deploys that would fail end before anything is built, and alarms that would tell nobody are named."""

from types import SimpleNamespace

from stack import Stack


def stack(status, **parameters):
    listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    description = {"StackName": "pombo", "StackStatus": status, "Parameters": listed}
    cloudformation = SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [description]})
    return Stack(SimpleNamespace(client=lambda _: cloudformation, region_name="eu-west-1"), "pombo")


def check():
    gradual = {"GradualDeployment": "true"}
    cases = [
        (stack("ROLLBACK_COMPLETE"), {}, "sam delete --stack-name pombo --region eu-west-1"),
        (stack("UPDATE_COMPLETE", Monitoring="basic"), gradual, "Monitoring=full"),
        (stack("UPDATE_COMPLETE", Monitoring="basic", **gradual), {}, "Monitoring=full"),
        (stack("REVIEW_IN_PROGRESS"), gradual, "Monitoring=full"),
        (stack("UPDATE_COMPLETE", Monitoring="full"), gradual, None),
        (stack("UPDATE_COMPLETE", Monitoring="basic", **gradual), {"GradualDeployment": "false"}, None),
        (stack("UPDATE_ROLLBACK_COMPLETE", Monitoring="basic"), {}, None),
    ]
    warned = [
        ({}, 1),
        ({"AlarmEmail": "a@example.com", "MonthlyBudget": "10"}, 0),
        ({"AlarmTopicArn": "arn:aws:sns:eu-west-1:111122223333:alarms"}, 0),
        ({"AlarmTopicArn": "arn:aws:sns:eu-west-1:111122223333:alarms", "MonthlyBudget": "10"}, 1),
    ]
    warnings = [(given, expected, stack("UPDATE_COMPLETE").warnings(given)) for given, expected in warned]
    problems = [f"{given}: {found}" for given, expected, found in warnings if len(found) != expected]
    if kept := stack("UPDATE_COMPLETE", AlarmEmail="a@example.com").warnings({}):
        problems.append(f"a kept AlarmEmail: {kept}")
    said = [(before.description, given, expected, before.refusal(given)) for before, given, expected in cases]
    return problems + [f"{given} for {before}: {refusal}" for before, given, expected, refusal in said if (expected or "None") not in str(refusal)]
