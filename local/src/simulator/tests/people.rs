//! What people do on their phones, and the callbacks about it.

use serde_json::{Value, json};

use super::{NUMBER, TestSimulator, text_from_person};

const PHONE: &str = "5531987650001";
const WA_ID: &str = "553187650001";
const USER_ID: &str = "BR.13000100056781355";

/// The values of a callback's changes.
fn values(callback: &Value) -> Vec<Value> {
    let changes = callback["entry"][0]["changes"].as_array().expect("changes");
    changes.iter().map(|change| change["value"].clone()).collect()
}

/// The value of the latest callback's only change.
fn latest(test: &TestSimulator) -> Value {
    values(&test.receiver.callbacks().pop().expect("a callback")).remove(0)
}

#[tokio::test]
async fn a_message_names_its_sender_in_whatsapp_s_form_and_by_user_id() {
    let test = TestSimulator::start().await;
    let sent = test.write(PHONE, &text_from_person(NUMBER, "oi")).await;
    let value = latest(&test);
    let contact = json!({ "profile": { "name": "Somebody" }, "wa_id": WA_ID, "user_id": USER_ID });
    assert_eq!(value["contacts"], json!([contact]));
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
    let timestamp = value["messages"][0]["timestamp"].clone();
    let message = json!({ "from": WA_ID, "from_user_id": USER_ID, "id": sent["id"], "timestamp": timestamp,
        "type": "text", "text": { "body": "oi" } });
    assert_eq!(value["messages"], json!([message]));
}

#[tokio::test]
async fn a_person_who_hides_the_phone_number_is_named_by_the_user_id_alone() {
    let test = TestSimulator::start().await;
    let profile = json!({ "name": "Ana", "username": "ana.p", "hidesPhone": true, "parentUserId": "BR.ENT.7" });
    assert_eq!(test.control(&format!("PUT people/{PHONE}"), &profile).await.0, 200);
    // By the phone number or by the user id, it is the same person.
    for person in [PHONE, USER_ID] {
        test.write(person, &text_from_person(NUMBER, "oi")).await;
        let value = latest(&test);
        let contact = json!({ "profile": { "name": "Ana", "username": "ana.p" }, "user_id": USER_ID,
            "parent_user_id": "BR.ENT.7" });
        assert_eq!(value["contacts"], json!([contact]));
        let message = &value["messages"][0];
        assert_eq!((message.get("from"), &message["from_user_id"]), (None, &json!(USER_ID)));
        assert_eq!(message["from_parent_user_id"], "BR.ENT.7");
    }
    let everybody = test.control("GET people", &Value::Null).await.1;
    assert_eq!(everybody["people"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_changed_number_is_told_to_each_number_that_the_person_talks_with() {
    let test = TestSimulator::start().await;
    test.send(PHONE).await; // from NUMBER
    test.receiver.wait_for_statuses(WA_ID, 3).await;
    test.write(PHONE, &text_from_person("2065", "oi")).await;
    let count = test.receiver.callbacks().len();
    let change = json!({ "phone": "5511911110001" });
    let (status, person) = test.control(&format!("PUT people/{PHONE}/number"), &change).await;
    assert_eq!((status, &person["phone"], &person["callback"]), (200, &json!("5511911110001"), &json!(200)));
    let callbacks = test.receiver.callbacks();
    assert_eq!(callbacks.len(), count + 1, "one callback");
    let values = values(&callbacks[count]);
    let numbers: Vec<&Value> = values.iter().map(|value| &value["metadata"]["phone_number_id"]).collect();
    assert_eq!(numbers, [NUMBER, "2065"]);
    let message = &values[0]["messages"][0];
    assert_eq!((&message["from"], values[0].get("contacts")), (&json!(WA_ID), None));
    let system = json!({ "type": "user_changed_number", "wa_id": "5511911110001", "user_id": person["userId"],
        "previous_user_id": USER_ID, "body": format!("User Somebody changed from {WA_ID} to 5511911110001") });
    assert_eq!(message["system"], system);
    let shown = test.control("GET people/5511911110001/messages", &Value::Null).await.1;
    assert_eq!(shown["messages"].as_array().map(Vec::len), Some(2), "the conversation goes along: {shown}");
}

#[tokio::test]
async fn a_hidden_number_that_changes_is_told_as_another_user_id() {
    let test = TestSimulator::start().await;
    test.control(&format!("PUT people/{PHONE}"), &json!({ "username": "ana", "hidesPhone": true })).await;
    test.write(PHONE, &text_from_person(NUMBER, "oi")).await;
    for change in [json!({ "phone": "5511911110001" }), json!({ "userId": "BR.2" })] {
        let before = test.control("GET people", &Value::Null).await.1["people"][0]["userId"].clone();
        let path = format!("PUT people/{}/number", before.as_str().expect("an id"));
        let person = test.control(&path, &change).await.1;
        let message = &latest(&test)["messages"][0];
        assert_eq!((message.get("from"), &message["from_user_id"]), (None, &before));
        let system = json!({ "type": "user_changed_user_id", "user_id": person["userId"], "previous_user_id": before,
            "body": "User Somebody changed their user ID" });
        assert_eq!(message["system"], system);
    }
    let unknown = test.control("PUT people/BR.9/number", &json!({ "userId": "BR.2" })).await;
    assert_eq!((unknown.0, &unknown.1["error"]["message"]), (409, &json!("BR.2 is another person's.")));
}

#[tokio::test]
async fn the_updates_of_several_numbers_are_in_one_callback_and_in_order() {
    let test = TestSimulator::start().await;
    let message = |from: &str, number: &str, body: &str| {
        let mut message = text_from_person(number, body);
        message["from"] = json!(from);
        message
    };
    let messages = [
        message(PHONE, "1", "a"),
        message("5511911110002", "2", "b"),
        message(PHONE, "1", "c"),
        message("5511911110002", "1", "d"),
    ];
    let (status, answer) = test.control("POST people/messages", &json!({ "messages": messages })).await;
    assert_eq!((status, answer["messages"].as_array().map(Vec::len)), (200, Some(4)), "{answer}");
    let callbacks = test.receiver.callbacks();
    assert_eq!(callbacks.len(), 1);
    let bodies: Vec<Vec<Value>> = values(&callbacks[0])
        .iter()
        .map(|value| {
            value["messages"].as_array().expect("messages").iter().map(|it| it["text"]["body"].clone()).collect()
        })
        .collect();
    assert_eq!(json!(bodies), json!([["a", "c", "d"], ["b"]]));
    assert_eq!(values(&callbacks[0])[0]["contacts"].as_array().map(Vec::len), Some(2), "each person once");
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_acknowledged() {
    let test = TestSimulator::start().await;
    test.receiver.fail_next(2);
    let path = format!("POST people/{PHONE}/messages");
    let (status, answer) = test.control(&path, &text_from_person(NUMBER, "oi")).await;
    assert_eq!((status, &answer["callback"]), (200, &json!(500)));
    let callbacks = test.receiver.wait_for_callbacks(3).await;
    assert!(callbacks.iter().all(|callback| *callback == callbacks[0]));
}

#[tokio::test]
async fn replies_name_whose_message_they_answer_and_forwards_do_not() {
    let test = TestSimulator::start().await;
    let own = test.write(PHONE, &text_from_person(NUMBER, "oi")).await["id"].clone();
    for (given, expected) in [
        (json!({ "id": own }), json!({ "id": own, "from": WA_ID })),
        (json!({ "id": "wamid.S" }), json!({ "id": "wamid.S", "from": "551140000000" })),
        (json!({ "forwarded": true }), json!({ "forwarded": true })),
    ] {
        let mut reply = text_from_person(NUMBER, "sim");
        reply["context"] = given;
        test.write(PHONE, &reply).await;
        assert_eq!(latest(&test)["messages"][0]["context"], expected);
    }
}

#[tokio::test]
async fn a_person_opts_out_of_marketing_and_in_again() {
    let test = TestSimulator::start().await;
    let body = json!({ "name": "sale", "language": "en_US", "category": "MARKETING",
        "components": [{ "type": "BODY", "text": "Half price" }] });
    test.call("1022/message_templates", &body).await;
    let mut sale = super::text_to(PHONE);
    (sale["type"], sale["template"]) = (json!("template"), json!({ "name": "sale", "language": { "code": "en_US" } }));
    for (wish, statuses, shown) in
        [("stop", &["failed"][..], 0), ("resume", &["failed", "sent", "delivered", "read"], 1)]
    {
        let path = format!("PUT people/{PHONE}/preferences");
        let (status, person) = test.control(&path, &json!({ "to": NUMBER, "marketing": wish })).await;
        assert_eq!((status, person["optedOut"] == json!([NUMBER])), (200, wish == "stop"), "{person}");
        let callback = test.receiver.callbacks().pop().expect("a callback");
        assert_eq!(callback["entry"][0]["changes"][0]["field"], "user_preferences");
        let preference = &values(&callback)[0]["user_preferences"][0];
        assert_eq!((&preference["value"], &preference["wa_id"]), (&json!(wish), &json!(WA_ID)));
        assert!(preference["timestamp"].is_u64(), "{preference}");
        test.call(&format!("{NUMBER}/messages"), &sale).await;
        test.receiver.wait_for_statuses(WA_ID, statuses.len()).await;
        assert_eq!(
            (test.receiver.status_names(WA_ID), test.taken_by(PHONE)),
            (statuses.iter().map(ToString::to_string).collect(), shown)
        );
    }
}

#[tokio::test]
async fn a_person_who_has_blocked_a_number_gets_nothing_from_it() {
    let test = TestSimulator::start().await;
    let path = format!("people/{PHONE}/blocks/{NUMBER}");
    assert_eq!(test.control(&format!("PUT {path}"), &Value::Null).await.0, 200);
    test.send(PHONE).await;
    test.receiver.wait_for_statuses(WA_ID, 1).await;
    assert_eq!((test.receiver.status_names(WA_ID), test.taken_by(PHONE)), (vec!["sent".to_owned()], 0));
    let write = format!("POST people/{PHONE}/messages");
    assert_eq!(test.control(&write, &text_from_person(NUMBER, "oi")).await.0, 409);
    assert_eq!(test.control(&format!("DELETE {path}"), &Value::Null).await.0, 200);
    assert_eq!(test.control(&write, &text_from_person(NUMBER, "oi")).await.0, 200);
}

#[tokio::test]
async fn what_no_person_can_write_is_refused_with_the_field_that_is_wrong() {
    let test = TestSimulator::start().await;
    let mut cases = vec![("", json!({ "to": NUMBER })), ("type", json!({ "to": NUMBER, "type": "request_welcome" }))];
    for (field, kind, object) in [
        ("text", "text", Value::Null),
        ("text.body", "text", json!({ "body": "" })),
        ("text", "text", json!({ "body": "oi", "preview_url": true })),
        ("image.data", "image", json!({ "mime_type": "image/png", "data": "?" })),
        ("image.mime_type", "image", json!({ "mime_type": "png", "data": "aGk=" })),
        ("audio.caption", "audio", json!({ "mime_type": "audio/ogg", "data": "aGk=", "caption": "x" })),
        ("location", "location", json!({ "latitude": 91, "longitude": 0 })),
        ("contacts", "contacts", json!([])),
        ("reaction", "reaction", json!({ "emoji": "👍" })),
        ("interactive", "interactive", json!({ "type": "button_reply", "list_reply": { "id": "1", "title": "a" } })),
        (
            "interactive.nfm_reply.response_json",
            "interactive",
            json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "response_json": "{" } }),
        ),
        ("order.product_items", "order", json!({ "catalog_id": "1", "product_items": [] })),
        (
            "edit.original_message_id",
            "edit",
            json!({ "original_message_id": "wamid.X", "message": { "type": "text", "text": { "body": "oi" } } }),
        ),
        (
            "edit.message.text.body",
            "edit",
            json!({ "original_message_id": "wamid.X", "message": { "type": "text", "text": { "body": "" } } }),
        ),
        ("revoke.original_message_id", "revoke", json!({ "original_message_id": "wamid.X" })),
    ] {
        cases.push((field, json!({ "to": NUMBER, "type": kind, kind: object })));
    }
    for (field, extra) in [
        ("to", json!({ "to": "+55" })),
        ("timestamp", json!({ "timestamp": "now" })),
        ("context.id", json!({ "context": { "forwarded": true, "id": "wamid.A" } })),
        ("context.mentions", json!({ "context": { "id": "wamid.A", "mentions": [] } })),
        ("referral", json!({ "referral": "an ad" })),
        ("errors", json!({ "errors": [{}] })),
        ("group_id", json!({ "group_id": "a b" })),
        ("mood", json!({ "mood": "good" })),
        ("text.body", json!({ "text": { "body": "x".repeat(65_537) } })),
    ] {
        let mut message = text_from_person(NUMBER, "oi");
        message.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        cases.push((field, message));
    }
    for (field, message) in cases {
        let (status, answer) = test.control(&format!("POST people/{PHONE}/messages"), &message).await;
        let field = if field.is_empty() { "type" } else { field };
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{answer}");
        let said = answer["error"]["message"].as_str().expect("a text");
        assert!(said.starts_with(&format!("`{field}` ")) && said.ends_with('.'), "{said}");
    }
    let many = json!({ "messages": [{ "from": PHONE, "to": NUMBER, "type": "text", "text": { "body": "oi" } }, { "to": NUMBER }] });
    let (status, answer) = test.control("POST people/messages", &many).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("messages[1].from")), "{answer}");
    for (call, body) in [
        ("POST people/ana/messages", text_from_person(NUMBER, "oi")),
        ("PUT people/5511911110001", json!({ "username": "Ana Maria" })),
        ("PUT people/5511911110001", json!({ "phone": "5511911110002" })),
        ("PUT people/5511911110001/number", json!({})),
        ("PUT people/5511911110001/preferences", json!({ "to": NUMBER, "marketing": "maybe" })),
        ("POST callbacks", json!({ "callback": "a text" })),
    ] {
        let (status, answer) = test.control(call, &body).await;
        assert_eq!(status, 400, "{call}: {answer}");
    }
    assert!(test.receiver.callbacks().is_empty(), "nothing was told");
}
