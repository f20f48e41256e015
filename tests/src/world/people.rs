//! What people do: they write, as themselves or with a hidden number, write much at once, and change their numbers.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::callbacks::{About, Report};
use super::clients::Clients;
use super::manners::Shown;
use super::setup::number;
use crate::sweep::scenario::KEPT;
use crate::uploads::PNG;
use local::simulator::Person;

/// A message that a person writes to a number.
struct Letter {
    /// The number that it is written to.
    number: String,
    /// The phone number of the writer.
    from: String,
    /// What the callback says of the writer.
    shown: Shown,
}

impl Letter {
    /// The aliases that the callback names.
    fn named(&self) -> Vec<String> {
        let Person { wa_id, user_id } = Person::from_recipient(&self.from);
        match self.shown {
            Shown::Phone => wa_id.into_iter().collect(),
            Shown::User => vec![user_id],
            Shown::Both => wa_id.into_iter().chain([user_id]).collect(),
        }
    }

    /// A message of WhatsApp's with the fields that name its sender.
    fn message(&self, wamid: &str, at: i64, kind: &str, object: Value) -> Value {
        let mut message = Map::from_iter([
            ("id".to_owned(), json!(wamid)),
            ("timestamp".to_owned(), json!(at.to_string())),
            ("type".to_owned(), json!(kind)),
            (kind.to_owned(), object),
        ]);
        for alias in self.named() {
            let field = if alias.contains('.') { "from_user_id" } else { "from" };
            message.insert(field.to_owned(), json!(alias));
        }
        message.into()
    }

    fn report(self, messages: Vec<Value>) -> Report {
        let Self { number, .. } = &self;
        let mut contact = json!({ "profile": { "name": "PRIVATE-NAME" } });
        for alias in self.named() {
            contact[if alias.contains('.') { "user_id" } else { "wa_id" }] = json!(alias);
        }
        let wamids = messages.iter().map(|message| message["id"].as_str().unwrap_or_default().to_owned()).collect();
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
                "contacts": [contact], "messages": messages,
            } }] }] });
        let (number, named) = (number.clone(), self.named());
        Report { body: body.to_string(), about: About::Messages { number, wamids, named } }
    }
}

impl Clients<'_> {
    /// Posts the callback of a text or a picture that a person sends.
    pub async fn write(&self, message: u32, home: (usize, usize), from: &str, (shown, picture): (Shown, bool)) {
        let letter = Letter { number: number(home.0, home.1), from: from.to_owned(), shown };
        let now = self.fixture.stack.now();
        let (kind, object) = if picture {
            let files = self.fixture.stack.whatsapp().files();
            let file = files.add("image/png", &Bytes::from_static(PNG), now.millis(), KEPT).expect("room for it");
            ("image", json!({ "id": file, "mime_type": "image/png", "caption": "PRIVATE-QUESTION" }))
        } else {
            ("text", json!({ "body": "PRIVATE-QUESTION" }))
        };
        let written = letter.message(&wamid(message), now.secs(), kind, object);
        self.report_first(message, letter.report(vec![written])).await;
    }

    /// Posts the callback of several orders of so many lines.
    pub async fn flood(&self, message: u32, home: (usize, usize), from: &str, (count, lines): (u32, usize)) {
        let letter = Letter { number: number(home.0, home.1), from: from.to_owned(), shown: Shown::Both };
        let line = |it: usize| json!({ "product_retailer_id": format!("SKU-{it:06}"), "quantity": 2, "item_price": 19.9, "currency": "BRL" });
        let order = json!({ "catalog_id": "354160437058781", "text": "PRIVATE-ORDER",
            "product_items": (0..lines).map(line).collect::<Vec<_>>() });
        let at = self.fixture.stack.now().secs();
        let orders = (message..message + count).map(|name| letter.message(&wamid(name), at, "order", order.clone()));
        let orders = orders.collect();
        self.report_first(message, letter.report(orders)).await;
    }

    /// Posts the callback of a changed number.
    pub async fn renumber(&self, message: u32, home: (usize, usize), from: &str, to: &str) {
        let at = self.fixture.stack.now().secs();
        let report = renumbering(&wamid(message), at, &number(home.0, home.1), from, to);
        self.report_first(message, report).await;
    }

    /// Posts a callback again that was posted before.
    pub async fn rewrite(&self, message: u32) {
        let report = self.known().reported.get(&message).cloned();
        if let Some(report) = report {
            self.report(report).await;
        }
    }

    async fn report_first(&self, message: u32, report: Report) {
        self.known().reported.insert(message, report.clone());
        self.report(report).await;
    }
}

fn wamid(message: u32) -> String {
    format!("wamid.IN{message}")
}

/// The callback by which WhatsApp names all aliases of a person with this phone number.
pub fn introduction(wamid: &str, at: i64, number: &str, phone: &str) -> Report {
    let letter = Letter { number: number.to_owned(), from: phone.to_owned(), shown: Shown::Both };
    let text = letter.message(wamid, at, "text", json!({ "body": "PRIVATE-QUESTION" }));
    letter.report(vec![text])
}

/// The callback of a changed number.
pub fn renumbering(wamid: &str, at: i64, number: &str, from: &str, to: &str) -> Report {
    let (before, after) = (Person::from_recipient(from), Person::from_recipient(to));
    let letter = Letter { number: number.to_owned(), from: from.to_owned(), shown: Shown::Both };
    let system = json!({ "type": "user_changed_number", "body": "PRIVATE-CHANGE", "wa_id": after.wa_id,
        "user_id": after.user_id, "previous_user_id": before.user_id });
    let message = letter.message(wamid, at, "system", system);
    let mut report = letter.report(vec![message]);
    if let About::Messages { named, .. } = &mut report.about {
        named.extend(after.wa_id.into_iter().chain([after.user_id]));
    }
    report
}
