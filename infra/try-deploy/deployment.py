"""The resources that `sam deploy` created, and how to reach them on the emulator."""

import json
import os
import urllib.error
import urllib.request

import boto3

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
FUNCTIONS = ["send", "deliver", "receive", "notify", "settle", "manage", "media"]


class Wrong(Exception):
    """The deployment is not as expected."""


def ask(method, url, body=None, headers=None):
    """A call's status and body, which is parsed when it is JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | (headers or {})
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Deployment:
    """A stack's resources by their names in the template, and its outputs."""

    def __init__(self, stack):
        self.stack = stack
        self.cloudformation = boto3.client("cloudformation")
        self.functions = boto3.client("lambda")
        resources = self.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        self.ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        outputs = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        # On AWS the outputs are addresses; here their first label goes into a path.
        label = lambda output: self.outputs[output].removeprefix("https://").split(".")[0]
        self.api = f"{ENDPOINT}/_aws/execute-api/{label('ApiUrl')}/$default"
        self.callback = f"{ENDPOINT}/_aws/lambda-url/{label('CallbackUrl')}/"

    def call(self, expected, method, path, key, body=None):
        """The data of an answer that must have a status."""
        status, answer = ask(method, self.api + path, body, {"authorization": f"Bearer {key}"})
        if status != expected:
            raise Wrong(f"{method} {path}: {status} {answer}")
        return answer

    def invoke(self, name, event):
        """Whether a function accepted an event."""
        answer = self.functions.invoke(FunctionName=self.ids[name], Qualifier="live", Payload=json.dumps(event))
        return "FunctionError" not in answer

    def secret(self, name):
        """A secret's text."""
        return boto3.client("secretsmanager").get_secret_value(SecretId=self.ids[name])["SecretString"]

    def record(self, message):
        """A message's record as the table has it, without DynamoDB's types around its values."""
        key = {"id": {"S": message}}
        item = boto3.client("dynamodb").get_item(TableName=self.ids["Messages"], Key=key, ConsistentRead=True).get("Item", {})
        return {name: next(iter(value.values())) for name, value in item.items()}

    def waiting(self, queue):
        """How many messages a queue has, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = boto3.client("sqs").get_queue_attributes(QueueUrl=self.ids[queue], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def logs(self, group=None):
        """What the functions themselves logged, all of them or those of a group."""
        client = boto3.client("logs")
        groups = [self.ids[group]] if group else [each["logGroupName"] for each in client.describe_log_groups()["logGroups"]]
        pages = [page for name in groups for page in client.get_paginator("filter_log_events").paginate(logGroupName=name)]
        lines = [event["message"].strip() for page in pages for event in page["events"]]
        return "\n".join(line for line in lines if not line.startswith(("START ", "END ", "REPORT ")))
