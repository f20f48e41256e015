//! Joins of aliases at the same time, and joins that break off: the contact is whole in the end, and no alias is lost.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{EVERY_ATTEMPT, FaultAt};
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;
use crate::account_callbacks::{Tenant, own};
use crate::contacts::{from, items, person, wait_until_joined};
use crate::people::{NUMBER, callback, history};

const PHONE: &str = "5511911110031";

fn all(phones: &[&str], users: usize) -> BTreeSet<String> {
    phones.iter().map(|phone| (*phone).to_owned()).chain((0..users).map(|user| format!("BR.{user}"))).collect()
}

/// A number as somebody types it who has another one at WhatsApp.
pub const TYPED: &str = "525512345678";

/// `deliver` finds another alias of somebody who has written in WhatsApp's answer, before any callback names it.
pub async fn join_by_the_answer(stack: &TestStack) {
    let wa_id = "5215512345678";
    stack.whatsapp().callbacks().silence();
    assert_eq!(stack.post_callback(&callback(&Value::Null, &[from("wamid.wrote", wa_id, "MX.1")]), None).await, 200);
    stack.send_text(TYPED, "hello").await;
    assert_eq!(wait_until_joined(stack, TYPED, 3).await, [TYPED, wa_id, "MX.1"].map(str::to_owned).into());
}

#[tokio::test]
async fn joins_at_the_same_time_make_one_contact_of_all() {
    let stack = TestStack::start(PROGRAM).await;
    let phones = ["5511911110032", "5511911110033", "5511911110034"];
    // A chain: each callback shares one alias with the next one, so that contacts of any size meet.
    let pairs = (0..5).flat_map(|user| [(user, user % 3), (user, (user + 1) % 3)]);
    let bodies: Vec<String> = pairs
        .enumerate()
        .map(|(id, (user, phone))| {
            callback(&Value::Null, &[from(&format!("wamid.{id}"), phones[phone], &format!("BR.{user}"))])
        })
        .collect();
    let answers = join_all(bodies.iter().map(|body| stack.post_callback(body, None))).await;
    for (body, answer) in bodies.iter().zip(answers) {
        // What met too many others is repeated, as by WhatsApp.
        assert!(answer == 200 || stack.post_callback(body, None).await == 200, "{body}");
    }
    assert_eq!(person(&stack, "BR.3").await.1, all(&phones, 5));
    assert_eq!(items(&stack).await.len(), 8);
    let rows = history(&stack, "&userId=BR.4").await;
    let chats: BTreeSet<&str> = rows.iter().map(|row| row["chatId"].as_str().expect("a text")).collect();
    assert_eq!((rows.len(), chats.len()), (10, 1));
}

#[tokio::test]
async fn a_join_that_is_overtaken_by_another_keeps_both() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    for (phone, known) in [("5511911110040", false), ("5511911110041", true)] {
        let user = |number: usize| format!("BR.{phone}{number}");
        let joins =
            |number: usize| callback(&Value::Null, &[from(&format!("wamid.{}", user(number)), phone, &user(number))]);
        if known {
            assert_eq!(stack.post_callback(&joins(0), None).await, 200);
        }
        proxied.dynamodb.inject([FaultAt("receive", "TransactWriteItems", 1, &[Fault::FreezeBefore])]);
        let meanwhile = async {
            proxied.dynamodb.wait_until_frozen().await;
            assert_eq!(stack.post_callback(&joins(2), None).await, 200);
            proxied.dynamodb.resume();
        };
        let held = joins(1);
        let (answer, ()) = tokio::join!(stack.post_callback(&held, None), meanwhile);
        assert_eq!(answer, 200);
        let users = (usize::from(!known)..3).map(user);
        assert_eq!(person(stack, phone).await.1, users.chain([phone.to_owned()]).collect::<BTreeSet<_>>());
    }
}

#[tokio::test]
async fn a_join_that_is_overtaken_between_its_reads_reads_again() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let post = async |message: Value| stack.post_callback(&callback(&Value::Null, &[message]), None).await;
    for read in 1..=7 {
        let (phone, user, older) = (format!("551191111100{read}"), format!("BR.5{read}"), format!("BR.6{read}"));
        let mut first = from(&format!("wamid.{read}.1"), &format!("551192222200{read}"), &older);
        first["timestamp"] = json!("1750000000");
        assert_eq!(post(first).await, 200);
        assert_eq!(post(from(&format!("wamid.{read}.2"), &phone, &user)).await, 200);
        proxied.dynamodb.inject([FaultAt("receive", "GetItem", read, &[Fault::FreezeAfter])]);
        let mut held = std::pin::pin!(post(from(&format!("wamid.{read}.4"), &phone, &older)));
        let answer = tokio::select! {
            answer = &mut held => answer, // a process that knows more reads less
            () = proxied.dynamodb.wait_until_frozen() => {
                assert_eq!(post(from(&format!("wamid.{read}.3"), &phone, &older)).await, 200);
                proxied.dynamodb.resume();
                held.await
            }
        };
        proxied.dynamodb.set_faults(|_, _| Fault::None);
        assert_eq!(answer, 200);
        assert_eq!(post(from(&format!("wamid.{read}.3"), &phone, &older)).await, 200);
        assert_eq!(person(stack, &phone).await.1.len(), 4, "read {read}");
        assert_eq!(history(stack, &format!("&userId={user}")).await.len(), 4, "read {read}");
    }
}

#[tokio::test]
async fn a_join_that_breaks_off_at_any_call_is_made_by_the_repeated_callback() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let faults = [Fault::KillBefore, Fault::KillAfter, Fault::DropAfter];
    let calls = [("GetItem", 4), ("GetItem", 5), ("Query", 1), ("Query", 2), ("TransactWriteItems", 1), ("PutItem", 1)];
    let places = calls.iter().flat_map(|call| faults.map(|fault| (*call, fault)));
    for (round, ((operation, number), fault)) in places.enumerate() {
        let (phone, user) = (format!("55119222200{round:02}"), format!("BR.9{round}"));
        let body = callback(&Value::Null, &[from(&format!("wamid.{round}"), &phone, &user)]);
        let fault: &'static [Fault] = Box::leak(Box::new([fault]));
        proxied.dynamodb.inject([FaultAt("receive", operation, number, fault)]);
        if stack.post_callback(&body, None).await != 200 {
            assert_eq!(stack.post_callback(&body, None).await, 200);
        }
        assert_eq!(
            person(stack, &user).await.1,
            BTreeSet::from([phone.clone(), user.clone()]),
            "{operation} {fault:?}"
        );
        assert_eq!(history(stack, &format!("&userId={user}")).await.len(), 1, "{operation} {fault:?}");
    }
}

#[tokio::test]
async fn the_answer_to_a_message_names_an_alias_before_any_callback_does() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.dynamodb.set_faults(|call, _| {
        let is_join = call.caller == "receive" && call.operation == "TransactWriteItems";
        if is_join { Fault::Unavailable } else { Fault::None }
    });
    stack.send_text("5531987650001", "hello").await;
    let aliases = wait_until_joined(stack, "553187650001", 2).await;
    assert_eq!(aliases, ["5531987650001", "553187650001"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_status_whose_aliases_could_not_be_joined_is_repeated() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    proxied.dynamodb.set_faults(|call, _| {
        let is_join = call.caller == "receive" && call.operation == "TransactWriteItems";
        if is_join { Fault::Unavailable } else { Fault::None }
    });
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "sent").await;
    let failed = || async { stack.logs().contains("callback.store_failed").then_some(()) };
    eventually("a callback that is not acknowledged", failed).await;
    assert!(items(stack).await.is_empty());
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    stack.pass(std::time::Duration::from_secs(5)); // the simulator repeats it
    stack.wait_for_status(&id, "read").await;
    let (chat, aliases) = person(stack, PHONE).await;
    assert_eq!((chat.as_str(), aliases.len()), (PHONE, 2));
}

#[tokio::test]
async fn a_table_of_contacts_that_does_not_answer_changes_nothing_about_a_message() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let first = stack.send_text(PHONE, "so that the process knows the instance").await;
    stack.wait_for_status(&first, "read").await;
    proxied.dynamodb.inject([FaultAt("deliver", "GetItem", 1, &[Fault::Unavailable; EVERY_ATTEMPT])]);
    let id = stack.send(json!({ "instanceId": "inst_abc123", "to": "5531987650001", "message": "hello" })).await;
    stack.wait_for_status(&id, "read").await;
    let failed = || async { stack.logs().contains("contact.join_failed").then_some(()) };
    eventually("the join to be given up", failed).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2);
    assert_eq!(person(stack, "553187650001").await.1.len(), 3, "the statuses named the aliases again");
}

#[tokio::test]
async fn a_circle_of_aliases_is_one_contact_while_its_history_is_read() {
    let stack = TestStack::start(PROGRAM).await;
    let (phones, users) = (["5511911110061", "5511911110062", "5511911110063"], ["BR.61", "BR.62", "BR.63"]);
    let mut names = BTreeSet::new();
    for (round, (phone, user)) in phones.iter().zip(users).enumerate() {
        for number in 0..4 {
            let name = format!("wamid.{round}.{number}");
            let message = from(&name, phone, user);
            assert_eq!(stack.post_callback(&callback(&Value::Null, &[message]), None).await, 200);
            names.insert(name);
        }
    }
    let (first, rest) = {
        let (_, page) =
            stack.call("GET /v1/messages?instanceId=inst_abc123&phone=5511911110063&limit=2", Value::Null).await;
        (page["data"].clone(), page["pagination"]["nextCursor"].as_str().expect("a cursor").to_owned())
    };
    // Each names two of the three, all at the same time.
    let circle: Vec<String> = (0..3)
        .map(|place| callback(&Value::Null, &[from(&format!("wamid.C{place}"), phones[place], users[(place + 1) % 3])]))
        .collect();
    let joins = join_all(circle.iter().map(|body| stack.post_callback(body, None)));
    let second = format!("GET /v1/messages?instanceId=inst_abc123&phone=5511911110063&limit=2&before={rest}");
    let (answers, (status, page)) = tokio::join!(joins, stack.call(&second, Value::Null));
    assert_eq!(status, 200, "{page}");
    for (body, answer) in circle.iter().zip(answers) {
        assert!(answer == 200 || stack.post_callback(body, None).await == 200, "{body}");
    }
    names.extend((0..3).map(|place| format!("wamid.C{place}")));
    let expected: BTreeSet<String> = phones.iter().chain(&users).map(|alias| (*alias).to_owned()).collect();
    assert_eq!(person(&stack, users[0]).await.1, expected);
    let rows = history(&stack, "&userId=BR.62").await;
    let listed: BTreeSet<&str> = rows.iter().map(|row| row["providerId"].as_str().expect("an id")).collect();
    assert_eq!(listed, names.iter().map(String::as_str).collect());
    // The page that follows the first one repeats nothing of it, and goes on through the whole conversation.
    let (_, page) = stack.call(&second.replace("limit=2", "limit=100"), Value::Null).await;
    let shown = |rows: &Value| -> BTreeSet<String> {
        rows.as_array().expect("rows").iter().map(|row| row["providerId"].as_str().expect("an id").to_owned()).collect()
    };
    assert!(shown(&first).is_disjoint(&shown(&page["data"])), "{page}");
}

#[tokio::test]
async fn whoever_claims_the_aliases_of_another_accounts_contact_changes_his_own_only() {
    let stack = TestStack::start(PROGRAM).await;
    let hostile = Tenant::new(&stack, "2001", "9001", true).await;
    assert_eq!(stack.post_callback(&callback(&Value::Null, &[from("wamid.1", PHONE, "BR.71")]), None).await, 200);
    let before = person(&stack, PHONE).await;
    let claimed = callback(&Value::Null, &[from("wamid.2", PHONE, "BR.72"), from("wamid.3", "5511999990000", "BR.71")]);
    let claimed = claimed.replace(NUMBER, "2001");
    assert_eq!(own(&stack, &claimed).await, 200);
    // His own business account is named as well, so this is verified; it is about a number that he does not sign for.
    assert_eq!(own(&stack, &callback(&Value::Null, &[from("wamid.4", PHONE, "BR.73")])).await, 200);
    assert_eq!(person(&stack, PHONE).await, before);
    let path = format!("GET /v1/messages?instanceId={}&userId=BR.71", hostile.instance);
    let (_, page) = stack.call_as(&hostile.key, &path, Value::Null).await;
    let texts: Vec<&str> =
        page["data"].as_array().expect("rows").iter().filter_map(|row| row["content"].as_str()).collect();
    assert_eq!(texts, ["wamid.3"]);
    let path = "GET /v1/messages?instanceId=inst_abc123&userId=BR.71";
    assert_eq!(stack.call_as(&hostile.key, path, Value::Null).await.0, 404);
    // Odd aliases in queries and paths.
    for odd in
        ["BR.71%23x", "BR.71%2F..", "%F0%9F%91%8D", "55%0011", &"9".repeat(5_000), &format!("BR.{}", "9".repeat(5_000))]
    {
        for query in ["phone", "userId", "chatId"] {
            let status =
                stack.call(&format!("GET /v1/messages?instanceId=inst_abc123&{query}={odd}"), Value::Null).await.0;
            assert!(matches!(status, 200 | 400 | 404), "{query}={odd}: {status}");
        }
        for list in ["phones", "users"] {
            let path = format!("DELETE /v1/admin/accounts/{}/{list}/{odd}", stack.customer.account_id);
            let status = stack.operate(&path, Value::Null).await.0;
            assert!(matches!(status, 400 | 404), "{list}/{odd}: {status}");
        }
    }
    assert_eq!(person(&stack, PHONE).await, before);
}
