//! One conversation for one person, whatever WhatsApp calls it: phone number, another form of it, user ids.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::alias::Alias;
use shared::aws::Item;
use shared::contact::Contacts;
use shared::ids::MessageId;
use shared::message::Message;
use shared::message::record_keys::{conversation_key, history_key};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::people::{USER, history, receive, text};

/// Numbers whose owners WhatsApp knows under another one, as the simulator does: what is typed, and the `wa_id`.
pub const OTHER_WA_IDS: [(&str, &str); 3] =
    [("5531987650001", "553187650001"), ("525512345678", "5215512345678"), ("541123456789", "5491123456789")];
const PHONE: &str = "5511911110021";
const NEW_PHONE: &str = "5511922220022";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The contacts of a stack.
pub fn contacts(stack: &TestStack) -> Contacts {
    let (client, table) = (stack.stack.clients.dynamodb.clone(), stack.stack.tables["Contacts"].clone());
    Contacts::new(client, table, stack.messages.clone(), stack.accounts.clone(), 90 * DAY)
}

/// All items of the table of contacts.
pub async fn items(stack: &TestStack) -> Vec<Item> {
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Contacts"]).send().await;
    scan.expect("the table answers").items.unwrap_or_default()
}

/// The aliases of the person with an alias, and the one that names the conversation; the items must agree.
pub async fn person(stack: &TestStack, alias: &str) -> (String, BTreeSet<String>) {
    let (table, alias): (_, Alias) = (contacts(stack), alias.parse().expect("an alias"));
    let instance = &stack.customer.instance_id;
    let contact = table.resolve(instance, &alias).await.expect("the table answers");
    for other in &contact.aliases {
        assert_eq!(table.resolve(instance, other).await.expect("the table answers"), contact);
    }
    let aliases: BTreeSet<String> = contact.aliases.iter().map(ToString::to_string).collect();
    assert_eq!(aliases.len(), contact.aliases.len(), "each once: {contact:?}");
    (contact.chat.to_string(), aliases)
}

/// A message of the person with these aliases.
pub fn from(id: &str, phone: &str, user: &str) -> Value {
    text(id, &json!({ "from": phone, "from_user_id": user }))
}

/// That a person's phone number or user id has changed.
fn changed(id: &str, from: &Value, system: Value) -> Value {
    let mut message = json!({ "id": id, "timestamp": "1760000003", "type": "system", "system": system });
    message.as_object_mut().expect("an object").extend(from.as_object().expect("an object").clone());
    message
}

pub fn set<const N: usize>(aliases: [&str; N]) -> BTreeSet<String> {
    aliases.map(str::to_owned).into()
}

/// Waits until WhatsApp's callbacks have named the user id of a recipient.
pub async fn wait_until_joined(stack: &TestStack, alias: &str, count: usize) -> BTreeSet<String> {
    let (table, parsed): (_, Alias) = (contacts(stack), alias.parse().expect("an alias"));
    let joined = || async {
        let contact = table.resolve(&stack.customer.instance_id, &parsed).await.expect("the table answers");
        (contact.aliases.len() == count).then_some(())
    };
    eventually("the aliases to be joined", joined).await;
    person(stack, alias).await.1
}

#[tokio::test]
async fn a_reply_under_another_wa_id_is_in_the_conversation_of_the_message() {
    let stack = TestStack::start(PROGRAM).await;
    for (number, (typed, wa_id)) in OTHER_WA_IDS.into_iter().enumerate() {
        let sent = stack.send_text(typed, "Pedido 12 saiu").await;
        stack.wait_for_status(&sent, "read").await;
        let contacts = json!([{ "profile": { "name": "Ana" }, "wa_id": wa_id }]);
        let mut reply = text(&format!("wamid.R{number}"), &json!({ "from": wa_id }));
        reply["context"] = json!({ "from": "551140000000", "id": stack.record(&sent).await.provider_id });
        receive(&stack, &contacts, &[reply]).await;
        let chat = format!("chat_{typed}");
        let by_typed = history(&stack, &format!("&phone={typed}")).await;
        assert_eq!(by_typed.len(), 2, "{by_typed:?}");
        assert!(by_typed.iter().all(|row| row["chatId"] == chat.as_str()), "{by_typed:?}");
        for query in [format!("phone={wa_id}"), format!("chatId=chat_{typed}"), format!("chatId=chat_{wa_id}")] {
            assert_eq!(history(&stack, &format!("&{query}")).await, by_typed, "{query}");
        }
        let reply = by_typed.iter().find(|row| row["direction"] == "inbound").expect("the reply");
        let call = stack.webhook.wait_for(reply["messageId"].as_str().expect("an id"), "message.received").await;
        let data = &call.json["data"];
        assert_eq!((&data["chatId"], &data["from"]), (&json!(chat), &json!(wa_id)));
        assert_eq!(data["context"]["messageId"], json!(sent), "the message that it answers");
        // The list of the instance names the same conversation.
        let all = history(&stack, "").await;
        let of_person = all.iter().filter(|row| row["chatId"] == chat.as_str()).count();
        assert_eq!(of_person, 2);
    }
}

#[tokio::test]
async fn a_person_who_gives_a_phone_number_later_stays_in_one_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    let profile = json!([{ "profile": { "name": "Ana", "username": "@ana" }, "user_id": USER }]);
    receive(&stack, &profile, &[text("wamid.1", &json!({ "from_user_id": USER }))]).await;
    assert_eq!(items(&stack).await.len(), 1, "who has written has an item, also with one alias");
    let answer = stack.send(json!({ "instanceId": "inst_abc123", "to": USER, "message": "hello" })).await;
    stack.wait_for_status(&answer, "read").await;
    receive(&stack, &Value::Null, &[from("wamid.2", PHONE, USER)]).await;
    let sent = stack.send_text(PHONE, "thank you").await;
    stack.wait_for_status(&sent, "read").await;
    let rows = history(&stack, &format!("&phone={PHONE}")).await;
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows.iter().all(|row| row["chatId"] == format!("chat_{USER}").as_str()), "the older one stays: {rows:?}");
    for query in [format!("userId={USER}"), format!("chatId=chat_{USER}"), format!("chatId=chat_{PHONE}")] {
        assert_eq!(history(&stack, &format!("&{query}")).await, rows, "{query}");
    }
    let second = rows.iter().find(|row| row["providerId"] == "wamid.2").expect("a row");
    let call = stack.webhook.wait_for(second["messageId"].as_str().expect("an id"), "message.received").await;
    assert_eq!(call.json["data"]["chatId"], json!(format!("chat_{USER}")), "at once");
}

#[tokio::test]
async fn another_alias_of_a_known_person_is_published_once() {
    let (stack, receiver) = (TestStack::start(PROGRAM).await, WebhookReceiver::start().await);
    stack.webhook_for(&receiver, &["contact.updated"]).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, "BR.1")]).await; // nothing was known of the person before
    let change = |user: &str, previous: &str| {
        let system = json!({ "type": "user_changed_user_id", "user_id": user, "previous_user_id": previous });
        changed(&format!("wamid.{user}"), &json!({ "from": PHONE }), system)
    };
    for _ in 0..2 {
        receive(&stack, &Value::Null, &[change("BR.2", "BR.1")]).await; // repeated by WhatsApp
    }
    receive(&stack, &Value::Null, &[change("BR.3", "BR.2")]).await;
    let calls = receiver.wait_for_calls(2).await;
    let named = calls.iter().map(|call| {
        let data = &call.json["data"];
        assert_eq!((call.event(), &data["chatId"]), ("contact.updated", &json!(format!("chat_{PHONE}"))));
        serde_json::from_value::<BTreeSet<String>>(data["aliases"].clone()).expect("a list")
    });
    let expected = [set([PHONE, "BR.1", "BR.2"]), set([PHONE, "BR.1", "BR.2", "BR.3"])];
    assert_eq!(named.collect::<BTreeSet<_>>(), expected.into(), "events come in any order");
}

#[tokio::test]
async fn a_system_message_that_an_identity_has_changed_adds_the_new_one() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, "BR.1")]).await;
    let moved = json!({ "type": "user_changed_number", "body": "User A changed from B to C", "wa_id": NEW_PHONE,
        "user_id": "BR.2", "previous_user_id": "BR.1", "parent_user_id": "BR.ENT.2" });
    receive(&stack, &Value::Null, &[changed("wamid.2", &json!({ "from": PHONE }), moved)]).await;
    receive(&stack, &Value::Null, &[from("wamid.3", NEW_PHONE, "BR.2")]).await;
    let renamed = json!({ "type": "user_changed_user_id", "body": "User A changed their user ID", "user_id": "BR.3" });
    let without_phone = json!({ "from": "", "from_user_id": "BR.2" });
    receive(&stack, &Value::Null, &[changed("wamid.4", &without_phone, renamed)]).await;
    receive(&stack, &Value::Null, &[text("wamid.5", &json!({ "from_user_id": "BR.3" }))]).await;
    let all = set([PHONE, NEW_PHONE, "BR.1", "BR.2", "BR.3", "BR.ENT.2"]);
    assert_eq!(person(&stack, "BR.3").await, (PHONE.to_owned(), all));
    let rows = history(&stack, "&userId=BR.3").await;
    assert_eq!((rows.len(), &rows[0]["chatId"]), (5, &json!(format!("chat_{PHONE}"))));
    assert_eq!(rows, history(&stack, &format!("&phone={PHONE}")).await);
    assert_eq!(rows, history(&stack, &format!("&phone={NEW_PHONE}")).await);
}

#[tokio::test]
async fn two_contacts_that_turn_out_to_be_one_keep_the_older_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.new", NEW_PHONE, "BR.2")]).await;
    let older = text("wamid.old", &json!({ "from": PHONE, "from_user_id": "BR.1", "timestamp": "1750000000" }));
    receive(&stack, &Value::Null, &[older]).await;
    // Both are known since now, and the table says of neither how old the conversation is.
    let moved =
        json!({ "type": "user_changed_number", "wa_id": NEW_PHONE, "user_id": "BR.2", "previous_user_id": "BR.1" });
    receive(&stack, &Value::Null, &[changed("wamid.moved", &json!({ "from": PHONE }), moved)]).await;
    let (chat, aliases) = person(&stack, "BR.2").await;
    assert_eq!((chat.as_str(), aliases), (NEW_PHONE, set([PHONE, NEW_PHONE, "BR.1", "BR.2"])));

    // Two without items: their records say which is older.
    let users = ["BR.7", "BR.8"];
    for (user, at) in users.iter().zip(["1760000000", "1750000000"]) {
        let message = text(&format!("wamid.{user}"), &json!({ "from_user_id": user, "timestamp": at }));
        receive(&stack, &Value::Null, &[message]).await;
    }
    let renamed = json!({ "type": "user_changed_user_id", "user_id": "BR.8" });
    receive(&stack, &Value::Null, &[changed("wamid.same", &json!({ "from_user_id": "BR.7" }), renamed)]).await;
    assert_eq!(person(&stack, "BR.7").await.0, "BR.8");
    let rows = history(&stack, "&chatId=chat_BR.7").await;
    assert!(rows.len() == 3 && rows.iter().all(|row| row["chatId"] == "chat_BR.8"), "{rows:?}");
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().expect("rows");
    rows.iter().map(|row| row["providerId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn pages_of_a_merged_history_are_stable_both_ways_while_messages_arrive() {
    let stack = TestStack::start(PROGRAM).await;
    let renamed = json!({ "type": "user_changed_user_id", "user_id": "BR.2", "previous_user_id": "BR.1" });
    let both = json!({ "from": PHONE, "from_user_id": "BR.1" });
    let mut first = changed("wamid.00", &both, renamed);
    first["timestamp"] = json!("1760000000");
    receive(&stack, &Value::Null, &[first]).await;
    let sender = |number: usize| match number % 3 {
        0 => json!({ "from": PHONE }),
        1 => json!({ "from_user_id": "BR.1" }),
        _ => json!({ "from_user_id": "BR.2" }),
    };
    let at = |number: usize| {
        let mut message = text(&format!("wamid.{number:02}"), &sender(number));
        message["timestamp"] = json!((1_760_000_000 + number).to_string());
        message
    };
    for number in 1..10 {
        receive(&stack, &Value::Null, &[at(number)]).await;
    }
    let page = async |query: &str| {
        let path = format!("GET /v1/messages?instanceId=inst_abc123&userId=BR.2&limit=4{query}");
        let (status, page) = stack.call(&path, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        page
    };
    let names = |numbers: &[usize]| numbers.iter().map(|number| format!("wamid.{number:02}")).collect::<Vec<_>>();
    let newest = page("").await;
    assert_eq!(ids(&newest), names(&[9, 8, 7, 6]));
    receive(&stack, &Value::Null, &[at(10), at(11)]).await;
    let cursor = |page: &Value| page["pagination"]["nextCursor"].as_str().expect("a cursor").to_owned();
    let second = page(&format!("&before={}", cursor(&newest))).await;
    assert_eq!(ids(&second), names(&[5, 4, 3, 2]));
    let last = page(&format!("&before={}", cursor(&second))).await;
    assert_eq!((ids(&last), &last["pagination"]["hasMore"]), (names(&[1, 0]), &json!(false)));
    let oldest = last["data"][1]["messageId"].as_str().expect("an id");
    let up = page(&format!("&after={oldest}")).await;
    assert_eq!(ids(&up), names(&[4, 3, 2, 1]));
    let up = page(&format!("&after={}", cursor(&up))).await;
    assert_eq!(ids(&up), names(&[8, 7, 6, 5]));
    let up = page(&format!("&after={}", cursor(&up))).await;
    assert_eq!((ids(&up), &up["pagination"]["hasMore"]), (names(&[11, 10, 9]), &json!(false)));
}

#[tokio::test]
async fn records_of_an_earlier_version_are_in_the_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[text("wamid.old", &json!({ "from": PHONE }))]).await;
    let old = history(&stack, &format!("&phone={PHONE}")).await.remove(0);
    let old: MessageId = old["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    receive(&stack, &Value::Null, &[from("wamid.new", PHONE, USER)]).await;
    // An old process, which knows no contacts, goes on beside the new one.
    let mut message = Message { id: MessageId::generate(), nonce: "n".to_owned(), ..stack.record(&old).await };
    message.contact = USER.parse().expect("an alias");
    message.conversation = conversation_key(&message.instance_id, USER);
    message.history_key = history_key(message.created_at, &message.id);
    assert!(stack.messages.insert(&message).await.expect("the table takes it").is_applied());
    let rows = history(&stack, &format!("&userId={USER}")).await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows.iter().all(|row| row["chatId"] == format!("chat_{PHONE}").as_str()), "{rows:?}");
}

#[tokio::test]
async fn a_contact_that_is_used_outlives_its_messages_and_is_seldom_written() {
    let stack = TestStack::start(PROGRAM).await;
    let seen = async |id: &str| {
        receive(&stack, &Value::Null, &[from(id, PHONE, USER)]).await;
        let mut items: Vec<String> =
            items(&stack).await.iter().map(|item| format!("{:?}{:?}", item["version"], item["expiresAt"])).collect();
        items.sort();
        items.dedup();
        items
    };
    let first = seen("wamid.1").await;
    assert_eq!(first.len(), 1, "one version and one end: {first:?}");
    stack.pass(29 * DAY);
    assert_eq!(seen("wamid.2").await, first);
    stack.pass(2 * DAY);
    let later = seen("wamid.3").await;
    assert!(later.len() == 1 && later != first, "{later:?}");
    stack.pass(200 * DAY);
    receive(&stack, &Value::Null, &[text("wamid.4", &json!({ "from_user_id": USER }))]).await;
    assert_eq!(
        person(&stack, USER).await.1,
        set([USER]),
        "what has expired is gone, also while the table still has it"
    );
    receive(&stack, &Value::Null, &[from("wamid.5", PHONE, USER)]).await;
    assert_eq!(person(&stack, USER).await.1, set([PHONE, USER]));
}
