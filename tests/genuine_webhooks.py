"""Verifies webhooks of a stack with PyPI's standardwebhooks, and with the Python code of docs/webhooks.md as it stands. Argument: the stack's state
file."""

import base64
import json
import pathlib
import re
import sys
import unittest
import urllib.request
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from unittest import mock

from standardwebhooks import Webhook, WebhookVerificationError

TOLD_LIMIT_SECONDS = 60
TOLERANCE = timedelta(minutes=5)  # the library's own
PAGE = pathlib.Path(__file__).parent.parent / "docs/webhooks.md"
OTHER = "whsec_" + base64.b64encode(b"whs_neither-the-one-nor-the-other").decode()


class Receiver(BaseHTTPRequestHandler):
    """Stores the webhooks that it receives."""

    calls: Queue = Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.calls.put((body, self.headers))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def at(moment):
    """The library's clock, stopped at a moment."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    return mock.patch("standardwebhooks.webhooks.datetime", Stopped)


class GenuineWebhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(STATE_FILE, encoding="utf-8") as file:
            cls.state = json.load(file)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        webhook = {"url": url, "instanceId": cls.state["instanceId"], "events": ["message.sent"]}
        cls.webhook = cls.ask("/v1/webhooks", webhook)["data"]
        cls.body, cls.received = cls.send_and_wait()
        cls.headers = dict(cls.received)
        cls.sent = datetime.fromtimestamp(int(cls.headers["webhook-timestamp"])).astimezone()

    @classmethod
    def ask(cls, path, body):
        headers = {"authorization": f"Bearer {cls.state['apiKey']}", "content-type": "application/json"}
        request = urllib.request.Request(cls.state["apiUrl"] + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=TOLD_LIMIT_SECONDS) as answer:
            return json.load(answer)

    @classmethod
    def send_and_wait(cls):
        """Sends a message and waits for its webhook."""
        metadata = {"note": "Olá 🕊 \u2028", "number": 1e21, "10": 1, "9": None}
        message = {"to": "5511900000008", "message": "Hello", "metadata": metadata}
        cls.ask("/v1/messages/send", {"instanceId": cls.state["instanceId"], **message})
        return Receiver.calls.get(timeout=TOLD_LIMIT_SECONDS)

    def verify(self, secret=None, body=None, headers=None):
        webhook = Webhook(secret or self.webhook["signingSecret"])
        return webhook.verify(self.body if body is None else body, dict(headers or self.headers))

    def refuses(self, message, **call):
        with self.assertRaisesRegex(WebhookVerificationError, message):
            self.verify(**call)

    def test_the_code_of_the_page_verifies_a_webhook_as_it_stands(self):
        plain, library = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        names = {}
        exec(plain, names)
        self.assertEqual(names["verify_webhook"](self.webhook["secret"], self.received, self.body)["event"], "message.sent")
        with self.assertRaisesRegex(ValueError, "the signature is wrong"):
            names["verify_webhook"]("whs_another", self.received, self.body)
        self.assertIn('"whsec_…"', library)
        library = library.replace('"whsec_…"', repr(self.webhook["signingSecret"]))
        names = {"body": self.body, "headers": self.received}
        exec(library, names)
        self.assertEqual(names["event"]["event"], "message.sent")

    def test_a_webhook_is_taken_as_it_came(self):
        self.assertEqual(self.verify()["event"], "message.sent")

    def test_any_changed_byte_is_refused(self):
        for place, byte in enumerate(self.body):
            if byte < 0x80:  # the library wants UTF-8
                changed = self.body[:place] + bytes([byte ^ 1]) + self.body[place + 1 :]
                self.refuses("No matching signature", body=changed)

    def test_another_id_or_time_is_refused(self):
        earlier = str(int(self.headers["webhook-timestamp"]) - 1)
        for name, value in [("webhook-id", "evt_1"), ("webhook-timestamp", earlier)]:
            self.refuses("No matching signature", headers={**self.headers, name: value})

    def test_another_secret_is_refused(self):
        self.refuses("No matching signature", secret=OTHER)

    def test_one_that_is_older_than_the_tolerance_is_refused(self):
        with at(self.sent + TOLERANCE):
            self.verify()
        with at(self.sent + TOLERANCE + timedelta(seconds=1)):
            self.refuses("too old")
        with at(self.sent - TOLERANCE - timedelta(seconds=1)):
            self.refuses("too new")

    def test_either_secret_verifies_while_one_is_being_rotated(self):
        rotated = self.ask(f"/v1/webhooks/{self.webhook['id']}/rotate", {})["data"]
        limit = datetime.now() + timedelta(seconds=TOLD_LIMIT_SECONDS)
        body, headers = self.send_and_wait()
        while " " not in headers["webhook-signature"]:  # until notify has seen the new secret
            self.assertLess(datetime.now(), limit)
            body, headers = self.send_and_wait()
        for secret in [self.webhook["signingSecret"], rotated["signingSecret"]]:
            self.assertEqual(self.verify(secret, body, headers)["event"], "message.sent")
        self.refuses("No matching signature", secret=OTHER, body=body, headers=headers)
        self.refuses("No matching signature", secret=rotated["signingSecret"])  # from before the rotation


if __name__ == "__main__":
    STATE_FILE = sys.argv.pop(1)
    unittest.main()
