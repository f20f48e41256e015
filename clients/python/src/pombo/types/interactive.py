"""Interactive messages, in WhatsApp's own form."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

from typing_extensions import NotRequired, TypedDict


class Text(TypedDict):
    """A text."""

    text: str


class InteractiveFile(TypedDict, total=False):
    """A file at WhatsApp (`id`), or one that WhatsApp fetches (`link`)."""

    id: str
    link: str
    filename: str
    """For documents."""


class TextHeader(TypedDict):
    """A header of at most 60 characters."""

    type: Literal["text"]
    text: str


class ImageHeader(TypedDict):
    """A picture above the text."""

    type: Literal["image"]
    image: InteractiveFile


class VideoHeader(TypedDict):
    """A video above the text."""

    type: Literal["video"]
    video: InteractiveFile


class DocumentHeader(TypedDict):
    """A document above the text."""

    type: Literal["document"]
    document: InteractiveFile


Header = Union[TextHeader, ImageHeader, VideoHeader, DocumentHeader]


class _Body(TypedDict):
    header: NotRequired[Header]
    body: Text
    footer: NotRequired[Text]


class Reply(TypedDict):
    """An answer to tap: the id has at most 256 characters, the title 20."""

    id: str
    title: str


class ReplyButton(TypedDict):
    """A quick reply."""

    type: Literal["reply"]
    reply: Reply


class ButtonAction(TypedDict):
    """One to three buttons."""

    buttons: Sequence[ReplyButton]


class ButtonMessage(_Body):
    """Up to three quick replies."""

    type: Literal["button"]
    action: ButtonAction


class ListRow(TypedDict):
    """A row of a menu."""

    id: str
    title: str
    """At most 24 characters."""
    description: NotRequired[str]
    """At most 72 characters."""


class ListSection(TypedDict):
    """A part of a menu."""

    title: NotRequired[str]
    rows: Sequence[ListRow]


class ListAction(TypedDict):
    """At most ten sections, with ten rows in all."""

    button: str
    """What opens the menu: at most 20 characters."""
    sections: Sequence[ListSection]


class ListMessage(TypedDict):
    """A menu."""

    type: Literal["list"]
    header: NotRequired[TextHeader]
    body: Text
    footer: NotRequired[Text]
    action: ListAction


class CtaUrlParameters(TypedDict):
    """The text of a button, of at most 20 characters, and what it opens."""

    display_text: str
    url: str


class CtaUrlAction(TypedDict):
    """A button that opens a URL."""

    name: Literal["cta_url"]
    parameters: CtaUrlParameters


class CtaUrlMessage(_Body):
    """A button that opens a URL."""

    type: Literal["cta_url"]
    action: CtaUrlAction


class FlowParameters(TypedDict):
    """The form, by `flow_id` or `flow_name`, and how it opens."""

    flow_message_version: Literal["3"]
    flow_cta: str
    flow_id: NotRequired[str]
    flow_name: NotRequired[str]
    flow_token: NotRequired[str]
    mode: NotRequired[Literal["draft", "published"]]
    flow_action: NotRequired[Literal["navigate", "data_exchange"]]
    flow_action_payload: NotRequired[Mapping[str, Any]]


class FlowAction(TypedDict):
    """A button that opens a form."""

    name: Literal["flow"]
    parameters: FlowParameters


class FlowMessage(_Body):
    """A button that opens a form."""

    type: Literal["flow"]
    action: FlowAction


class LocationRequestAction(TypedDict):
    """A button with which a person shares a place."""

    name: Literal["send_location"]


class LocationRequestMessage(TypedDict):
    """A button with which a person shares a place."""

    type: Literal["location_request_message"]
    body: Text
    action: LocationRequestAction


class ContactRequestAction(TypedDict):
    """A button with which a person shares the phone number."""

    name: Literal["request_contact_info"]


class ContactRequestMessage(TypedDict):
    """A button with which a person shares the phone number."""

    type: Literal["request_contact_info"]
    body: Text
    action: ContactRequestAction


class ProductAction(TypedDict):
    """A product of a catalog."""

    catalog_id: str
    product_retailer_id: str


class ProductMessage(TypedDict):
    """A product of a catalog."""

    type: Literal["product"]
    body: NotRequired[Text]
    footer: NotRequired[Text]
    action: ProductAction


class ProductItem(TypedDict):
    """A product in a section."""

    product_retailer_id: str


class ProductSection(TypedDict):
    """A part of a list of products."""

    title: NotRequired[str]
    product_items: Sequence[ProductItem]


class ProductListAction(TypedDict):
    """At most ten sections and 30 products."""

    catalog_id: str
    sections: Sequence[ProductSection]


class ProductListMessage(TypedDict):
    """Products in sections."""

    type: Literal["product_list"]
    header: TextHeader
    body: Text
    footer: NotRequired[Text]
    action: ProductListAction


class CatalogParameters(TypedDict, total=False):
    """The product whose picture is shown."""

    thumbnail_product_retailer_id: str


class CatalogAction(TypedDict):
    """A button that opens the catalog."""

    name: Literal["catalog_message"]
    parameters: NotRequired[CatalogParameters]


class CatalogMessage(TypedDict):
    """A whole catalog."""

    type: Literal["catalog_message"]
    body: Text
    footer: NotRequired[Text]
    action: CatalogAction


class QuickReplyButton(TypedDict):
    """A quick reply on a card."""

    type: Literal["quick_reply"]
    quick_reply: Reply


class QuickReplyAction(TypedDict):
    """Quick replies on a card."""

    buttons: Sequence[QuickReplyButton]


class UrlCard(TypedDict):
    """A card with a picture or a video: of one type in all cards."""

    card_index: int
    type: Literal["cta_url"]
    header: ImageHeader | VideoHeader
    body: NotRequired[Text]
    """At most 160 characters and two line breaks."""
    action: CtaUrlAction | QuickReplyAction


class ProductCard(TypedDict):
    """A card with a product."""

    card_index: int
    type: Literal["product"]
    action: ProductAction


class CarouselAction(TypedDict):
    """Two to ten cards of one type."""

    cards: Sequence[UrlCard] | Sequence[ProductCard]


class CarouselMessage(TypedDict):
    """Cards side by side."""

    type: Literal["carousel"]
    body: Text
    action: CarouselAction


Interactive = Union[
    ButtonMessage,
    ListMessage,
    CtaUrlMessage,
    FlowMessage,
    LocationRequestMessage,
    ContactRequestMessage,
    ProductMessage,
    ProductListMessage,
    CatalogMessage,
    CarouselMessage,
]
