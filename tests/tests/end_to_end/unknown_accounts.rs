//! Updates about business accounts of which no number is connected: they are kept, and stored once somebody has connected one.

use serde_json::{Value, json};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::{Tenant, callback, event, template};

async fn kept(stack: &TestStack) -> Vec<Value> {
    let (status, page) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["data"].as_array().expect("rows").clone()
}

async fn replay(stack: &TestStack, row: &Value) -> Value {
    let path = format!("POST /v1/admin/callbacks/{}/replay", row["id"].as_str().expect("an id"));
    let (status, answer) = stack.operate(&path, Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"]["unread"].clone()
}

#[tokio::test]
async fn an_update_of_an_account_without_numbers_is_kept_until_one_is_connected() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now().secs();
    let wishes: Vec<Value> = ["stop", "resume"]
        .iter()
        .map(|value| json!({ "wa_id": "5511911110006", "category": "marketing_messages", "value": value, "timestamp": now }))
        .collect();
    let updates = [
        callback("9009", now, "message_template_status_update", &template("APPROVED")),
        callback("9009", now, "user_preferences", &json!({ "user_preferences": wishes })),
        callback(
            "9009",
            now,
            "account_update",
            &json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "DISABLE" } }),
        ),
    ];
    for body in updates.iter().chain(&updates) {
        assert_eq!(stack.post_callback(body, None).await, 200, "{body}");
    }
    let rows = kept(&stack).await;
    assert_eq!(rows.len(), 3, "each once: {rows:?}");
    assert!(rows.iter().all(|row| row["reasons"] == json!(["unknown_account"])), "{rows:?}");
    assert!(!json!(rows).to_string().contains("5511911110006") && !stack.logs().contains("5511911110006"));
    let still: Vec<Value> = [replay(&stack, &rows[0]).await, replay(&stack, &rows[1]).await].into();
    assert_eq!((still, kept(&stack).await.len()), (vec![json!(1), json!(2)], 3), "nobody has connected it yet");
    let tenant = Tenant::new(&stack, "2009", "9009", false).await;
    for row in &rows[1..] {
        assert_eq!(replay(&stack, row).await, 0);
    }
    assert_eq!(event(&tenant.webhook, "template.updated").await["status"], "APPROVED");
    assert_eq!(event(&tenant.webhook, "contact.opted_out").await["phone"], "5511911110006");
    event(&tenant.webhook, "contact.opted_in").await;
    assert_eq!(replay(&stack, &rows[0]).await, 0);
    assert!(kept(&stack).await.is_empty());
}

#[tokio::test]
async fn an_update_of_an_unknown_account_that_cannot_be_kept_is_not_acknowledged() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let body = callback("9009", stack.now().secs(), "message_template_status_update", &template("APPROVED"));
    proxied.dynamodb.set_faults(|call, _| {
        let is_kept = call.caller == "receive" && call.operation == "PutItem";
        if is_kept { Fault::Unavailable } else { Fault::None }
    });
    assert_eq!(stack.post_callback(&body, None).await, 500);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    assert_eq!(stack.post_callback(&body, None).await, 200);
    assert_eq!(kept(stack).await.len(), 1);
}
