//! Promises 3 and 4: exact credits and exact rate limits under concurrency.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::{Account, Plan, Scope};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ids::{self, AccountId};
use shared::ledger::Reservation;
use shared::ledger::reservation::{new_nonce, reservation_attribute};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::{TestStack, UNTIL_SETTLED};
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const SEND: &str = "/v1/messages/send";
/// Requests a minute of a key with a small limit.
const LIMIT: u32 = 10;

/// An account with its own instance and this many keys.
async fn customer(
    stack: &TestStack,
    plan: Plan,
    rate: Option<u32>,
    credits: i64,
    keys: usize,
) -> (AccountId, Vec<String>) {
    let account = stack.open_account(plan, credits).await;
    let record = Account::new(account.clone(), "Another".to_owned(), plan, shared::clock::now());
    let record = Account { requests_per_minute: rate, ..record };
    stack.accounts.put_account(&record).await.expect("an account");
    stack.copy_instance_to(&account, "inst_theirs").await;
    let keys = join_all((0..keys).map(|_| stack.key(&account, Scope::ALL, None))).await;
    (account, keys)
}

async fn post(stack: &TestStack, key: &str, to: &str) -> (StatusCode, reqwest::header::HeaderMap, Value) {
    let body = json!({ "instanceId": "inst_theirs", "to": to, "message": "hi" }).to_string();
    let request = stack.http.post(format!("{}{SEND}", stack.stack.addresses.api)).bearer_auth(key).body(body);
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}

#[tokio::test]
async fn concurrent_clients_spend_exactly_the_credits_of_their_account() {
    let stack = Arc::new(TestStack::start(PROGRAM).await);
    let (account, keys) = customer(&stack, Plan::Pro, None, 100, 4).await;
    let clients = (0..64).map(|client| {
        let (stack, key) = (stack.clone(), keys[client % 4].clone());
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for number in 0..3 {
                let (status, _, answer) = post(&stack, &key, &format!("55119{client:04}{number:04}")).await;
                answers.push((status.as_u16(), answer));
            }
            answers
        })
    });
    let answers: Vec<_> = join_all(clients).await.into_iter().flat_map(|answers| answers.expect("a client")).collect();
    let accepted: Vec<_> = answers.iter().filter(|(status, _)| *status == 202).collect();
    assert_eq!(accepted.len(), 100);
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 202) {
        assert_eq!((*status, &answer["error"]["code"]), (402, &json!("insufficient_credits")), "{answer}");
    }
    assert_eq!(stack.ledger(&account).await.credits, 0);
    stack.wait_for_taken(100).await;
}

#[tokio::test]
async fn each_key_has_its_own_rate_limit() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, keys) = customer(&stack, Plan::Enterprise, Some(LIMIT), 10_000, 2).await;
    let (begun, began_at) = (Instant::now(), stack.now());
    let recipients: Vec<String> = (0..4 * LIMIT).map(|number| format!("5511900{number:06}")).collect();
    let posts = recipients.iter().enumerate().map(|(number, to)| post(&stack, &keys[number % 2], to));
    let answers = join_all(posts).await;
    // One more for each interval that passed meanwhile, and all of them only on a machine that needs a minute for this.
    let passed = u32::try_from(begun.elapsed().as_millis()).expect("a short time") / (60_000 / LIMIT);
    let (least, most) = (usize::try_from(LIMIT).expect("few"), usize::try_from(LIMIT + passed + 1).expect("few"));
    for key in 0..2 {
        let of_key = answers.iter().skip(key).step_by(2);
        let accepted = of_key.filter(|(status, ..)| *status == StatusCode::ACCEPTED).count();
        assert!((least..=most).contains(&accepted), "{accepted} of key {key}, at most {most}");
    }
    let (_, headers, refused) =
        answers.iter().find(|(status, ..)| *status == StatusCode::TOO_MANY_REQUESTS).expect("more than the limit");
    assert_eq!(refused["error"]["code"], "rate_limit_exceeded");
    let header = |name: &str| headers[name].to_str().expect("text").parse::<i64>().expect("a number");
    assert_eq!((header("x-ratelimit-limit"), header("x-ratelimit-remaining")), (i64::from(LIMIT), 0));
    assert_eq!(Some(header("retry-after")), refused["error"]["retryAfter"].as_i64());
    assert!((1..=60 / i64::from(LIMIT)).contains(&header("retry-after")));
    assert!(header("x-ratelimit-reset") > began_at.secs());
    stack.pass(Duration::from_secs(60));
    let (status, headers, answer) = post(&stack, &keys[0], "5511900000000").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    assert_eq!(headers["x-ratelimit-remaining"], (LIMIT - 1).to_string());
}

#[tokio::test]
async fn a_message_costs_one_credit_and_a_refused_request_none() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, keys) = customer(&stack, Plan::Pro, None, 10, 1).await;
    assert_eq!(post(&stack, &keys[0], "5511999999999").await.0, StatusCode::ACCEPTED);
    assert_eq!(post(&stack, &keys[0], "+5511999999999").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(stack.ledger(&account).await.credits, 9);
}

#[tokio::test]
async fn a_failed_message_is_refunded_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text("1555131047", "hello").await;
    stack.wait_for_status(&id, "failed").await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    assert!(stack.record(&id).await.refunded);
}

#[tokio::test]
async fn a_crash_right_after_a_message_failed_does_not_lose_the_refund() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
    let mut writes = 0;
    proxied.dynamodb.set_faults(move |call, _| {
        let is_write = matches!(call.operation.as_str(), "UpdateItem" | "TransactWriteItems");
        let counts = call.caller == "deliver" && is_write;
        writes += usize::from(counts);
        if counts && writes == 2 { Fault::KillAfter } else { Fault::None } // the first is the claim
    });
    let id = proxied.stack.send_text("1555131047", "hello").await;
    proxied.stack.wait_for_status(&id, "failed").await;
    assert_eq!(proxied.at_rest().await, (0, before, 0));
}

#[tokio::test]
async fn a_refunded_message_is_charged_again_when_whatsapp_delivers_it() {
    let stack = TestStack::start(PROGRAM).await;
    let credits = || async { stack.ledger(&stack.customer.account_id).await.credits };
    let before = credits().await;
    let id = stack.leave_unknown("15550100002").await;
    assert_eq!(credits().await, before - 1);
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_status(&id, "failed").await;
    assert_eq!(credits().await, before);
    stack.whatsapp().report(&stack.whatsapp().ledger().taken()[0], "delivered").await;
    stack.wait_for_status(&id, "delivered").await;
    assert_eq!(credits().await, before - 1);
    let record = stack.record(&id).await;
    assert!(!record.refunded && record.failed_at.is_none() && record.error.is_none());
}

#[tokio::test]
async fn a_failure_that_whatsapp_reported_keeps_its_time_when_the_message_is_delivered_after_all() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text("15550100013", "fails, and is delivered").await;
    let failed = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    stack.webhook.wait_for(id.as_str(), "message.delivered").await;
    let shown = stack.wait_for_status(&id, "delivered").await;
    assert!(shown.get("error").is_none(), "{shown}");
    let record = stack.record(&id).await;
    assert_eq!((record.failed_at.is_some(), record.refunded), (true, false));
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before - 1);
    // Each event is published again as it was.
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, &["message.failed"]).await;
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "messageId": id })).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(receiver.wait_for(id.as_str(), "message.failed").await.body, failed.body);
}

#[tokio::test]
async fn reservations_are_removed_when_their_requests_have_ended() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, keys) = customer(&stack, Plan::Pro, None, 1_000, 1).await;
    for number in 0..30 {
        assert_eq!(post(&stack, &keys[0], &format!("55119000000{number:02}")).await.0, StatusCode::ACCEPTED);
    }
    stack.wait_for_taken(30).await;
    assert!(stack.ledger(&account).await.reservations.len() <= 8);
    stack.pass(Duration::from_secs(61));
    let empty = || none_left(&stack, &account);
    tests::wait::eventually("the last reservation to be settled", empty).await;
    assert_eq!(stack.ledger(&account).await.credits, 970);
}

#[tokio::test]
async fn a_request_releases_its_own_reservation_when_there_are_many() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, keys) = customer(&stack, Plan::Pro, None, 1_000, 1).await;
    let reserved = (0..40).fold(UpdateBuilder::new(), |update, _| {
        update.set_value(&reservation_attribute(&new_nonce()), Reservation::value(ids::random(), stack.now()))
    });
    stack.accounts.update(ItemKey::ledger(&account), &reserved).await.expect("the table takes it");
    assert_eq!(post(&stack, &keys[0], "5511900000001").await.0, StatusCode::ACCEPTED);
    assert_eq!(stack.ledger(&account).await.reservations.len(), 40);
}

async fn none_left(stack: &TestStack, account: &AccountId) -> Option<()> {
    stack.ledger(account).await.reservations.is_empty().then_some(())
}
