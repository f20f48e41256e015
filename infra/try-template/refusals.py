"""Deploys that would fail end before anything is built."""

from types import SimpleNamespace

from stack import Stack


def stack(status, **parameters):
    listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    description = {"StackName": "pombo", "StackStatus": status, "Parameters": listed}
    cloudformation = SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [description]})
    return Stack(SimpleNamespace(client=lambda _: cloudformation), "pombo")


def check():
    gradual = {"GradualDeployment": "true"}
    cases = [
        (stack("ROLLBACK_COMPLETE"), {}, "sam delete --stack-name pombo"),
        (stack("UPDATE_COMPLETE", Monitoring="basic"), gradual, "Monitoring=full"),
        (stack("UPDATE_COMPLETE", Monitoring="basic", **gradual), {}, "Monitoring=full"),
        (stack("REVIEW_IN_PROGRESS"), gradual, "Monitoring=full"),
        (stack("UPDATE_COMPLETE", Monitoring="full"), gradual, None),
        (stack("UPDATE_COMPLETE", Monitoring="basic", **gradual), {"GradualDeployment": "false"}, None),
        (stack("UPDATE_ROLLBACK_COMPLETE", Monitoring="basic"), {}, None),
    ]
    said = [(before.description, given, expected, before.refusal(given)) for before, given, expected in cases]
    return [f"{given} for {before}: {refusal}" for before, given, expected, refusal in said if (expected or "None") not in str(refusal)]
