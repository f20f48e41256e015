//! A number that moves between instances and accounts: inbound messages go to its owner at that time, nobody frees another
//! owner's number, and nobody holds a number without being able to free it.

use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::instance::FreedNumber;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// The number that moves.
const NUMBER: &str = "2001";
/// Another number of the first owner's.
const OTHER_NUMBER: &str = "2003";
/// The simulator answers a message to this number as to one with an invalid token.
const TOKEN_IS_DEAD: &str = "1555000190";

/// A tenant with an instance.
struct Tenant<'a> {
    stack: &'a TestStack,
    key: String,
    instance: String,
}

impl<'a> Tenant<'a> {
    async fn new(stack: &'a TestStack) -> Self {
        let account = stack.open_account(Plan::Pro, 100).await;
        let key = stack.key(&account, Scope::ALL, None).await;
        let (_, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Support" })).await;
        let instance = created["data"]["id"].as_str().expect("an id").to_owned();
        Self { stack, key, instance }
    }

    /// Calls an endpoint of the instance, as in `call("POST", "/connect", body)`.
    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.stack.call_as(&self.key, &format!("{method} /v1/instances/{}{path}", self.instance), body).await
    }

    async fn connect(&self, number: &str) -> u16 {
        let body =
            json!({ "method": "official", "businessId": "1", "phoneNumberId": number, "accessToken": "EAAG-good" });
        self.call("POST", "/connect", body).await.0
    }

    async fn disconnect(&self) -> u16 {
        self.call("POST", "/disconnect", Value::Null).await.0
    }

    /// Sends a message that WhatsApp answers as with an invalid token.
    async fn lose_the_token(&self) {
        let body = json!({ "instanceId": self.instance, "to": TOKEN_IS_DEAD, "message": "hi" });
        let (status, sent) = self.stack.call_as(&self.key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{sent}");
        let is_stopped = || async {
            let (_, shown) = self.call("GET", "/status", Value::Null).await;
            (shown["data"]["status"] == "disconnected").then_some(())
        };
        tests::wait::eventually("the instance to be disconnected", is_stopped).await;
    }

    /// The texts that the instance has received, sorted.
    async fn received(&self) -> Vec<String> {
        let path = format!("GET /v1/messages?instanceId={}&phone=5511900000009", self.instance);
        let (status, page) = self.stack.call_as(&self.key, &path, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let rows = page["data"].as_array().expect("rows").iter();
        let mut texts: Vec<_> = rows.map(|row| row["content"].as_str().expect("a text").to_owned()).collect();
        texts.sort();
        texts
    }

    async fn owns(&self, number: &str) -> bool {
        let owner = self.stack.accounts.number_owner(number).await.expect("the table answers");
        owner.is_some_and(|owner| owner.instance_id.as_str() == self.instance)
    }
}

/// A callback with a text to a number.
fn inbound(number: &str, text: &str) -> String {
    let now = shared::clock::now().secs().to_string(); // a record of an old message would expire at once
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "551140000000", "phone_number_id": number },
        "messages": [{ "from": "5511900000009", "id": format!("wamid.{text}"), "timestamp": now, "type": "text",
            "text": { "body": text } }],
    }}]}]})
    .to_string()
}

#[tokio::test]
async fn inbound_messages_go_to_the_account_that_a_number_has_moved_to() {
    let stack = TestStack::start(PROGRAM).await;
    let (old, new) = (Tenant::new(&stack).await, Tenant::new(&stack).await);
    assert_eq!(old.connect(NUMBER).await, 200);
    assert_eq!(stack.post_callback(&inbound(NUMBER, "first"), None).await, 200);
    assert_eq!((old.disconnect().await, new.connect(NUMBER).await), (200, 200));
    assert_eq!(stack.post_callback(&inbound(NUMBER, "second"), None).await, 200);
    assert_eq!((old.received().await, new.received().await), (vec!["first".to_owned()], vec!["second".to_owned()]));
}

#[tokio::test]
async fn a_callback_of_a_number_between_owners_is_repeated_until_it_has_one() {
    let stack = TestStack::start(PROGRAM).await;
    let (old, new) = (Tenant::new(&stack).await, Tenant::new(&stack).await);
    assert_eq!(stack.post_callback(&inbound(NUMBER, "never connected"), None).await, 200);
    assert_eq!(old.connect(NUMBER).await, 200);
    assert_eq!(stack.post_callback(&inbound(NUMBER, "connected"), None).await, 200);
    assert_eq!(old.disconnect().await, 200);
    let disconnected = inbound(NUMBER, "disconnected");
    assert_eq!(stack.post_callback(&disconnected, None).await, 500);
    assert_eq!(old.connect(NUMBER).await, 200);
    assert_eq!(stack.post_callback(&disconnected, None).await, 200);
    assert_eq!(old.received().await, ["connected", "disconnected"]);

    assert_eq!(old.call("DELETE", "", Value::Null).await.0, 204);
    let deleted = inbound(NUMBER, "deleted");
    assert_eq!(stack.post_callback(&deleted, None).await, 500);
    assert_eq!(new.connect(NUMBER).await, 200);
    assert_eq!(stack.post_callback(&deleted, None).await, 200);
    assert_eq!(new.received().await, ["deleted"]);

    new.lose_the_token().await;
    assert_eq!(stack.post_callback(&inbound(NUMBER, "stopped"), None).await, 200);
    assert_eq!(new.connect(OTHER_NUMBER).await, 200);
    let left = inbound(NUMBER, "left");
    assert_eq!(stack.post_callback(&left, None).await, 500);
    stack.pass(FreedNumber::BETWEEN_OWNERS - Duration::from_secs(60));
    assert_eq!(stack.post_callback(&left, None).await, 500);
    stack.pass(Duration::from_secs(61));
    assert_eq!(stack.post_callback(&left, None).await, 200, "nobody has connected it");
    assert_eq!(new.received().await, ["deleted", "stopped"]);
}

#[tokio::test]
async fn an_own_app_secret_signs_nothing_of_a_number_that_has_moved() {
    let stack = TestStack::start(PROGRAM).await;
    let (old, new) = (Tenant::new(&stack).await, Tenant::new(&stack).await);
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": NUMBER, "accessToken": "EAAG-theirs",
        "appSecret": "the secret of another app" });
    assert_eq!(old.call("POST", "/connect", connect).await.0, 200);
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"the secret of another app");
    let sign = |body: &str| format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
    let own = inbound(NUMBER, "own");
    assert_eq!(stack.post_callback(&own, Some(&sign(&own))).await, 200);
    assert_eq!((old.disconnect().await, new.connect(NUMBER).await), (200, 200));
    let forged = inbound(NUMBER, "forged");
    assert_eq!(stack.post_callback(&forged, Some(&sign(&forged))).await, 401);
    assert_eq!((old.received().await, new.received().await), (vec!["own".to_owned()], vec![]));
}

#[tokio::test]
async fn an_instance_whose_token_is_dead_lets_its_number_go() {
    let stack = TestStack::start(PROGRAM).await;
    let (old, new) = (Tenant::new(&stack).await, Tenant::new(&stack).await);
    assert_eq!(old.connect(NUMBER).await, 200);
    old.lose_the_token().await;
    let (_, stopped) = old.call("GET", "/status", Value::Null).await;
    assert_eq!(new.connect(NUMBER).await, 409, "it is the other instance's still");
    assert_eq!(stack.post_callback(&inbound(NUMBER, "stopped"), None).await, 200);

    let (status, freed) = old.call("POST", "/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{freed}");
    for same in ["status", "reason", "connectedAt", "disconnectedAt"] {
        assert_eq!(freed["data"][same], stopped["data"][same], "{same}: it was disconnected before");
    }
    assert_eq!(freed["data"]["phone"], Value::Null);
    assert_eq!((old.disconnect().await, new.connect(NUMBER).await), (409, 200));
    assert_eq!(stack.post_callback(&inbound(NUMBER, "moved"), None).await, 200);
    assert_eq!((old.received().await, new.received().await), (vec!["stopped".to_owned()], vec!["moved".to_owned()]));
}

/// The old owner's instance when its slow request has read it, and what it does meanwhile besides freeing the number.
#[derive(PartialEq)]
enum Old {
    Connected,
    TokenIsDead,
    ConnectsAnotherNumber,
}

/// The owners and the slow request after a move.
struct Moved<'a> {
    old: Tenant<'a>,
    new: Tenant<'a>,
    /// The status of its response.
    status: u16,
}

/// The old owner's process of `manage` is frozen before it frees the number. Meanwhile another request of the old owner
/// frees it, and the new owner connects it.
async fn move_during(proxied: &ProxiedStack, state: Old, slow: impl AsyncFn(&Tenant<'_>) -> u16) -> Moved<'_> {
    let stack = &proxied.stack;
    let (old, new) = (Tenant::new(stack).await, Tenant::new(stack).await);
    assert_eq!(old.connect(NUMBER).await, 200);
    if state == Old::TokenIsDead {
        old.lose_the_token().await;
    }
    proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        assert_eq!((old.disconnect().await, new.connect(NUMBER).await), (200, 200));
        if state == Old::ConnectsAnotherNumber {
            assert_eq!(old.connect(OTHER_NUMBER).await, 200);
        }
        proxied.dynamodb.resume();
    };
    let (status, ()) = tokio::join!(slow(&old), meanwhile);
    Moved { old, new, status }
}

async fn is_stored_for_the_new_owner(moved: &Moved<'_>) {
    assert!(moved.new.owns(NUMBER).await);
    assert_eq!(moved.new.stack.post_callback(&inbound(NUMBER, "hello"), None).await, 200);
    assert_eq!((moved.new.received().await, moved.new.disconnect().await), (vec!["hello".to_owned()], 200));
}

#[tokio::test]
async fn a_slow_delete_leaves_the_number_to_its_next_owner() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let moved = move_during(&proxied, Old::Connected, async |old| old.call("DELETE", "", Value::Null).await.0).await;
    assert_eq!((moved.status, moved.old.call("GET", "", Value::Null).await.0), (204, 404));
    is_stored_for_the_new_owner(&moved).await;
}

#[tokio::test]
async fn a_slow_disconnect_leaves_the_number_to_its_next_owner() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let moved = move_during(&proxied, Old::ConnectsAnotherNumber, async |old| old.disconnect().await).await;
    assert_eq!(
        (moved.status, moved.old.owns(OTHER_NUMBER).await),
        (409, true),
        "the other request has disconnected it"
    );
    is_stored_for_the_new_owner(&moved).await;
}

#[tokio::test]
async fn a_slow_connect_to_another_number_leaves_the_previous_one_to_its_next_owner() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let moved = move_during(&proxied, Old::TokenIsDead, async |old| old.connect(OTHER_NUMBER).await).await;
    assert!(moved.status == 200 && moved.old.owns(OTHER_NUMBER).await);
    is_stored_for_the_new_owner(&moved).await;
}

#[tokio::test]
async fn a_slow_disconnect_or_delete_leaves_no_number_of_a_later_connection_behind() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    for slow in ["disconnect", "delete"] {
        let (old, new) = (Tenant::new(stack).await, Tenant::new(stack).await);
        assert_eq!(old.connect(NUMBER).await, 200);
        proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
        let meanwhile = async {
            proxied.dynamodb.wait_until_frozen().await;
            assert_eq!((old.disconnect().await, old.connect(OTHER_NUMBER).await), (200, 200));
            proxied.dynamodb.resume();
        };
        let request = async {
            if slow == "delete" { old.call("DELETE", "", Value::Null).await.0 } else { old.disconnect().await }
        };
        let (status, ()) = tokio::join!(request, meanwhile);
        if slow == "disconnect" {
            assert_eq!((status, old.owns(OTHER_NUMBER).await, old.disconnect().await), (409, true, 200));
        } else {
            assert_eq!(status, 204);
        }
        assert_eq!((new.connect(OTHER_NUMBER).await, new.disconnect().await), (200, 200), "{slow}");
    }
}

#[tokio::test]
async fn an_instance_frees_no_number_that_belongs_to_another() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Pro, 100).await;
    // As old versions of Pombo could leave it: the record of the instance names a number that is another instance's.
    stack.copy_instance_to(&account, "inst_copy").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let (status, _) = stack.call_as(&key, "POST /v1/instances/inst_copy/disconnect", Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(stack.call_as(&key, "DELETE /v1/instances/inst_copy", Value::Null).await.0, 204);
    let number = stack.instance().await.number.expect("a number");
    let owner = stack.accounts.number_owner(&number.id).await.expect("the table answers").expect("an owner");
    assert_eq!(owner.instance_id, stack.customer.instance_id);
}
