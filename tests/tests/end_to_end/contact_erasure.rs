//! The erasure of a person: through any alias, in every conversation and group, and of the contact itself.

use std::time::Duration;

use serde_json::{Value, json};
use shared::message::State;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::contacts::{OTHER_WA_IDS, from, items, person, wait_until_joined};
use crate::people::{USER, callback, history, receive, text};

const PHONE: &str = "5511911110051";
const GROUP: &str = "Y2FwaV9ncm91cDox";

/// Items of all tables that contain a text.
async fn items_with(stack: &TestStack, text: &str) -> usize {
    let mut count = 0;
    for table in ["Messages", "Accounts", "Contacts"] {
        let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables[table]).send().await;
        count +=
            scan.expect("the table answers").items().iter().filter(|item| format!("{item:?}").contains(text)).count();
    }
    count
}

fn erased(count: usize) -> Value {
    json!({ "erased": count, "remaining": 0 })
}

#[tokio::test]
async fn an_erasure_through_any_alias_leaves_nothing_of_the_person() {
    let stack = TestStack::start(PROGRAM).await;
    for (number, (typed, wa_id)) in OTHER_WA_IDS.into_iter().enumerate() {
        let sent = stack.send_text(typed, "Pedido 12 saiu").await;
        stack.wait_for_status(&sent, "read").await;
        receive(&stack, &Value::Null, &[text(&format!("wamid.R{number}"), &json!({ "from": wa_id }))]).await;
        let aliases = wait_until_joined(&stack, typed, 3).await;
        let user = aliases.iter().find(|alias| alias.contains('.')).expect("a user id").clone();
        receive(&stack, &Value::Null, &[text(&format!("wamid.S{number}"), &json!({ "from_user_id": user }))]).await;
        let through = [typed, wa_id, user.as_str()][number];
        assert_eq!(stack.erase(through).await, erased(3), "through {through}");
        for alias in &aliases {
            assert_eq!(items_with(&stack, alias).await, 0, "{alias} after an erasure through {through}");
        }
        assert_eq!(stack.erase(typed).await, erased(0));
    }
}

#[tokio::test]
async fn a_person_who_began_without_a_phone_number_is_erased_by_it() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[text("wamid.1", &json!({ "from_user_id": USER }))]).await;
    let answer = stack.send(json!({ "instanceId": "inst_abc123", "to": USER, "message": "hello" })).await;
    stack.wait_for_status(&answer, "read").await;
    receive(&stack, &Value::Null, &[from("wamid.2", PHONE, USER)]).await;
    assert_eq!(history(&stack, &format!("&phone={PHONE}")).await.len(), 3, "one conversation");
    assert_eq!(stack.erase(PHONE).await, erased(3));
    assert_eq!((items_with(&stack, USER).await, items_with(&stack, PHONE).await), (0, 0));
}

#[tokio::test]
async fn what_a_person_wrote_in_groups_is_erased_and_what_others_wrote_is_not() {
    let stack = TestStack::start(PROGRAM).await;
    let in_group = |id: &str, sender: Value| {
        let mut message = text(id, &sender);
        message["group_id"] = json!(GROUP);
        message
    };
    let known = in_group("wamid.G1", json!({ "from": PHONE, "from_user_id": USER }));
    let alone = in_group("wamid.G2", json!({ "from": "5511911110052" }));
    let without_phone = in_group("wamid.G3", json!({ "from_user_id": USER }));
    receive(&stack, &Value::Null, &[known, alone, without_phone]).await;
    let chat = format!("&chatId=chat_group.{GROUP}");
    let rows = history(&stack, &chat).await;
    assert!(
        rows.len() == 3 && rows.iter().all(|row| row["chatId"] == format!("chat_group.{GROUP}").as_str()),
        "{rows:?}"
    );
    assert_eq!(history(&stack, &format!("&userId={USER}")).await.len(), 0, "the group's, not the person's");
    assert_eq!(stack.erase(USER).await, erased(2));
    assert_eq!(items_with(&stack, PHONE).await, 0);
    let left = history(&stack, &chat).await;
    assert_eq!((left.len(), &left[0]["providerId"]), (1, &json!("wamid.G2")));
    assert_eq!(stack.erase("5511911110052").await, erased(1), "one with one alias as well");
    assert!(items(&stack).await.is_empty());
}

#[tokio::test]
async fn the_contact_stays_while_a_message_of_it_may_still_be_sent() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.1", "15550100001", USER)]).await;
    stack.send_text("15550100001", "hangs").await;
    stack.wait_for_asked(1).await;
    assert_eq!(stack.erase(USER).await, json!({ "erased": 1, "remaining": 1 }));
    assert_eq!(person(&stack, USER).await.1.len(), 2);
    receive(&stack, &Value::Null, &[from("wamid.2", "15550100001", USER)]).await;
    assert_eq!(history(&stack, &format!("&userId={USER}")).await.len(), 2, "what comes in meanwhile is of the person");
}

#[tokio::test]
async fn a_deleted_instances_people_are_erased_under_all_aliases() {
    let stack = TestStack::start(PROGRAM).await;
    receive(&stack, &Value::Null, &[from("wamid.1", PHONE, USER)]).await;
    assert_eq!(stack.call("DELETE /v1/instances/inst_abc123", Value::Null).await.0, 204);
    assert_eq!(stack.erase(USER).await, erased(1));
    assert_eq!((items_with(&stack, PHONE).await, items(&stack).await.len()), (0, 0));
}

#[tokio::test]
async fn a_user_id_that_is_none_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("DELETE /v1/admin/accounts/{}/users/5511999999999", stack.customer.account_id);
    let (status, answer) = stack.operate(&path, Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("userId")), "{answer}");
}

#[tokio::test]
async fn a_callback_that_comes_while_the_contact_is_deleted_is_erased_too() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    receive(stack, &Value::Null, &[from("wamid.1", PHONE, USER)]).await;
    // The mark, the tombstone, and then the deletion.
    proxied.dynamodb.inject([FaultAt("manage", "TransactWriteItems", 3, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        receive(stack, &Value::Null, &[from("wamid.2", PHONE, "BR.77")]).await;
        proxied.dynamodb.resume();
    };
    let (answer, ()) = tokio::join!(stack.erase(PHONE), meanwhile);
    assert_eq!(answer, erased(2));
    for alias in [PHONE, USER, "BR.77"] {
        assert_eq!(items_with(stack, alias).await, 0, "{alias}");
    }
}

#[tokio::test]
async fn a_message_right_after_an_erasure_is_found_by_all_aliases() {
    let stack = TestStack::start(PROGRAM).await;
    for id in ["wamid.1", "wamid.2"] {
        receive(&stack, &Value::Null, &[from(id, PHONE, USER)]).await; // now the process knows the contact
    }
    assert_eq!(stack.erase(PHONE).await, erased(2));
    receive(&stack, &Value::Null, &[from("wamid.3", PHONE, USER)]).await;
    assert_eq!(history(&stack, &format!("&userId={USER}")).await.len(), 1);
    assert_eq!(stack.erase(USER).await, erased(1));
    assert_eq!(items_with(&stack, PHONE).await, 0);
}

#[tokio::test]
async fn a_repeated_callback_of_an_erased_message_brings_no_contact_back() {
    let stack = TestStack::start(PROGRAM).await;
    let message = from("wamid.1", PHONE, USER);
    receive(&stack, &Value::Null, std::slice::from_ref(&message)).await;
    assert_eq!(stack.erase(PHONE).await, erased(1));
    receive(&stack, &Value::Null, &[message]).await;
    assert_eq!((items_with(&stack, PHONE).await, items(&stack).await.len()), (0, 0));
}

#[tokio::test]
async fn a_record_that_is_written_after_its_contact_was_erased_is_found_by_all_aliases() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    receive(stack, &Value::Null, &[from("wamid.1", PHONE, USER)]).await;
    stack.pass(Duration::from_secs(10)); // or the process would rely on what it has just read
    proxied.dynamodb.inject([FaultAt("receive", "PutItem", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        assert_eq!(stack.erase(USER).await, erased(1));
        assert!(items(stack).await.is_empty());
        proxied.dynamodb.resume();
    };
    let held = callback(&Value::Null, &[from("wamid.2", PHONE, USER)]);
    let (answer, ()) = tokio::join!(stack.post_callback(&held, None), meanwhile);
    assert_eq!(answer, 200);
    assert_eq!(history(stack, &format!("&userId={USER}")).await.len(), 1, "it came after the erasure");
    assert_eq!(stack.erase(USER).await, erased(1));
    assert_eq!(items_with(stack, PHONE).await, 0);
}

/// People whom WhatsApp knows under several aliases, some of whom are erased at that moment.
pub async fn erase_people_with_aliases(proxied: &ProxiedStack) {
    for (function, to) in [("receive", "5511900000001"), ("deliver", "5531987650001")] {
        erase_while_joining(proxied, function, to).await;
    }
    for to in ["553187650001", "5531987650001"] {
        let sent = proxied.stack.send_text(to, "hello").await;
        proxied.stack.wait_for_status(&sent, "read").await;
    }
    proxied.stack.erase("553187650001").await;
}

/// A message that is erased while its answer, or its first status, is joined by a function.
pub async fn erase_while_joining(proxied: &ProxiedStack, function: &'static str, to: &str) {
    let stack = &proxied.stack;
    let undone = || stack.logs().matches("contact.undone").count();
    let before = undone();
    let mut is_first = true;
    proxied.dynamodb.set_faults(move |call, _| match (call.caller == function, call.operation.as_str()) {
        (true, "TransactWriteItems") if std::mem::take(&mut is_first) => Fault::FreezeBefore,
        // The statuses are repeated until the erasure.
        (false, "TransactWriteItems") if call.caller == "receive" => Fault::Unavailable,
        _ => Fault::None,
    });
    let id = stack.send_text(to, "hello").await;
    proxied.dynamodb.wait_until_frozen().await;
    stack.wait_for_state(&id, State::Sent).await;
    assert_eq!(stack.erase(to).await, erased(1));
    proxied.dynamodb.resume();
    eventually("the contact to be removed", || async { (undone() > before).then_some(()) }).await;
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    stack.wait_until_idle(function).await;
}

#[tokio::test]
async fn a_contact_of_a_message_that_was_erased_meanwhile_is_not_made() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    for (function, to) in [("receive", PHONE), ("deliver", OTHER_WA_IDS[0].0)] {
        erase_while_joining(&proxied, function, to).await;
        proxied.stack.wait_until_idle("receive").await;
        let is_gone = || async { items(&proxied.stack).await.is_empty().then_some(()) };
        eventually(&format!("no contact of what {function} joined"), is_gone).await;
        assert_eq!(items_with(&proxied.stack, to).await, 0, "{function}");
    }
}
