//! Promises 3 and 4: exact money and exact limits, under any concurrency.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::{Account, Plan, Scope};
use shared::ids::AccountId;
use shared::state::State;
use tests::between::Between;
use tests::fault::Fault;
use tests::process;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const SEND: &str = "/v1/messages/send";

/// An account with an instance of its own, and as many keys as asked for.
async fn customer(
    stack: &TestStack,
    plan: Plan,
    rate: Option<u32>,
    credits: i64,
    keys: usize,
) -> (AccountId, Vec<String>) {
    let account = stack.open_account(plan, credits).await;
    let name = "Another".to_owned();
    let record =
        Account { id: account.clone(), name, plan, requests_per_minute: rate, created_at: shared::clock::now() };
    stack.accounts.put_account(&record).await.expect("an account");
    stack.copy_instance_to(&account, "inst_theirs").await;
    let keys = join_all((0..keys).map(|_| stack.key(&account, &Scope::ALL, None))).await;
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
async fn sixty_four_clients_on_an_account_with_a_hundred_credits_get_exactly_a_hundred_acceptances() {
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
    assert_eq!(stack.meter(&account).await.credits, 0);
    stack.wait_for_taken(100).await;
}

#[tokio::test]
async fn a_key_s_limit_holds_over_any_window_and_each_key_has_its_own() {
    let stack = TestStack::start(PROGRAM).await;
    let (_, keys) = customer(&stack, Plan::Enterprise, Some(30), 10_000, 2).await;
    let begun = Instant::now();
    let recipients: Vec<String> = (0..100).map(|number| format!("5511900{number:06}")).collect();
    let posts = recipients.iter().enumerate().map(|(number, to)| post(&stack, &keys[number % 2], to));
    let answers = join_all(posts).await;
    let most = 30 + usize::try_from(begun.elapsed().as_millis() / 2_000).expect("seconds") + 1;
    for key in 0..2 {
        let of_key = answers.iter().skip(key).step_by(2);
        let accepted = of_key.filter(|(status, ..)| *status == StatusCode::ACCEPTED).count();
        assert!((30..=most).contains(&accepted), "{accepted} of key {key}, at most {most}");
    }
    let (_, headers, refused) =
        answers.iter().find(|(status, ..)| *status == StatusCode::TOO_MANY_REQUESTS).expect("more than the limit");
    assert_eq!(refused["error"]["code"], "rate_limit_exceeded");
    let header = |name: &str| headers[name].to_str().expect("text").parse::<i64>().expect("a number");
    assert_eq!((header("x-ratelimit-limit"), header("x-ratelimit-remaining")), (30, 0));
    assert_eq!(Some(header("retry-after")), refused["error"]["retryAfter"].as_i64());
    assert!((1..=2).contains(&header("retry-after")));
    assert!(header("x-ratelimit-reset") > shared::clock::now().secs());
    stack.pass(Duration::from_secs(60));
    let (status, headers, answer) = post(&stack, &keys[0], "5511900000000").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    assert_eq!(headers["x-ratelimit-remaining"], "29");
}

#[tokio::test]
async fn a_message_takes_one_credit_and_a_request_that_is_refused_takes_none() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, keys) = customer(&stack, Plan::Pro, None, 10, 1).await;
    assert_eq!(post(&stack, &keys[0], "5511999999999").await.0, StatusCode::ACCEPTED);
    assert_eq!(post(&stack, &keys[0], "+5511999999999").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(stack.meter(&account).await.credits, 9);
}

#[tokio::test]
async fn a_message_that_fails_gives_its_credit_back_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.meter(&stack.customer.account_id).await.credits;
    let id = stack.send_text("1555131047", "hello").await;
    stack.wait_for_status(&id, "failed").await;
    assert_eq!(stack.meter(&stack.customer.account_id).await.credits, before);
    assert!(stack.record(&id).await.refunded);
}

#[tokio::test]
async fn a_message_whose_deliver_died_after_the_write_that_failed_it_has_given_its_credit_back() {
    let between = Between::start(PROGRAM).await;
    let before = between.stack.meter(&between.stack.customer.account_id).await.credits;
    let mut writes = 0;
    between.dynamodb.decide(move |call, _| {
        let is_write = matches!(call.operation.as_str(), "UpdateItem" | "TransactWriteItems");
        let counts = call.caller == "deliver" && is_write;
        writes += usize::from(counts);
        if counts && writes == 2 { Fault::KillAfter } else { Fault::None } // the first is the claim
    });
    let id = between.stack.send_text("1555131047", "hello").await;
    between.stack.wait_for_status(&id, "failed").await;
    assert_eq!(between.at_rest().await, (0, before, 0));
}

#[tokio::test]
async fn a_message_that_failed_as_unknown_is_charged_again_when_a_callback_brings_it_back() {
    let stack = TestStack::start(PROGRAM).await;
    let credits = || async { stack.meter(&stack.customer.account_id).await.credits };
    let before = credits().await;
    let id = stack.send_text("15550100002", "hello").await;
    stack.wait_for_taken(1).await;
    process::kill(stack.pid("deliver"));
    stack.pass(Duration::from_secs(200));
    stack.wait_for_state(&id, State::Unknown).await;
    assert_eq!(credits().await, before - 1);
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.hear_from_whatsapp().await;
    stack.pass(Duration::from_secs(905));
    stack.wait_for_status(&id, "failed").await;
    assert_eq!(credits().await, before);
    stack.whatsapp().report(&stack.whatsapp().ledger().taken()[0], "delivered").await;
    stack.wait_for_status(&id, "delivered").await;
    assert_eq!(credits().await, before - 1);
    let record = stack.record(&id).await;
    assert!(!record.refunded && record.failed_at.is_none() && record.error.is_none());
}

#[tokio::test]
async fn reservations_do_not_pile_up_and_a_quiet_account_has_none_left() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, keys) = customer(&stack, Plan::Pro, None, 1_000, 1).await;
    for number in 0..30 {
        assert_eq!(post(&stack, &keys[0], &format!("55119000000{number:02}")).await.0, StatusCode::ACCEPTED);
    }
    stack.wait_for_taken(30).await;
    assert!(stack.meter(&account).await.reservations.len() <= 8);
    stack.pass(Duration::from_secs(61));
    let empty = || none_left(&stack, &account);
    tests::wait::eventually("the last reservation to be settled", empty).await;
    assert_eq!(stack.meter(&account).await.credits, 970);
}

async fn none_left(stack: &TestStack, account: &AccountId) -> Option<()> {
    stack.meter(account).await.reservations.is_empty().then_some(())
}
