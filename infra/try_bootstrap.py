"""Starts release bootstraps under a Runtime API of its own, and reads which glibc they need. Arguments: functions' names."""

import json
import os
import re
import statistics
import subprocess
import sys
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Event, Thread

import yaml

GLIBC = (2, 34)  # of provided.al2023
INIT_SECONDS = 10  # Lambda's own limit for what comes before the first poll
STARTS = 5
PLACEHOLDER = "http://127.0.0.1:9/" + "x" * 48  # valid as an address without a server, and as a name
# Valid as each of the secrets: the Meta app, and two long enough keys with a comma between them.
SECRET = json.dumps({"appSecret": "x" * 48, "verifyToken": "x" * 48})


class Broken(Exception):
    """What is wrong with a bootstrap."""


class Intrinsic(str):
    """The value of a tag such as !Ref."""


class Template(yaml.SafeLoader):
    """Reads CloudFormation's tags as text."""


Template.add_multi_constructor("!", lambda _loader, _tag, node: Intrinsic(node.value))


def variables(template, name):
    """A function's variables as the template names them: parameters by their defaults, what AWS would fill in by a placeholder."""
    defaults = {key: parameter.get("Default") for key, parameter in template["Parameters"].items()}
    declarations = [template["Globals"]["Function"], template["Resources"][name]["Properties"]]
    declared = {key: value for each in declarations for key, value in each["Environment"]["Variables"].items()}
    values = {key: defaults.get(value) if isinstance(value, Intrinsic) else value for key, value in declared.items()}
    return {key: PLACEHOLDER if value is None else str(value) for key, value in values.items()}


class RuntimeApi(BaseHTTPRequestHandler):
    """The parts of Lambda's Runtime API and of Secrets Manager that a start needs."""

    said: Queue
    over: Event

    def do_GET(self):
        self.said.put((time.monotonic(), self.path))
        self.over.wait()  # no event ever comes

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        if self.headers.get("x-amz-target") == "secretsmanager.GetSecretValue":
            self.answer({"SecretString": SECRET, "CreatedDate": 0})
            return
        self.said.put((time.monotonic(), f"{self.path}: {body}"))

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(bootstrap, environment):
    """Milliseconds from the start to the first poll, and the resident kilobytes then."""
    said, over = Queue(), Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Api", (RuntimeApi,), {"said": said, "over": over}))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    environment = environment | {"AWS_LAMBDA_RUNTIME_API": address, "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{address}"}
    begun = time.monotonic()
    with subprocess.Popen([bootstrap], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        Thread(target=lambda: process.wait() is None or said.put((0, None)), daemon=True).start()
        try:
            at, what = said.get(timeout=INIT_SECONDS)
            memory = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii") if what else ""
        except Empty:
            at, what, memory = 0, f"nothing in {INIT_SECONDS} seconds", ""
        process.kill()
        log = process.stdout.read().decode()
        over.set()
        server.shutdown()
        server.server_close()
    if what != "/2018-06-01/runtime/invocation/next":
        raise Broken(f"it did not ask for an event but {what or 'ended with ' + str(process.returncode)}\n{log}")
    return (at - begun) * 1000, int(re.search(r"VmRSS:\s+(\d+)", memory)[1])


def glibc(bootstrap):
    """The newest version of glibc that it needs a symbol of."""
    symbols = subprocess.run(["readelf", "--dyn-syms", "--wide", bootstrap], check=True, capture_output=True, text=True)
    needed = re.findall(r"UND (\S+)@GLIBC_([\d.]+)", symbols.stdout)
    versions = [(tuple(map(int, version.split("."))), symbol) for symbol, version in needed]
    too_new = [f"{symbol} of glibc {'.'.join(map(str, version))}" for version, symbol in versions if version > GLIBC]
    if too_new:
        raise Broken(f"it needs {', '.join(too_new)}; Lambda has {'.'.join(map(str, GLIBC))}")
    return ".".join(map(str, max(versions)[0])) if versions else "none"


def zipped(bootstrap):
    """The size of the archive that goes to Lambda."""
    with TemporaryDirectory() as folder:
        archive = Path(folder, "bootstrap.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(bootstrap, "bootstrap")
        return archive.stat().st_size


def report(template, name):
    """A line of figures."""
    bootstrap = Path("target/lambda", name, "bootstrap")
    environment = variables(template, name) | {
        "PATH": os.defpath,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": PLACEHOLDER,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    }
    needs = glibc(bootstrap)
    times, memory = zip(*(start(bootstrap, environment) for _ in range(STARTS)))
    sizes = zipped(bootstrap) / 1e6, bootstrap.stat().st_size / 1e6
    return (
        f"{name:8} {sizes[0]:.1f} MB zipped, {sizes[1]:.1f} MB unzipped, first poll after {statistics.median(times):.0f} ms, "
        f"{max(memory) / 1024:.1f} MB resident, glibc {needs}"
    )


def main(names):
    template = yaml.load(Path("template.yaml").read_text(encoding="utf-8"), Template)
    for name in names:
        try:
            print(report(template, name), flush=True)
        except Broken as problem:
            sys.exit(f"{name}: {problem}")


if __name__ == "__main__":
    main(sys.argv[1:])
