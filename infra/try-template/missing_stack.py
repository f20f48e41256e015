"""What the smoke test says of a stack that is not there: a sentence, not a traceback."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SMOKE_TEST = Path(__file__).parents[1] / "deployment" / "smoke_test.py"
# CloudFormation's answer, by its query protocol.
ANSWER = b"""<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
<Code>ValidationError</Code><Message>Stack with id gone does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


class CloudFormation(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(400)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


def check():
    server = ThreadingHTTPServer(("127.0.0.1", 0), CloudFormation)
    Thread(target=server.serve_forever, daemon=True).start()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMOKE_"))} | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    command = [sys.executable, "-B", SMOKE_TEST, "--stack", "gone", "--region", "eu-west-1"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    is_clear = said.returncode != 0 and said.stderr.startswith("SMOKE TEST FAILED: ") and "gone does not exist" in said.stderr
    return [] if is_clear and "Traceback" not in said.stderr else [f"the smoke test of a stack that is gone says: {said.stderr}"]
