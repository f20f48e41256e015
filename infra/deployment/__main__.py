"""Builds and deploys an environment of samconfig.toml: see infra/deploy, which starts this."""

import getpass
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import boto3
import tomlkit

import template
from smoke_test import Deployment, Failure, try_out
from stack import Stack
from versions import set_configuration

ROOT = Path(__file__).parents[2]
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
# Regions without function URLs, which WhatsApp's callbacks need (AWS Lambda developer guide, Creating and managing function URLs).
WITHOUT_URLS = {"ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ap-east-2", "ca-west-1",
                "eu-south-2", "eu-central-2", "il-central-1", "me-central-1"}  # fmt: skip
# The secrets of a first deploy, and the variable of each.
SECRETS = {"WhatsAppAppSecret": "WHATSAPP_APP_SECRET", "WhatsAppVerifyToken": "WHATSAPP_VERIFY_TOKEN"}


def read_settings(environment):
    """What samconfig.toml says of an environment's deployment."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    environments = [name for name, value in config.items() if isinstance(value, dict)]
    if environment not in environments:
        sys.exit(f"samconfig.toml has no environment {environment!r}; it has {', '.join(environments)}")
    settings = config[environment].get("deploy", {}).get("parameters", {})
    if "stack_name" not in settings:
        sys.exit(f"[{environment}.deploy.parameters] in samconfig.toml has no stack_name")
    return settings


def overrides(settings):
    """The parameters that an environment gives, by name."""
    given = settings.get("parameter_overrides", [])
    if isinstance(given, str):
        given = shlex.split(given)
    parameters = dict(one.split("=", 1) for one in given)
    return {name: value.strip('"') for name, value in parameters.items()}


def earlier_keys(kept):
    """The parameter EarlierKeys, unless the stack has it: true if a version without it is upgraded."""
    if "EarlierKeys" in kept:
        return {}
    if kept:
        print("This stack's version has no CallbackKeys: EarlierKeys=true. docs/operating.md, Upgrade, says until when.")
    return {"EarlierKeys": "true" if kept else "false"}


def ask_secrets(parameters, is_first):
    """The secrets of a first deploy, and those of a later one that the environment gives: others stay as they are."""
    secrets = {}
    for name, variable in SECRETS.items():
        value = os.environ.get(variable) or None  # a pipeline has an empty one
        if value is None and is_first:
            if not sys.stdin.isatty():
                sys.exit(f"{variable} is needed for the first deploy: {parameters[name]['Description']}")
            value = getpass.getpass(f"{name}: {parameters[name]['Description'].strip()}\n> ")
        if value is not None:
            if not re.search(parameters[name]["AllowedPattern"], value):
                sys.exit(f"{name} {parameters[name]['ConstraintDescription']}")
            secrets[name] = value
    return secrets


def run(*command):
    """Runs a command that must succeed."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")


def deploy(settings, parameters):
    """Deploys with a file that only this user can read: secrets on a command line are in the list of processes. SAM takes an
    empty value, or one with a space, only in quotation marks."""
    settings = settings | {"parameter_overrides": [f'{name}="{value}"' for name, value in parameters.items()]}
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        tomlkit.dump({"version": 0.1, "default": {"deploy": {"parameters": settings}}}, file)
        file.flush()
        run("sam", "deploy", "--config-file", file.name, "--config-env", "default")


def tell_new_callback_url(before, after):
    """Meta calls the URL that somebody entered there, and repeats for seven days what it does not answer."""
    old, new = before.output("CallbackUrl"), after.output("CallbackUrl")
    if old and old != new:
        print(f"CALLBACK URL CHANGED from {old} to {new}\nEnter the new one in each Meta app that has the old one, within seven days.")


def main(argument):
    parameters = template.parameters(ROOT / "template.yaml")
    if argument == "--parameters":
        print("\n\n".join(template.explain(name, parameter) for name, parameter in parameters.items()))
        return
    settings = read_settings(argument)
    given = overrides(settings)
    if unknown := given.keys() - parameters.keys():
        sys.exit(f"template.yaml has no parameter {', '.join(sorted(unknown))}; `infra/deploy --parameters` lists them")
    architecture = given.setdefault("Architecture", parameters["Architecture"]["Default"])
    if architecture not in TARGETS:
        sys.exit(f"Architecture is {' or '.join(TARGETS)}, not {architecture}")
    session = boto3.Session(profile_name=settings.get("profile"), region_name=settings.get("region"))
    if session.region_name in WITHOUT_URLS:
        sys.exit(f"{session.region_name} has no function URLs, which WhatsApp's callbacks need: choose another region")
    before = Stack(session, settings["stack_name"])
    if refusal := before.refusal(given):
        sys.exit(refusal)
    print("".join(f"WARNING: {warning}\n" for warning in before.warnings(given)), end="")
    kept = before.kept_parameters()
    given = earlier_keys(kept) | given | ask_secrets(parameters, is_first=not kept)
    run("rustup", "target", "add", TARGETS[architecture])
    run("sam", "build", "--parameter-overrides", f"Architecture={architecture}")
    public = {name: value for name, value in given.items() if name not in SECRETS}
    set_configuration(ROOT / ".aws-sam" / "build" / "template.yaml", public, before.rolled_back_at())
    deploy(settings, given)
    tell_new_callback_url(before, Stack(session, settings["stack_name"]))
    try:
        try_out(Deployment.of_stack(session, settings["stack_name"]))
    except Failure as failure:
        sys.exit(f"SMOKE TEST FAILED: {failure}")


main(sys.argv[1])
