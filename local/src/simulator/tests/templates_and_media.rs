//! Message templates and uploaded media.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::{NUMBER, TestSimulator, answer, text_to};

/// Sends a message and returns the error, if it is refused.
async fn error(test: &TestSimulator, kind: &str, content: Value) -> Value {
    let mut message = text_to("5511999999999");
    message["type"] = json!(kind);
    message[kind] = content;
    test.call(&format!("{NUMBER}/messages"), &message).await.1["error"].take()
}

fn template(name: &str, language: &str, parameters: usize) -> Value {
    let parameters = vec![json!({ "type": "text", "text": "Ana" }); parameters];
    json!({ "name": name, "language": { "code": language },
        "components": [{ "type": "body", "parameters": parameters }] })
}

#[tokio::test]
async fn a_template_must_be_known_in_its_language_and_have_its_parameters() {
    let test = TestSimulator::start().await;
    let bare = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    for (template, expected) in [
        (bare, Value::Null),
        (template("hello_world", "en_US", 0), Value::Null),
        (template("welcome", "pt_BR", 1), Value::Null),
        (template("welcome", "pt_BR", 0), json!(132_000)),
        (template("hello_world", "en_US", 1), json!(132_000)),
        (template("hello_world", "pt_BR", 0), json!(132_001)),
        (template("nobody_s", "en_US", 0), json!(132_001)),
    ] {
        assert_eq!(error(&test, "template", template.clone()).await["code"], expected, "{template}");
    }
}

#[tokio::test]
async fn a_template_that_is_added_is_known_from_then_on() {
    let test = TestSimulator::start().await;
    let body = json!({ "name": "order_sent", "language": "en_US", "category": "UTILITY", "components": [
        { "type": "FOOTER", "text": "{{1}} and {{2}} and {{3}}" },
        { "type": "BODY", "text": "{{1}}, order {{2}} is on its way. Bye, {{1}}", "example": {} },
    ] });
    let (status, answer) = test.call("1022/message_templates", &body).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("APPROVED")));
    assert_eq!(answer["category"], "UTILITY");
    assert!(answer["id"].is_string());
    assert_eq!(error(&test, "template", template("order_sent", "en_US", 2)).await, Value::Null);
    assert_eq!(error(&test, "template", template("order_sent", "en_US", 3)).await["code"], 132_000);
    assert_eq!(test.call("1022/message_templates", &body).await.1["error"]["code"], 100, "there is one");
    let bodiless = json!({ "name": "a", "language": "en_US", "category": "UTILITY", "components": [] });
    assert_eq!(test.call("1022/message_templates", &bodiless).await.1["error"]["code"], 100);
}

#[tokio::test]
async fn a_template_is_refused_with_meta_s_code() {
    let test = TestSimulator::start().await;
    let body = json!({ "name": "a", "language": "en", "category": "UTILITY", "parameter_format": "named", "components": [
        { "type": "HEADER", "format": "IMAGE" },
        { "type": "BODY", "text": "{{name}}" },
        { "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.b/{{1}}" }] },
    ] });
    assert_eq!(test.call("1022/message_templates", &body).await.0, StatusCode::OK);
    let header = |kind: &str| json!({ "type": "header", "parameters": [{ "type": kind }] });
    let text = |name: &str, text: &str| json!({ "type": "body", "parameters": [{ "type": "text", "parameter_name": name, "text": text }] });
    let button = json!({ "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text" }] });
    let message = |components: Value| json!({ "name": "a", "language": { "code": "en" }, "components": components });
    for (components, expected) in [
        (json!([header("image"), text("name", "Ana"), button]), Value::Null),
        (json!([header("video"), text("name", "Ana"), button]), json!(132_012)),
        (json!([header("image"), button]), json!(132_000)),
        (json!([header("image"), text("names", "Ana"), button]), json!(132_018)),
        (json!([header("image"), text("name", &"x".repeat(1024)), button]), json!(132_005)),
        (json!([header("image"), text("name", "Ana")]), json!(131_008)),
    ] {
        assert_eq!(error(&test, "template", message(components.clone())).await["code"], expected, "{components}");
    }
    let fits = message(json!([header("image"), text("name", "Ana"), button]));
    for (status, expected) in [("PAUSED", 132_015), ("DISABLED", 132_016), ("PENDING", 132_001)] {
        let change = json!({ "businessId": "1022", "language": "en", "status": status });
        let changed = test.client.put(format!("{}/templates/a", test.url)).body(change.to_string()).send().await;
        assert_eq!(changed.expect("an answer").status(), StatusCode::OK);
        assert_eq!(error(&test, "template", fits.clone()).await["code"], expected);
    }
}

/// Uploads a file as Meta's form has it.
async fn upload(test: &TestSimulator, product: &str, kind: &str, file: &str) -> (StatusCode, Value) {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\n{product}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: {kind}\r\n\r\n{file}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{kind}\r\n--b--\r\n"
    );
    let request = test.request(&format!("{NUMBER}/media"), &Value::Null);
    answer(request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(form)).await
}

#[tokio::test]
async fn media_that_a_message_names_by_id_must_have_been_uploaded() {
    let test = TestSimulator::start().await;
    let (status, answer) = upload(&test, "whatsapp", "image/jpeg", "an image").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(error(&test, "image", json!({ "id": answer["id"] })).await, Value::Null);
    assert_eq!(error(&test, "image", json!({ "link": "https://example.com/a.jpg" })).await, Value::Null);
    let message = "(#100) Param image['id'] is not a valid whatsapp business account media attachment ID";
    assert_eq!(error(&test, "image", json!({ "id": "404" })).await["message"], message);
}

#[tokio::test]
async fn an_upload_that_whatsapp_would_refuse_is_refused() {
    let test = TestSimulator::start().await;
    let large = "x".repeat(5 * 1024 * 1024 + 1);
    for (product, kind, file) in [
        ("telegram", "image/jpeg", "an image"),
        ("whatsapp", "image/gif", "an image"),
        ("whatsapp", "image/jpeg", ""),
        ("whatsapp", "image/png", &large),
    ] {
        let (status, answer) = upload(&test, product, kind, file).await;
        assert_eq!((status.as_u16(), &answer["error"]["code"]), (400, &json!(100)), "{product} {kind}");
    }
    let (_, answer) = test.call(&format!("{NUMBER}/media"), &json!({ "file": "not a form" })).await;
    assert_eq!(answer["error"]["code"], 100);
}
