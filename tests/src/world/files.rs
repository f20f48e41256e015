//! The files that customers upload before they send them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::clients::Clients;
use super::orders::Order;
use crate::uploads::PNG;

impl Clients<'_> {
    /// The file of a message, if it sends one: uploaded when it is first asked for.
    ///
    /// # Errors
    /// The refusal of the upload, or none without an answer.
    pub async fn file(&self, order: &Order<'_>) -> Result<Option<String>, Option<(u16, Value)>> {
        if !order.has_file() {
            return Ok(None);
        }
        let known = self.known().files.get(&order.message).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let tenant = &self.fixture.tenants[order.account];
        let instance = &tenant.instances[order.instance];
        let body = json!({ "instanceId": instance, "filename": "PRIVATE-NAME.png", "mimeType": "image/png", "size": PNG.len() });
        let answer = self.player.call(&tenant.keys[order.key], "POST /v1/media", None, &body).await;
        let Some((201, answer)) = answer else { return Err(answer) };
        let media = &answer["data"];
        self.fixture.stack.put(media, Bytes::from_static(PNG)).await; // what does not arrive fails the message
        let id = media["id"].as_str().unwrap_or_default().to_owned();
        Ok(Some(self.known().files.entry(order.message).or_insert(id).clone())) // of two requests at once, one's
    }
}
