//! `/phone`: the page's files, its stream of changes, and what other pages may not do.

use reqwest::{Response, header};
use serde_json::{Value, json};

use super::{NUMBER, TestSimulator, text_from_person};

const PHONE: &str = "5511911110001";

/// A stream of server-sent events.
pub struct Events {
    response: Response,
    text: String,
}

impl Events {
    /// The data of the next event.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return serde_json::from_str(&data).expect("JSON");
                }
            }
            let chunk = tokio::time::timeout(std::time::Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk.expect("an event in time").expect("a stream").expect("it goes on");
            self.text.push_str(str::from_utf8(&chunk).expect("text"));
        }
    }
}

impl TestSimulator {
    /// The events of people.
    pub async fn events(&self, people: &str) -> Events {
        let response =
            self.client.get(format!("{}/phone/events?people={people}", self.url)).send().await.expect("a stream");
        assert_eq!(response.status(), 200);
        Events { response, text: String::new() }
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}/{path}", self.url)).send().await.expect("an answer")
    }
}

fn text<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn the_page_and_its_files_are_served_with_a_strict_policy() {
    let test = TestSimulator::start().await;
    let page = test.get("phone").await;
    assert_eq!((page.status().as_u16(), text(&page, "content-type")), (200, "text/html; charset=utf-8"));
    let policy = text(&page, "content-security-policy").to_owned();
    for directive in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let html = page.text().await.expect("text");
    let linked: Vec<&str> = html.split(['"']).filter(|part| part.starts_with("/phone/")).collect();
    assert!(linked.len() >= 4, "{linked:?}");
    for file in linked {
        let answer = test.get(&file[1..]).await;
        assert_eq!((answer.status().as_u16(), text(&answer, "x-content-type-options")), (200, "nosniff"), "{file}");
        // What a module imports is there as well.
        let content = answer.text().await.expect("text");
        for import in content.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert_eq!(test.get(&format!("phone/{import}")).await.status(), 200, "{import}");
        }
    }
    assert_eq!(test.get("phone/nothing.js").await.status(), 404);
}

#[tokio::test]
async fn a_stream_tells_of_a_person_at_once_and_after_each_change() {
    let test = TestSimulator::start().await;
    let mut events = test.events(&format!("{PHONE},5511911110002")).await;
    for phone in [PHONE, "5511911110002"] {
        assert_eq!(events.next().await["phone"], phone);
    }
    test.control(&format!("PUT people/{PHONE}"), &json!({ "reads": "whenOpened" })).await;
    assert_eq!(events.next().await["reads"], "whenOpened");
    test.control("PUT people/5511911110003", &json!({ "name": "Nobody's concern" })).await;
    test.send(PHONE).await;
    let received = events.next().await;
    assert_eq!((&received["phone"], &received["unread"]), (&json!(PHONE), &json!({ NUMBER: 1 })));
    test.control(&format!("POST people/{PHONE}/read"), &json!({ "to": NUMBER })).await;
    assert_eq!(events.next().await["unread"], json!({}));
    let written = test.write(PHONE, &text_from_person(NUMBER, "oi")).await;
    events.next().await; // it was written
    events.next().await; // its callback was acknowledged
    let receipt = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": written["id"],
        "typing_indicator": { "type": "text" } });
    test.call(&format!("{NUMBER}/messages"), &receipt).await;
    events.next().await;
    let shown = test.control(&format!("GET people/{PHONE}/messages"), &Value::Null).await.1;
    assert_eq!((&shown["messages"][1]["isRead"], &shown["typing"]), (&json!(true), &json!([NUMBER])));
    test.send(PHONE).await;
    events.next().await;
    let shown = test.control(&format!("GET people/{PHONE}/messages"), &Value::Null).await.1;
    assert_eq!(shown["typing"], json!([]), "the reply ends it");
}

#[tokio::test]
async fn a_stream_follows_a_person_to_another_number() {
    let test = TestSimulator::start().await;
    let mut events = test.events(PHONE).await;
    events.next().await;
    test.control(&format!("PUT people/{PHONE}/number"), &json!({ "phone": "5511911110009" })).await;
    let person = events.next().await;
    assert_eq!(person["phone"], "5511911110009");
    assert!(person["aliases"].as_array().is_some_and(|aliases| aliases.contains(&json!(PHONE))), "{person}");
    // A page that was away asks for the former number.
    assert_eq!(test.events(PHONE).await.next().await["phone"], "5511911110009");
    test.control(&format!("PUT people/{PHONE}"), &json!({ "name": "Who has it now" })).await;
    assert_eq!(test.events(PHONE).await.next().await["name"], "Who has it now");
    for wrong in ["", "ana", "5511911110001,"] {
        assert_eq!(test.get(&format!("phone/events?people={wrong}")).await.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_file_is_shown_without_a_token_and_never_as_a_web_page() {
    let test = TestSimulator::start().await;
    for (kind, mime_type, served, how) in [
        ("image", "image/png", "image/png", "inline"),
        ("audio", "audio/ogg; codecs=opus", "audio/ogg", "inline"),
        ("document", "text/html", "application/octet-stream", "attachment"),
        ("image", "image/svg+xml", "application/octet-stream", "attachment"),
    ] {
        let message = json!({ "to": NUMBER, "type": kind, kind: { "mime_type": mime_type, "data": "PHNjcmlwdD4=" } });
        test.write(PHONE, &message).await;
        let shown = test.control(&format!("GET people/{PHONE}/messages"), &Value::Null).await.1;
        let id =
            shown["messages"].as_array().and_then(|all| all.last()).expect("a message")["message"][kind]["id"].clone();
        let file = test.get(&format!("phone/files/{}", id.as_str().expect("an id"))).await;
        let headers = ["content-type", "content-disposition", "x-content-type-options", "cross-origin-resource-policy"];
        assert_eq!(headers.map(|name| text(&file, name)), [served, how, "nosniff", "same-origin"], "{mime_type}");
        assert!(text(&file, "content-security-policy").contains("sandbox"));
        assert_eq!(file.bytes().await.expect("bytes"), "<script>");
    }
    assert_eq!(test.get("phone/files/1").await.status(), 404);
}

#[tokio::test]
async fn a_template_is_shown_as_it_was_when_it_was_sent() {
    let test = TestSimulator::start().await;
    let mut sent = super::text_to(PHONE);
    (sent["type"], sent["template"]) =
        (json!("template"), json!({ "name": "hello_world", "language": { "code": "en_US" } }));
    test.call(&format!("{NUMBER}/messages"), &sent).await;
    let delete = test.client.delete(format!("{}/v25.0/1022/message_templates?name=hello_world", test.url));
    assert_eq!(delete.bearer_auth("EAAG-good").send().await.expect("an answer").status(), 200);
    let shown = test.control(&format!("GET people/{PHONE}/messages"), &Value::Null).await.1;
    assert_eq!(shown["messages"][0]["template"]["components"][0]["text"], "Hello World");
}

#[tokio::test]
async fn numbers_that_were_heard_of_can_be_written_to() {
    let test = TestSimulator::start().await;
    test.simulator.add_number("106540352242922");
    test.send(PHONE).await;
    let connect = test.client.get(format!("{}/v25.0/2065?fields=verified_name", test.url)).bearer_auth("EAAG-good");
    assert_eq!(connect.send().await.expect("an answer").status(), 200);
    let numbers = test.control("GET numbers", &Value::Null).await.1;
    let ids: Vec<&Value> = numbers["numbers"].as_array().expect("a list").iter().map(|number| &number["id"]).collect();
    assert_eq!(ids, [NUMBER, "106540352242922", "2065"]);
    assert_eq!(numbers["numbers"][0]["name"], "Simulated business");
}

#[tokio::test]
async fn another_origins_page_cannot_have_a_person_do_anything() {
    let test = TestSimulator::start().await;
    let own = test.url.clone();
    let body = text_from_person(NUMBER, "from an evil page").to_string();
    let refused = [
        (header::ORIGIN, "https://evil.example"),
        (header::ORIGIN, "null"),
        (header::ORIGIN, "http://127.0.0.1:1"),
        (header::HOST, "evil.example"),
        (header::HeaderName::from_static("sec-fetch-site"), "cross-site"),
        (header::HeaderName::from_static("sec-fetch-site"), "same-site"),
    ];
    for (name, value) in refused {
        let request = test.client.post(format!("{own}/people/{PHONE}/messages")).header(&name, value);
        let answer = request.body(body.clone()).send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{name}: {value}");
        let error: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert!(error["error"]["message"].as_str().is_some_and(|message| message.ends_with('.')), "{error}");
    }
    let rebound = test.client.get(format!("{own}/ledger")).header(header::HOST, "evil.example:80").send().await;
    assert_eq!(rebound.expect("an answer").status(), 403, "a name that leads here reads nothing");
    assert!(test.receiver.callbacks().is_empty());
    assert_eq!(test.control("GET people", &Value::Null).await.1["people"], json!([]));
    let request = test.client.post(format!("{own}/people/{PHONE}/messages")).header(header::ORIGIN, &own);
    let answer = request.header("sec-fetch-site", "same-origin").body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "its own page");
}
