//! Messages that WhatsApp has accepted, and callbacks that report them as delivered.

use serde_json::json;
use shared::ids::MessageId;
use shared::message::Message;
use shared::message::record_keys::history_key;
use shared::security::MasterKeys;
use shared::whatsapp::{CallbackTag, CallbackTagger};
use tests::test_stack::TestStack;

/// Creates messages and callbacks.
pub struct Statuses<'a> {
    stack: &'a TestStack,
    template: Message,
    tagger: CallbackTagger,
}

impl<'a> Statuses<'a> {
    /// Messages like one that was sent.
    pub fn like(stack: &'a TestStack, template: Message) -> Self {
        let keys = stack.stack.secrets.text("CallbackKeys").expect("a secret").into();
        Self { stack, template, tagger: CallbackTagger::new(&MasterKeys::parse(&keys).expect("keys"), None) }
    }

    /// So many new messages, and the body of one callback about all of them.
    pub async fn delivered(&self, count: usize) -> (Vec<MessageId>, String) {
        let (mut ids, mut statuses) = (Vec::new(), Vec::new());
        let at = self.stack.now().secs().to_string(); // a late status is listed, which costs two more writes
        for _ in 0..count {
            let id = MessageId::generate();
            let history_key = history_key(self.template.created_at, &id);
            let record = Message { id: id.clone(), history_key, publishes: None, ..self.template.clone() };
            self.stack.messages.insert(&record).await.expect("the table takes it");
            let tag = self.tagger.write(&CallbackTag { message: id.clone(), attempt: 1 });
            statuses.push(json!({ "id": "wamid.B", "status": "delivered", "timestamp": at,
                "biz_opaque_callback_data": tag }));
            ids.push(id);
        }
        let number = self.template.number_id.as_deref().unwrap_or_default();
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
            "statuses": statuses,
        }}]}]});
        (ids, body.to_string())
    }
}
