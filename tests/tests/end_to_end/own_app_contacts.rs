//! Contacts of which a customer's own app reports: only those of its numbers, and none without end.

use std::time::Duration;

use aws_lc_rs::hmac;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::contacts::{contacts, from, person, set};
use crate::people::{NUMBER, callback};

const PHONE: &str = "5511911110021";
const OWN_SECRET: &[u8] = b"the secret of another app";

/// Posts a callback that the customer's own app of the number 2001 has signed.
async fn receive_signed(stack: &TestStack, body: &str) -> u16 {
    let key = hmac::Key::new(hmac::HMAC_SHA256, OWN_SECRET);
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    stack.post_callback(body, Some(&signature)).await
}

#[tokio::test]
async fn a_customers_own_app_joins_only_its_own_instances_people_and_not_too_many() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Of another app" })).await;
    let instance = created["data"]["id"].as_str().expect("an id").to_owned();
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-theirs",
        "appSecret": String::from_utf8_lossy(OWN_SECRET) });
    assert_eq!(stack.call(&format!("POST /v1/instances/{instance}/connect"), connect).await.0, 200);
    let sent = stack.send_text("15550100012", "hello").await; // of which nothing is reported
    stack.wait_for_status(&sent, "sent").await;
    let tag = stack.whatsapp().ledger().taken()[0].message["biz_opaque_callback_data"].clone();
    let of_own = |body: String| body.replace(NUMBER, "2001");

    // With its number, it reports about its own instance.
    let stolen = of_own(callback(&Value::Null, &[from("wamid.1", "15550100012", "BR.66")]));
    assert_eq!(receive_signed(&stack, &stolen).await, 200);
    // With another number it reports nothing, and a tag of another number's message says nothing of that one's recipient.
    let status = json!({ "status": "delivered", "timestamp": "1760000002", "biz_opaque_callback_data": tag,
        "recipient_id": "15550100012", "recipient_user_id": "BR.66" });
    for number in [NUMBER, "2001"] {
        let value = json!({ "metadata": { "phone_number_id": number }, "statuses": [status] });
        let own = json!({ "metadata": { "phone_number_id": "2001" }, "statuses": [] });
        let changes = json!([{ "field": "messages", "value": value }, { "field": "messages", "value": own }]);
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] });
        assert_eq!(receive_signed(&stack, &body.to_string()).await, 200, "{number}");
    }
    assert_eq!(person(&stack, "15550100012").await.1, set(["15550100012"]), "nothing of the other instance's");

    // One message of its own, and as many user ids as it likes.
    let of_many =
        |id: usize| of_own(callback(&Value::Null, &[from(&format!("wamid.M{id}"), PHONE, &format!("BR.{id}"))]));
    let bodies: Vec<String> = (100..160).map(of_many).collect();
    for answers in bodies.chunks(8) {
        let answers = join_all(answers.iter().map(|body| receive_signed(&stack, body))).await;
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    }
    let own =
        contacts(&stack).resolve(&instance.parse().expect("an id"), &PHONE.parse().expect("a phone number")).await;
    let own = own.expect("the table answers");
    assert_eq!(own.aliases.len(), 32);
    assert!(stack.logs().contains("contact.too_many_aliases"));

    // What the person does under a further one is noted all the same.
    stack.pass(Duration::from_secs(3600));
    let (before, later) = (own.activity.last_inbound_at, stack.now().secs());
    let mut further = from("wamid.M160", PHONE, "BR.160");
    further["timestamp"] = json!(later.to_string());
    let further = callback(&Value::Null, &[further]);
    assert_eq!(receive_signed(&stack, &of_own(further)).await, 200);
    let own =
        contacts(&stack).resolve(&instance.parse().expect("an id"), &PHONE.parse().expect("a phone number")).await;
    assert!(own.expect("the table answers").activity.last_inbound_at > before, "{before:?}");
}
