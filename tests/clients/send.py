"""Sends every kind of message to the simulator with PyPI's pywa, and reads its answers."""

import json
import sys
import urllib.request

import httpx
from pywa import WhatsApp, errors, types
from pywa.types import templates

URL, NUMBER, PERSON = sys.argv[1], "106540352242922", "+5511911110001"


def simulator(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{URL}/{path}", data=data) as response:
        return json.load(response)


def written():
    """WhatsApp's id of a message that the person writes."""
    text = {"to": NUMBER, "type": "text", "text": {"body": "oi"}}
    return simulator(f"people/{PERSON[1:]}/messages", text)["messages"][0]["id"]


client = WhatsApp(phone_id=NUMBER, token="EAAG-good", session=httpx.Client(trust_env=False))
version = str(client.api._session.base_url).rstrip("/").rsplit("/", 1)[-1]
client.api._session.base_url = f"{URL}/{version}"

received = written()
before = len(simulator("ledger")["taken"])
file = "https://example.com/file"
button = types.Button(title="Yes", callback_data="yes")
rows = [types.SectionRow(title="First", callback_data="1", description="The first")]
menu = types.SectionList(button_title="Menu", sections=[types.Section(title="All", rows=rows)])
products = types.ProductsSection(title="All", skus=["sku-1"])
card = lambda number: types.ImageCarouselCard(
    image=file, body="Look", buttons=types.URLButton(title="Open", url=f"https://example.com/{number}")
)
sent = {
    "text": client.send_message(PERSON, "Hello", preview_url=True),
    "reply": client.send_message(PERSON, "Hello", reply_to_message_id=received, tracker="ours"),
    "button": client.send_message(PERSON, "Yes?", header="Shop", footer="Bye", buttons=[button]),
    "list": client.send_message(PERSON, "Which?", buttons=menu),
    "cta_url": client.send_message(PERSON, "Look", buttons=types.URLButton(title="Open", url="https://example.com")),
    "flow": client.send_message(
        PERSON, "Fill in", buttons=types.FlowButton(title="Open", flow_id="1", flow_token="t", flow_message_version="3")
    ),
    "request_contact_info": client.send_message(PERSON, "Your number?", buttons=types.ContactInfoRequestButton()),
    "image button": client.send_image(PERSON, file, caption="Look", buttons=[button]),
    "image": client.send_image(PERSON, file, caption="Look"),
    "video": client.send_video(PERSON, file, caption="Look"),
    "document": client.send_document(PERSON, file, filename="a.pdf", caption="Look"),
    "audio": client.send_audio(PERSON, file),
    "voice": client.send_voice(PERSON, file),
    "sticker": client.send_sticker(PERSON, file),
    "reaction": client.send_reaction(PERSON, "👍", received),
    "location": client.send_location(PERSON, -23.5, -46.6, name="Museum", address="Avenida 1"),
    "location_request_message": client.request_location(PERSON, "Where are you?"),
    "contacts": client.send_contact(
        PERSON, types.Contact(name=types.Contact.Name(formatted_name="Ana", first_name="Ana"), birthday="1990-12-31")
    ),
    "catalog_message": client.send_catalog(PERSON, "All of it", thumbnail_product_sku="sku-1"),
    "product": client.send_product(PERSON, "1", "sku-1", body="This one"),
    "product_list": client.send_products(PERSON, "1", [products], title="Shop", body="These"),
    "carousel": client.send_carousel(PERSON, body="Swipe", cards=[card(0), card(1)]),
    "carousel of replies": client.send_carousel(
        PERSON, body="Swipe", cards=[types.ImageCarouselCard(image=file, buttons=[button])] * 2
    ),
    "template": client.send_template(
        PERSON, "welcome", templates.TemplateLanguage.PORTUGUESE_BR, [templates.BodyText.params("Ana")]
    ),
}
accepted = simulator("ledger")["taken"][before:]
ids = [message.id for message in sent.values()]
assert ids == [taken["wamid"] for taken in accepted], "each answer names the message, in order"
for kind, message in sent.items():
    assert message.chat.id == PERSON[1:], f"{kind}: the answer names the person"
posted = [taken["message"] for taken in accepted]
kinds = {body["interactive"]["type"] for body in posted if body["type"] == "interactive"}
assert len(kinds) == 10, f"{len(kinds)} types of interactive messages: {kinds}"

assert client.mark_message_as_read(received).success
assert client.indicate_typing(written()).success
shown = simulator(f"people/{PERSON[1:]}/messages")
assert shown["typing"] == [NUMBER] and all(it["isRead"] for it in shown["messages"] if it["direction"] == "written")

long_title = types.Button(title="x" * 20 + "y", callback_data="1")
for what, refused, code in [
    ("a long title", lambda: client.send_message(PERSON, "Yes?", buttons=[long_title]), 131009),
    ("four buttons", lambda: client.send_message(PERSON, "Yes?", buttons=[
        types.Button(title=str(n), callback_data=str(n)) for n in range(4)]), 131009),
    ("an unknown template", lambda: client.send_template(
        PERSON, "nobody_s", templates.TemplateLanguage.ENGLISH_US, []), 132001),
    ("a missing parameter", lambda: client.send_template(
        PERSON, "welcome", templates.TemplateLanguage.PORTUGUESE_BR, []), 132000),
    ("a receipt for nothing", lambda: client.mark_message_as_read("wamid.NONE"), 131009),
]:
    try:
        refused()
    except errors.WhatsAppError as error:
        assert error.code == code and error.details, f"{what}: {error!r}"
    else:
        raise AssertionError(f"{what} is accepted")
print(f"pywa: {len(sent)} kinds of messages accepted")
