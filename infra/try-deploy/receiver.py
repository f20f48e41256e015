"""A customer's webhook endpoint on this machine."""

import base64
import hashlib
import hmac
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Receiver:
    """Receives webhooks and stores the body of each with whether its signature is valid."""

    def __init__(self):
        self.received = []
        self.secret = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append((json.loads(body), receiver.verifies(self.headers, body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/"

    def verifies(self, headers, body):
        """Whether a body is signed as Standard Webhooks says."""
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signature = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return signature in headers["webhook-signature"].split()
