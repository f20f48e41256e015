//! The service window as the simulator holds it, which tests usually switch off.

use std::time::Duration;

use local::simulator::ServiceWindow;
use serde_json::json;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const PHONE: &str = "5511911110001";

#[tokio::test]
async fn a_person_must_write_before_a_text_arrives_and_a_template_always_does() {
    let stack = TestStack::start_with(PROGRAM, |options| options.window = ServiceWindow::On).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text(PHONE, "too early").await;
    let failed = stack.wait_for_status(&id, "failed").await;
    assert_eq!(
        (&failed["error"]["code"], &failed["error"]["providerCode"]),
        (&json!("outside_window"), &json!(131_047))
    );
    let event = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(event.json["data"]["error"], failed["error"]);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before, "it was refunded");

    let template = json!({ "name": "hello_world", "language": "en_US" });
    let id = stack.send(json!({ "instanceId": "inst_abc123", "to": PHONE, "template": template })).await;
    stack.wait_for_status(&id, "read").await;
    stack.write(PHONE, "text", json!({ "body": "oi" })).await;
    let id = stack.send_text(PHONE, "in time").await;
    stack.wait_for_status(&id, "read").await;
    stack.webhook.wait_until_read(id.as_str()).await;
    stack.pass(Duration::from_secs(24 * 60 * 60));
    let id = stack.send_text(PHONE, "too late").await;
    stack.wait_for_status(&id, "failed").await;
    let shown = stack.whatsapp().ledger().taken_by(PHONE);
    let texts: Vec<_> = shown.iter().filter_map(|taken| taken.message["text"]["body"].as_str()).collect();
    assert_eq!(texts, ["in time"], "what the phone shows");
}
