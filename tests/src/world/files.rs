//! The files that customers upload before they send them.

use bytes::Bytes;
use serde_json::json;

use super::clients::Clients;
use super::orders::Order;
use crate::uploads::PNG;

impl Clients<'_> {
    /// The file of a message, which is uploaded when it is first asked for; none if that is refused.
    pub async fn file(&self, order: &Order<'_>) -> Option<String> {
        let known = self.known().files.get(&order.message).cloned();
        if known.is_some() {
            return known;
        }
        let tenant = &self.fixture.tenants[order.account];
        let instance = &tenant.instances[order.instance];
        let body = json!({ "instanceId": instance, "filename": "PRIVATE-NAME.png", "mimeType": "image/png", "size": PNG.len() });
        let (status, answer) = self.player.call(&tenant.keys[order.key], "POST /v1/media", None, &body).await?;
        let media = (status == 201).then(|| &answer["data"])?;
        self.fixture.stack.put(media, Bytes::from_static(PNG)).await; // what does not arrive fails the message
        let id = media["id"].as_str()?.to_owned();
        Some(self.known().files.entry(order.message).or_insert(id).clone()) // of two requests at once, one's
    }
}
