"""Sends messages through a deployment on the emulator, and checks their outcomes.

Arguments: the program that has the WhatsApp simulator, its port, the app's secret, and the verify token."""

import subprocess
import sys
import time

import gaps
from customer import Customer
from deployment import Deployment, Wrong, ask
from receiver import Receiver

WAIT_SECONDS = 60
TEXT = {"to": "5511999999999", "message": "Hello from a deployment"}
REFUSED = {"to": "1555131026", "message": "WhatsApp refuses this one"}  # by the simulator's magic number
DEAD_LETTERS = ["DeliveryDeadLetters", "SettleDeadLetters", "WebhookDeadLetters", "UnreadableRecords"]


def wait_for(what, look):
    """Calls `look` until it returns a value."""
    limit = time.monotonic() + WAIT_SECONDS
    while not (seen := look()):
        if time.monotonic() > limit:
            raise Wrong(f"{what}: not after {WAIT_SECONDS} seconds")
        time.sleep(0.2)
    print(f"ok: {what}", flush=True)
    return seen


def check(what, right):
    if not right:
        raise Wrong(what)
    print(f"ok: {what}", flush=True)


def verify_callback_url(deployment, token):
    """Verifies the callback URL, as Meta does when an operator enters it in the settings."""
    query = f"?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444"
    return ask("GET", deployment.callback + query) == (200, 1158201444)


def signatures(receiver, message, event):
    return [right for body, right in receiver.received if body["event"] == event and body["data"]["messageId"] == message]


def send_and_look(deployment, customer, receiver):
    """Sends a message that is read and one that is refused, and replays the webhooks of the first."""
    message = customer.send(TEXT)
    record = wait_for(f"record of {message} read", lambda: is_in(deployment.record(message), "read"))
    check("record has each time", {"sentAt", "deliveredAt", "readAt"} <= record.keys() and "failedAt" not in record)
    check("API shows it as read", customer.status(message) == "read")
    for event in ["message.sent", "message.delivered", "message.read"]:
        seen = wait_for(f"webhook {event}", lambda: signatures(receiver, message, event))
        check(f"webhook {event} once, its signature verified", seen == [True])

    refused = customer.send(REFUSED)
    wait_for(f"record of {refused} failed", lambda: is_in(deployment.record(refused), "failed"))
    wait_for("webhook message.failed", lambda: signatures(receiver, refused, "message.failed") == [True])
    check("credits: one for the message that was read, none for the one that failed", customer.credits() == 99)
    return message


def is_in(record, state):
    return record.get("status") == state and record


def main(simulator, port, app_secret, verify_token):
    deployment = Deployment("pombo")
    gaps.close(deployment)
    arguments = ["--port", port, "--callback-url", deployment.callback, "--app-secret", app_secret, "--window", "off"]
    with subprocess.Popen([simulator, "simulator", *arguments]) as process:
        try:
            story(deployment, verify_token)
        except Wrong as wrong:
            sys.exit(f"{deployment.logs()}\nwrong: {wrong}")
        finally:
            process.terminate()


def story(deployment, verify_token):
    check("callback address verified", verify_callback_url(deployment, verify_token))
    customer = Customer(deployment)
    check("instance connected", customer.connect())
    receiver = Receiver()
    webhook = customer.add_webhook(receiver.url)
    receiver.secret = webhook["signingSecret"]
    message = send_and_look(deployment, customer, receiver)

    customer.call(202, "POST", f"/v1/webhooks/{webhook['id']}/replay", {"messageId": message})
    wait_for("webhook message.read once more by a replay", lambda: signatures(receiver, message, "message.read") == [True, True])
    settled = deployment.invoke("settle", {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})
    check("settle took its schedule", settled)
    for queue in ["ExpressQueue", "BulkQueue", "WebhookQueue", *DEAD_LETTERS]:
        wait_for(f"{queue} empty", lambda queue=queue: deployment.waiting(queue) == 0)
    logs = deployment.logs()
    check("the functions' logs are in the groups of the template", "message.queued" in deployment.logs("sendLogs"))
    check("no call of a function's was against its policies", "AccessDenied" not in logs and "not authorized" not in logs)


if __name__ == "__main__":
    main(*sys.argv[1:])
