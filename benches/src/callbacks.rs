//! What one receive process does: callbacks one after another, each about a message of its own.

use std::time::Instant;

use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::master_keys::MasterKeys;
use shared::message::{Message, history_key};
use shared::state::State;
use shared::tag::{Tag, Tagger};
use tests::test_stack::TestStack;

use crate::percentiles::Percentiles;

/// Posts the callbacks and prints how fast they were applied.
pub async fn measure(program: &str, callbacks: usize) {
    let stack = TestStack::start(program).await;
    let sent = stack.send_text("15550100012", "reported by nobody").await; // the simulator stays silent
    let template = stack.wait_for_state(&sent, State::Sent).await;
    let keys = MasterKeys::parse(&stack.stack.secrets.text("MasterKeys").expect("a secret").into()).expect("keys");
    let tagger = Tagger::new(&keys);
    for statuses in [1, 10] {
        let mut bodies = Vec::new();
        for _ in 0..callbacks / statuses {
            let mut of_one = Vec::new();
            for _ in 0..statuses {
                let id = MessageId::generate();
                let at = history_key(template.created_at, &id);
                let record = Message { id: id.clone(), at, ..template.clone() };
                stack.messages.insert(&record).await.expect("the table takes it");
                of_one.push(json!({ "id": "wamid.B", "status": "delivered", "timestamp": "1760000002",
                    "biz_opaque_callback_data": tagger.write(&Tag { message: id, attempt: 1 }) }));
            }
            bodies.push(body(template.number_id.as_deref().unwrap_or_default(), &of_one));
        }
        let before = stack.stack.functions["receive"].pids().borrow().len();
        let begun = Instant::now();
        let mut taken = Vec::new();
        for body in &bodies {
            let began = Instant::now();
            let answer = stack.post_callback(body, None).await;
            assert_eq!(answer, 200, "each is acknowledged");
            taken.push(began.elapsed());
        }
        let rate = bodies.len() as f64 / begun.elapsed().as_secs_f64();
        let after = stack.stack.functions["receive"].pids().borrow().len();
        assert_eq!((before, after), (1, 1), "one process did all of it");
        let updates = rate * statuses as f64;
        println!(
            "One receive process, {statuses} statuses a callback: {rate:.0} callbacks ({updates:.0} updates) a second; {}",
            Percentiles::of(taken)
        );
    }
}

fn body(number_id: &str, statuses: &[Value]) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "551140000000", "phone_number_id": number_id },
        "statuses": statuses,
    }}]}]})
    .to_string()
}
