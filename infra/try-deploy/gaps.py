"""Workarounds for the gaps of the emulator. Each prints itself; README.md lists them."""

import json
import re

import boto3


def close(deployment):
    """Applies every workaround that sending a message needs."""
    add_routes(deployment)
    number_concurrency(deployment)
    replace_secrets(deployment)
    name_secrets(deployment)
    change_environments(deployment)


def announce(gap, instead):
    print(f"gap: {gap}\n     {instead}", flush=True)


def add_routes(deployment):
    """The API's routes, out of the document that SAM wrote into the template."""
    announce("it makes an HTTP API without the routes of its Body.", "They are added call by call, as the Body has them.")
    template = deployment.cloudformation.get_template(StackName=deployment.stack, TemplateStage="Processed")["TemplateBody"]
    template = template if isinstance(template, dict) else json.loads(template)
    api = boto3.client("apigatewayv2")
    for path, methods in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            integration = operation["x-amazon-apigateway-integration"]
            alias = re.search(r"functions/\$\{(\w+)\}/", integration["uri"]["Fn::Sub"])[1]
            made = api.create_integration(
                ApiId=deployment.ids["Api"],
                IntegrationType="AWS_PROXY",
                IntegrationUri=deployment.ids[alias],
                PayloadFormatVersion=integration["payloadFormatVersion"],
            )
            key = path if path == "$default" else f"{method.upper()} {path}"
            api.create_route(ApiId=deployment.ids["Api"], RouteKey=key, Target=f"integrations/{made['IntegrationId']}")


def number_concurrency(deployment):
    """The maximum concurrency of each queue's event source as a number."""
    announce("a parameter of the type Number stays text in an event source, whose queue is then not read.", "It is set again, as a number.")
    for mapping in deployment.functions.list_event_source_mappings()["EventSourceMappings"]:
        if limit := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            scaling = {"MaximumConcurrency": int(limit)}
            deployment.functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)


def replace_secrets(deployment):
    """New values of the generated secrets, before a function has started with the old ones."""
    announce("a generated secret has punctuation in it, though the template excludes it; a comma parts keys.",
             "Such secrets get values without.")  # fmt: skip
    client = boto3.client("secretsmanager")
    for name in ["MasterKeys", "CallbackKeys", "AdminKey"]:
        old = deployment.secret(name)
        if not old.isalnum():
            new = client.get_random_password(PasswordLength=len(old), ExcludePunctuation=True)["RandomPassword"]
            client.put_secret_value(SecretId=deployment.ids[name], SecretString=new)


def name_secrets(deployment):
    """The secrets in the roles' policies by their ARNs."""
    announce("a reference to a secret is its name, which no policy permits; on AWS it is its ARN.", "The roles' policies get the ARN.")
    secrets, roles = boto3.client("secretsmanager"), boto3.client("iam")
    names = [deployment.ids[name] for name in ["MasterKeys", "CallbackKeys", "AdminKey", "WhatsAppApp"]]
    arns = {name: secrets.describe_secret(SecretId=name)["ARN"] for name in names}
    for role in [deployment.ids[f"{name}Role"] for name in ["send", "deliver", "receive", "notify", "settle", "manage", "media"]]:
        policy = json.dumps(roles.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"])
        for name, arn in arns.items():
            policy = policy.replace(f'"{name}"', f'"{arn}"')
        roles.put_role_policy(RoleName=role, PolicyName="calls", PolicyDocument=policy)


def change_environments(deployment):
    """An address of this machine allowed as a customer's, in a version of its own to which the aliases go. What is not published
    keeps the template's variables, so that nothing but an alias passes the checks."""
    print("not of the template: LOOPBACK_ENDPOINTS, so that the webhook may be on this machine.", flush=True)
    for name in ["send", "deliver", "receive", "notify", "settle", "manage", "media"]:
        function = deployment.ids[name]
        unpublished = deployment.functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        variables = unpublished | {"LOOPBACK_ENDPOINTS": "allow"}
        deployment.functions.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
        version = deployment.functions.publish_version(FunctionName=function)["Version"]
        for alias in deployment.functions.list_aliases(FunctionName=function)["Aliases"]:
            deployment.functions.update_alias(FunctionName=function, Name=alias["Name"], FunctionVersion=version)
        deployment.functions.update_function_configuration(FunctionName=function, Environment={"Variables": unpublished})
