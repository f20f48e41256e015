"""Tries a deployment through its public addresses, and fails loudly: after each deploy, and whenever somebody doubts it.

    .local/sam/bin/python infra/deployment/smoke_test.py --stack pombo --region eu-west-1

It checks that the callback URL knows its secrets and refuses what is not signed, that the operator's endpoints accept the admin
key, and that a message of a test account gets from the API to `send`, its tables and back. That account has no number, so the
answer is a refusal that only `send` gives. With SMOKE_KEY, SMOKE_INSTANCE and SMOKE_TO in the environment (an API key, its
connected instance, and a phone that has just written to its number) it also sends a message and waits until WhatsApp has it."""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ACCOUNT = "Smoke test"
SENT_WITHIN_SECONDS = 60


class Failure(Exception):
    """What the deployment does not do."""


def ask(method, url, key=None, body=None):
    """A call's status and text."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        raise Failure(f"{method} {url}: {error}") from error


class Deployment:
    """The addresses and secrets of a deployment."""

    def __init__(self, api, callback, admin_key, verify_token):
        self.api, self.callback, self.admin_key, self.verify_token = api, callback, admin_key, verify_token

    @classmethod
    def of_stack(cls, session, stack):
        """Those of a stack, by a session of boto3."""
        try:
            return cls(*cls.read(session, stack))
        except (BotoCoreError, ClientError) as error:
            raise Failure(f"the stack {stack} cannot be read: {error}") from error
        except KeyError as missing:
            raise Failure(f"the stack {stack} has no {missing.args[0]}: it is being made or deleted, or is not Pombo's") from missing

    @staticmethod
    def read(session, stack):
        """The same as the arguments of a deployment."""
        cloudformation = session.client("cloudformation")

        def physical(name):  # one by one: a list of resources ends after the first 100
            resource = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=name)["StackResourceDetail"]
            return resource["PhysicalResourceId"]

        described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        secrets = session.client("secretsmanager")
        admin_key = secrets.get_secret_value(SecretId=physical("AdminKey"))["SecretString"].split(",")[0].strip()
        app = json.loads(secrets.get_secret_value(SecretId=physical("WhatsAppApp"))["SecretString"])
        return outputs["ApiUrl"], outputs["CallbackUrl"], admin_key, app["verifyToken"]

    def call(self, expected, method, path, key, body=None):
        """The data of an answer that must have this status."""
        status, text = ask(method, self.api + path, key, body)
        if status != expected:
            raise Failure(f"{method} {path}: {status} instead of {expected}: {text}")
        return json.loads(text) if text else None


def check_callbacks(deployment):
    query = {"hub.mode": "subscribe", "hub.verify_token": deployment.verify_token, "hub.challenge": "1158201444"}
    answer = ask("GET", f"{deployment.callback}?{urllib.parse.urlencode(query)}")
    if answer != (200, "1158201444"):
        raise Failure(f"the callback URL does not confirm the verify token: {answer}")
    status, _ = ask("POST", deployment.callback, body={"object": "whatsapp_business_account", "entry": []})
    if status != 401:
        raise Failure(f"the callback URL answers {status} to a POST without a signature, instead of 401")


def account(deployment):
    """The path of the test account."""
    path = "/v1/admin/accounts?limit=100"
    while path:
        page = deployment.call(200, "GET", path, deployment.admin_key)
        found = [each["id"] for each in page["data"] if each["name"] == ACCOUNT and each["status"] == "active"]
        if found:
            return f"/v1/admin/accounts/{found[0]}"
        cursor = page["pagination"].get("nextCursor")
        path = cursor and f"/v1/admin/accounts?limit=100&after={urllib.parse.quote(cursor)}"
    made = deployment.call(201, "POST", "/v1/admin/accounts", deployment.admin_key, {"name": ACCOUNT, "plan": "free", "credits": 1})
    return f"/v1/admin/accounts/{made['data']['id']}"


def check_sending(deployment):
    """A message of an instance without a number: only `send` refuses it, after it has read its tables."""
    keys = f"{account(deployment)}/keys"
    made = deployment.call(201, "POST", keys, deployment.admin_key, {"name": ACCOUNT})["data"]
    try:
        instances = deployment.call(200, "GET", "/v1/instances", made["key"])["data"]
        instance = instances[0] if instances else deployment.call(201, "POST", "/v1/instances", made["key"], {"name": ACCOUNT})["data"]
        message = {"instanceId": instance["id"], "to": "5511999999999", "message": "Smoke test"}
        status, text = ask("POST", f"{deployment.api}/v1/messages/send", made["key"], message)
        if status != 409 or json.loads(text)["error"]["code"] not in ("instance_not_connected", "instance_disconnected"):
            raise Failure(f"a message of an instance without a number is answered {status}: {text}")
    finally:
        ask("DELETE", f"{deployment.api}{keys}/{made['id']}", deployment.admin_key)


def check_real_message(deployment, key, instance, to):
    message = {"instanceId": instance, "to": to, "message": "Smoke test"}
    sent = deployment.call(202, "POST", "/v1/messages/send", key, message)["messageId"]
    until = time.monotonic() + SENT_WITHIN_SECONDS
    while True:
        state = deployment.call(200, "GET", f"/v1/messages/{sent}/status", key)["data"]
        if state["status"] in ("sent", "delivered", "read"):
            return
        if state["status"] == "failed" or time.monotonic() > until:
            raise Failure(f"the message {sent} is {state['status']}: {state.get('error')}")
        time.sleep(1)


def try_out(deployment):
    """Tries a deployment."""
    check_callbacks(deployment)
    check_sending(deployment)
    real = [os.environ.get(name) for name in ("SMOKE_KEY", "SMOKE_INSTANCE", "SMOKE_TO")]
    if any(real):
        if not all(real):
            raise Failure("SMOKE_KEY, SMOKE_INSTANCE and SMOKE_TO are needed together")
        check_real_message(deployment, *real)
        print("smoke test: callbacks, the API and a message to WhatsApp work")
    else:
        print("smoke test: callbacks and the API work; no message was sent, because SMOKE_KEY is not set")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--stack", default="pombo")
    arguments.add_argument("--region", help="the profile's, if none is given")
    arguments.add_argument("--api", help="instead of a stack: the API's URL, with ADMIN_KEY and VERIFY_TOKEN in the environment")
    arguments.add_argument("--callback", help="with --api: the callback URL")
    given = arguments.parse_args()
    try:
        if given.api:
            keys = [os.environ.get(name) for name in ("ADMIN_KEY", "VERIFY_TOKEN")]
            if not all([given.callback, *keys]):
                raise Failure("--api needs --callback, and ADMIN_KEY and VERIFY_TOKEN in the environment")
            try_out(Deployment(given.api, given.callback, *keys))
        else:
            try_out(Deployment.of_stack(boto3.Session(region_name=given.region), given.stack))
    except (Failure, BotoCoreError) as failure:
        sys.exit(f"SMOKE TEST FAILED: {failure}")


if __name__ == "__main__":
    main()
