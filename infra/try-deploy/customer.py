"""A customer of the deployment, created through the operator's and the customer's API."""

EVENTS = ["message.sent", "message.delivered", "message.read", "message.failed"]


class Customer:
    """An account with a key and an instance."""

    def __init__(self, deployment):
        self.deployment = deployment
        admin = deployment.secret("AdminKey")
        account = deployment.call(201, "POST", "/v1/admin/accounts", admin, {"name": "Shop", "plan": "pro", "credits": 100})
        self.account = f"/v1/admin/accounts/{account['data']['id']}"
        self.admin = admin
        self.key = deployment.call(201, "POST", f"{self.account}/keys", admin, {"name": "Shop"})["data"]["key"]
        self.instance = self.call(201, "POST", "/v1/instances", {"name": "Support"})["data"]["id"]

    def call(self, expected, method, path, body=None):
        return self.deployment.call(expected, method, path, self.key, body)

    def connect(self):
        number = {"businessId": "102290129340398", "phoneNumberId": "106540352242922", "accessToken": "EAAG-of-the-simulator"}
        answer = self.call(200, "POST", f"/v1/instances/{self.instance}/connect", {"method": "official", **number})
        return answer["data"]["status"] == "connected"

    def add_webhook(self, url):
        webhook = {"url": url, "instanceId": self.instance, "events": EVENTS}
        return self.call(201, "POST", "/v1/webhooks", webhook)["data"]

    def send(self, message):
        return self.call(202, "POST", "/v1/messages/send", {"instanceId": self.instance, **message})["messageId"]

    def status(self, message):
        return self.call(200, "GET", f"/v1/messages/{message}/status")["data"]["status"]

    def credits(self):
        return self.deployment.call(200, "GET", self.account, self.admin)["data"]["credits"]
