//! The check of a message's template before it is charged.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::{EVENTS, callback};

const PHONE: &str = "5511999999999";
const LIST: &str = "GET message_templates";
/// The age of a copy that may refuse a message, and that of one that may accept it.
const OLD_FOR_REFUSAL: Duration = Duration::from_secs(10);
const OLD: Duration = Duration::from_secs(5 * 60);
/// How long a process uses what it has read.
const IN_MEMORY: Duration = Duration::from_secs(30);

fn welcome(parameters: usize) -> Value {
    let parameters = vec![json!({ "type": "text", "text": "Ana" }); parameters];
    template("welcome", "pt_BR", json!([{ "type": "body", "parameters": parameters }]))
}

fn template(name: &str, language: &str, components: Value) -> Value {
    json!({ "instanceId": "inst_abc123", "to": PHONE,
        "template": { "name": name, "language": language, "components": components } })
}

/// Sends a message; returns the error's code and field, or nothing if it is accepted.
async fn refusal(stack: &TestStack, body: &Value) -> Option<(String, String)> {
    let (status, answer) = stack.call("POST /v1/messages/send", body.clone()).await;
    if status == 202 {
        return None;
    }
    assert_eq!(status, 400, "{answer}");
    let text = |member: &str| answer["error"][member].as_str().unwrap_or_default().to_owned();
    Some((text("code"), text("field")))
}

fn error(code: &str, field: &str) -> Option<(String, String)> {
    Some((code.to_owned(), field.to_owned()))
}

/// How often `send` asked WhatsApp.
fn asked(proxied: &ProxiedStack) -> usize {
    proxied.whatsapp.calls_by_caller().get(&("send".to_owned(), LIST.to_owned())).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_message_that_whatsapp_would_refuse_is_refused_before_the_charge() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    for (body, expected) in [
        (template("nobody_s", "en_US", json!([])), error("template_not_found", "template.name")),
        (template("No Name", "en_US", json!([])), error("template_not_found", "template.name")),
        (template("welcome", "en_US", json!([])), error("template_not_found", "template.language")),
        (welcome(0), error("invalid_template_parameters", "template.components[0].parameters")),
        (welcome(2), error("invalid_template_parameters", "template.components[0].parameters")),
        (template("welcome", "pt_BR", json!([])), error("invalid_template_parameters", "template.components")),
    ] {
        assert_eq!(refusal(&stack, &body).await, expected, "{body}");
    }
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    assert_eq!(refusal(&stack, &welcome(1)).await, None);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
    // The simulator knows the language as `pt_BR` only, and so this one may be refunded at any time.
    assert_eq!(
        refusal(&stack, &template("welcome", "pt-BR", welcome(1)["template"]["components"].clone())).await,
        None
    );
}

#[tokio::test]
async fn a_template_is_fetched_once_and_again_when_it_is_old() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    for _ in 0..3 {
        assert_eq!(refusal(stack, &welcome(1)).await, None);
    }
    assert_eq!(asked(&proxied), 1);
    tests::process::kill(stack.pid("send"));
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    assert_eq!(asked(&proxied), 1, "another process reads the copy from the table");
    stack.pass(OLD);
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    assert_eq!(asked(&proxied), 2);
}

#[tokio::test]
async fn of_many_that_find_a_copy_old_one_asks() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    stack.pass(OLD);
    // The process that asks is frozen until the other message has been accepted by the old copy.
    let mut fault = Some(Fault::FreezeBefore);
    proxied.whatsapp.set_faults(move |call, _| fault.take_if(|_| call.operation == LIST).unwrap_or(Fault::None));
    let (first, second) = (welcome(1), welcome(1));
    let asks = refusal(stack, &first);
    let does_not = async {
        eventually("the first to ask", || async { (asked(&proxied) == 2).then_some(()) }).await;
        assert_eq!(refusal(stack, &second).await, None);
        assert_eq!(asked(&proxied), 2);
        proxied.whatsapp.resume();
    };
    assert_eq!(tokio::join!(asks, does_not).0, None);
    assert_eq!(asked(&proxied), 2);
}

#[tokio::test]
async fn an_older_copy_refuses_nothing() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    assert!(refusal(stack, &welcome(0)).await.is_some(), "the copy is of a moment ago");
    assert_eq!(asked(&proxied), 1);
    stack.pass(OLD_FOR_REFUSAL);
    assert!(refusal(stack, &welcome(0)).await.is_some());
    assert_eq!(asked(&proxied), 2);

    let new = template("order_sent", "en_US", json!([]));
    assert_eq!(refusal(stack, &new).await, error("template_not_found", "template.name"));
    let body = json!({ "instanceId": "inst_abc123", "name": "order_sent", "language": "en_US", "category": "UTILITY",
        "components": [{ "type": "BODY", "text": "It is on its way" }] });
    assert_eq!(stack.call("POST /v1/templates", body).await.0, 201);
    stack.pass(OLD_FOR_REFUSAL);
    assert_eq!(refusal(stack, &new).await, None, "it was approved a moment ago");
}

#[tokio::test]
async fn whatsapp_decides_when_it_cannot_be_asked() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.whatsapp.set_faults(|call, _| if call.operation == LIST { Fault::DropBefore } else { Fault::None });
    let (_, sent) = stack.call("POST /v1/messages/send", template("nobody_s", "en_US", json!([]))).await;
    let id = sent["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let failed = stack.wait_for_status(&id, "failed").await;
    assert_eq!(failed["error"]["providerCode"], 132_001);
    assert_eq!(asked(&proxied), 1);
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    assert_eq!(asked(&proxied), 1, "it is not asked again at once");
    proxied.whatsapp.set_faults(|_, _| Fault::None);
    stack.pass(Duration::from_secs(30));
    assert!(refusal(stack, &welcome(0)).await.is_some());
}

#[tokio::test]
async fn names_that_do_not_exist_do_not_use_up_whatsapp_s_calls() {
    const IN_VAIN: usize = 20;
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let unknown = |number: usize| template(&format!("nobody_{number}"), "en_US", json!([]));
    for number in 0..IN_VAIN {
        assert!(refusal(stack, &unknown(number)).await.is_some());
    }
    assert_eq!(refusal(stack, &unknown(IN_VAIN)).await, None, "WhatsApp decides");
    assert_eq!(asked(&proxied), IN_VAIN);
    stack.pass(Duration::from_secs(60));
    assert!(refusal(stack, &unknown(IN_VAIN)).await.is_some());
}

#[tokio::test]
async fn a_template_that_whatsapp_pauses_is_refused_until_it_is_sent_again() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "url": stack.webhook.url, "instanceId": "inst_abc123", "events": EVENTS });
    assert_eq!(stack.call("POST /v1/webhooks", body).await.0, 201);
    assert_eq!(refusal(&stack, &welcome(1)).await, None);
    let change = async |status: &str| {
        let url = format!("{}/templates/welcome", stack.stack.addresses.whatsapp);
        let body = json!({ "businessId": BUSINESS, "language": "pt_BR", "status": status });
        let changed = stack.http.put(url).body(body.to_string()).send().await.expect("an answer");
        let changed: Value = serde_json::from_str(&changed.text().await.expect("a body")).expect("JSON");
        assert_eq!(changed["callback"], 200, "{changed}");
    };
    change("PAUSED").await;
    stack.pass(IN_MEMORY);
    assert_eq!(refusal(&stack, &welcome(1)).await, error("template_not_found", "template.name"));
    change("APPROVED").await;
    assert_eq!(refusal(&stack, &welcome(1)).await, None, "at once");
    eventually("both events", || async {
        let calls = stack.webhook.calls();
        (calls.iter().filter(|call| call.event() == "template.updated").count() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_template_that_is_edited_at_whatsapp_is_asked_for_again_and_published() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["template.updated"]).await;
    let components = json!({ "message_template_element": "Hello, {{1}}", "message_template_footer": "Shop",
        "message_template_buttons": [{ "message_template_button_type": "URL", "message_template_button_text": "Shop",
            "message_template_button_url": "https://example.com" }] });
    let with = |components: &Value| {
        let mut value = json!({ "message_template_id": 7, "message_template_name": "welcome",
            "message_template_language": "pt-BR" });
        value.as_object_mut().expect("an object").extend(components.as_object().expect("an object").clone());
        callback(BUSINESS, stack.now().secs(), "message_template_components_update", &value)
    };
    assert_eq!(refusal(stack, &welcome(1)).await, None);
    // Of the second nothing is known but which template it is about.
    for (asked_before, edit) in [(1, &components), (2, &json!({ "message_template_elements": ["Hello"] }))] {
        stack.pass(IN_MEMORY);
        assert_eq!(refusal(stack, &welcome(1)).await, None);
        assert_eq!(asked(&proxied), asked_before, "the copy is used");
        assert_eq!(stack.post_callback(&with(edit), None).await, 200);
        stack.pass(IN_MEMORY);
        assert_eq!(refusal(stack, &welcome(1)).await, None);
        assert_eq!(asked(&proxied), asked_before + 1, "{edit}");
    }
    let calls = webhook.wait_for_calls(2).await;
    let data: Vec<&Value> = calls.iter().map(|call| &call.json["data"]).collect();
    assert!(data.iter().all(|data| data["name"] == "welcome" && data["language"] == "pt_BR"), "{data:?}");
    assert_eq!(data.iter().filter(|data| data["components"] == components).count(), 1, "{data:?}");
    assert!(calls.iter().all(|call| webhook.verifies(call)));
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "what could not be read: {kept}");
}
