//! One valid message of each type in WhatsApp's own form, with every member that has a limit.

use serde_json::{Value, json};

/// The types by the table of the simulator's rules, and an object of each.
pub fn examples() -> Vec<(&'static str, Value)> {
    let mut examples = vec![
        ("location", json!({ "latitude": -23.5, "longitude": -46.625, "name": "Paulista", "address": "Avenida 1" })),
        ("contacts", contacts()),
    ];
    examples.extend(interactive());
    examples
}

fn contacts() -> Value {
    json!([{
        "name": { "formatted_name": "Ana Souza", "first_name": "Ana" },
        "phones": [{ "phone": "+55 11 99999-9999", "type": "CELL", "wa_id": "5511999999999" }],
        "emails": [{ "email": "ana@example.com", "type": "WORK" }],
        "urls": [{ "url": "https://example.com", "type": "WORK" }],
        "addresses": [{ "city": "São Paulo", "country_code": "br" }],
        "org": { "company": "Example" },
        "birthday": "1990-12-31",
    }])
}

fn interactive() -> Vec<(&'static str, Value)> {
    let body = || json!({ "text": "Choose" });
    let footer = || json!({ "text": "Thank you" });
    let text_header = || json!({ "type": "text", "text": "Shop" });
    let image_header = || json!({ "type": "image", "image": { "link": "https://example.com/a.png" } });
    let url = |text: &str| json!({ "name": "cta_url", "parameters": { "display_text": text, "url": "https://example.com/order/12" } });
    let reply = |id: &str| json!({ "type": "reply", "reply": { "id": id, "title": id } });
    let row = json!({ "id": "row-1", "title": "First", "description": "The first" });
    let flow = json!({
        "flow_message_version": "3", "flow_id": "1", "flow_cta": "Open", "flow_token": "token", "mode": "published",
        "flow_action": "navigate", "flow_action_payload": { "screen": "FIRST", "data": { "name": "Ana" } },
    });
    let card = |index: usize, action: Value| json!({ "card_index": index, "type": "cta_url", "header": image_header(), "body": body(), "action": action });
    let url_card = |index: usize| card(index, url("Buy"));
    let quick_reply = json!({ "type": "quick_reply", "quick_reply": { "id": "yes", "title": "Yes" } });
    let reply_card = |index: usize| card(index, json!({ "buttons": [quick_reply] }));
    let product = |id: &str| json!({ "catalog_id": "194836987003835", "product_retailer_id": id });
    let product_card = |index: usize| json!({ "card_index": index, "type": "product", "action": product("sku-1") });
    vec![
        (
            "interactive/button",
            json!({ "type": "button", "header": text_header(), "body": body(), "footer": footer(),
            "action": { "buttons": [reply("yes"), reply("no")] } }),
        ),
        (
            "interactive/list",
            json!({ "type": "list", "header": text_header(), "body": body(), "footer": footer(),
            "action": { "button": "Menu", "sections": [{ "title": "All", "rows": [row] }] } }),
        ),
        (
            "interactive/cta_url",
            json!({ "type": "cta_url", "header": text_header(), "body": body(),
            "footer": footer(), "action": url("Track") }),
        ),
        (
            "interactive/flow",
            json!({ "type": "flow", "header": text_header(), "body": body(), "footer": footer(),
            "action": { "name": "flow", "parameters": flow } }),
        ),
        (
            "interactive/location_request_message",
            json!({ "type": "location_request_message", "body": body(),
            "action": { "name": "send_location" } }),
        ),
        (
            "interactive/request_contact_info",
            json!({ "type": "request_contact_info", "body": body(),
            "action": { "name": "request_contact_info" } }),
        ),
        (
            "interactive/product",
            json!({ "type": "product", "body": body(), "footer": footer(),
            "action": product("sku-1") }),
        ),
        (
            "interactive/product_list",
            json!({ "type": "product_list", "header": text_header(), "body": body(),
            "footer": footer(), "action": { "catalog_id": "194836987003835", "sections": [
                { "title": "All", "product_items": [{ "product_retailer_id": "sku-1" }] },
            ] } }),
        ),
        (
            "interactive/catalog_message",
            json!({ "type": "catalog_message", "body": body(), "footer": footer(),
            "action": { "name": "catalog_message", "parameters": { "thumbnail_product_retailer_id": "sku-1" } } }),
        ),
        (
            "interactive/carousel",
            json!({ "type": "carousel", "body": body(),
            "action": { "cards": [url_card(0), url_card(1)] } }),
        ),
        (
            "interactive/carousel",
            json!({ "type": "carousel", "body": body(),
            "action": { "cards": [reply_card(0), reply_card(1)] } }),
        ),
        (
            "interactive/carousel",
            json!({ "type": "carousel", "body": body(),
            "action": { "cards": [product_card(0), product_card(1)] } }),
        ),
    ]
}
