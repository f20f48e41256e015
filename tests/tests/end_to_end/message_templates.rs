//! Templates through the API: WhatsApp is asked at once.

use serde_json::{Value, json};
use shared::account::Scope;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const TEMPLATES: &str = "/v1/templates?instanceId=inst_abc123";

fn body(name: &str, language: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "name": name, "language": language, "category": "MARKETING",
        "components": [{ "type": "BODY", "text": "Hi {{1}}, order {{2}}", "example": { "body_text": [["Ana", "12"]] } }] })
}

/// The names and languages of all templates that a query selects, two on each page.
async fn listed(stack: &TestStack, query: &str) -> Vec<String> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = stack.call(&format!("GET {TEMPLATES}&limit=2{query}{after}"), Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let name = |row: &Value| {
            format!("{} {}", row["name"].as_str().expect("text"), row["language"].as_str().expect("text"))
        };
        rows.extend(page["data"].as_array().expect("rows").iter().map(name));
        let Some(next) = page["pagination"]["nextCursor"].as_str() else {
            assert_eq!(page["pagination"]["hasMore"], false);
            return rows;
        };
        after = format!("&after={next}");
    }
}

#[tokio::test]
async fn templates_are_created_listed_sent_and_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    for (name, language) in [("order_sent", "en_US"), ("order_sent", "pt_BR"), ("order_sent_late", "en_US")] {
        let (status, created) = stack.call("POST /v1/templates", body(name, language)).await;
        assert_eq!((status, &created["data"]["status"]), (201, &json!("APPROVED")), "{created}");
        assert_eq!(created["data"]["category"], "MARKETING");
    }
    let all = ["hello_world en_US", "order_sent en_US", "order_sent pt_BR", "order_sent_late en_US", "welcome pt_BR"];
    assert_eq!(listed(&stack, "").await, all);
    assert_eq!(listed(&stack, "&name=order_sent&language=en_US").await, ["order_sent en_US", "order_sent_late en_US"]);
    assert!(listed(&stack, "&status=REJECTED").await.is_empty());

    let get = |query: &str| format!("GET /v1/templates/order_sent?instanceId=inst_abc123{query}");
    let (status, found) = stack.call(&get("&language=pt_BR"), Value::Null).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!((&found["data"]["language"], &found["data"]["parameters"]), (&json!("pt_BR"), &json!(["1", "2"])));
    assert_eq!(found["data"]["components"], body("order_sent", "pt_BR")["components"]);
    let (status, found) = stack.call(&get(""), Value::Null).await;
    assert_eq!((status, &found["error"]["field"]), (400, &json!("language")), "{found}");

    let parameters = ["Ana", "12"].map(|text| json!({ "type": "text", "text": text }));
    let template = json!({ "name": "order_sent", "language": "pt_BR",
        "components": [{ "type": "body", "parameters": parameters }] });
    let id = stack.send(json!({ "instanceId": "inst_abc123", "to": "5511999999999", "template": template })).await;
    stack.wait_for_status(&id, "read").await;

    let delete = |query: &str| format!("DELETE /v1/templates/order_sent?instanceId=inst_abc123{query}");
    assert_eq!(stack.call(&delete("&language=pt_BR"), Value::Null).await.0, 204);
    assert_eq!(listed(&stack, "&name=order").await, ["order_sent en_US", "order_sent_late en_US"]);
    assert_eq!(stack.call(&delete(""), Value::Null).await.0, 204);
    assert_eq!(listed(&stack, "&name=order").await, ["order_sent_late en_US"]);
    let (status, answer) = stack.call(&delete(""), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("template_not_found")));
}

#[tokio::test]
async fn a_template_is_found_behind_many_with_its_name_in_theirs() {
    let stack = TestStack::start(PROGRAM).await;
    let url = format!("{}/v25.0/9001/message_templates", stack.stack.addresses.whatsapp);
    for number in 0..=200 {
        let template = body(&format!("a_welcome_{number}"), "pt_BR").to_string();
        let created = stack.http.post(&url).bearer_auth("EAAG-good").body(template).send().await;
        assert_eq!(created.expect("an answer").status(), 200);
    }
    let (status, found) = stack.call("GET /v1/templates/welcome?instanceId=inst_abc123", Value::Null).await;
    assert_eq!((status, &found["data"]["name"]), (200, &json!("welcome")), "{found}");
}

#[tokio::test]
async fn a_template_that_cannot_be_is_refused_with_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    let without = |field: &str| {
        let mut body = body("a", "en_US");
        body.as_object_mut().expect("an object").remove(field);
        body
    };
    for field in ["instanceId", "name", "language", "category", "components"] {
        let (status, answer) = stack.call("POST /v1/templates", without(field)).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{answer}");
    }
    let mut odd = body("a", "en_US");
    odd["components"] = json!({});
    let (status, answer) = stack.call("POST /v1/templates", odd).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("components")), "{answer}");
    let (status, answer) = stack.call("POST /v1/templates", body("hello_world", "en_US")).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("provider_error")), "there is one: {answer}");
    assert_eq!(answer["error"]["providerCode"], 100);
    for path in ["GET /v1/templates", "GET /v1/templates/a", "DELETE /v1/templates/a"] {
        let (status, answer) = stack.call(path, Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!("instanceId")), "{path}: {answer}");
    }
    for name in ["nobody_s", "No%20name", "a%2Fb", &"x".repeat(513)] {
        let path = format!("GET /v1/templates/{name}?instanceId=inst_abc123");
        let (status, answer) = stack.call(&path, Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (404, &json!("template_not_found")), "{path}: {answer}");
    }
}

#[tokio::test]
async fn templates_are_those_of_a_connected_instance_of_the_account() {
    let stack = TestStack::start(PROGRAM).await;
    let reader = stack.key(&stack.customer.account_id, &[Scope::MessagesRead], None).await;
    assert_eq!(stack.call_as(&reader, &format!("GET {TEMPLATES}"), Value::Null).await.0, 200);
    let (status, answer) = stack.call_as(&reader, "POST /v1/templates", body("a", "en_US")).await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("insufficient_permissions")));
    let (status, answer) = stack.call("GET /v1/templates?instanceId=inst_ofnobody", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("instance_not_found")));
    stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    let (status, answer) = stack.call(&format!("GET {TEMPLATES}"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("instance_disconnected")));
}
