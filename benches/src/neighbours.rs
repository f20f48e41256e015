//! Promise 8 in a figure: a number's one-time codes, alone and beside another number's campaign.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use shared::account::{Account, Plan, Scope};
use shared::ids::MessageId;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tokio::time::interval;

use crate::percentiles::Percentiles;

/// Messages a second of the number that is measured.
const RATE: u64 = 10;

/// Measures both cases in one run and prints them and their ratio.
pub async fn measure(program: &str, waiting: usize, messages: usize) {
    let stack = TestStack::start(program).await;
    let neighbour = stack.neighbour().await;
    let alone = Percentiles::of(queued_to_sent(&stack, &neighbour, messages).await);
    println!("Queued to sent, alone: {alone}");
    let unbounded = campaign_key(&stack).await;
    fill(&stack, &unbounded, waiting).await;
    let beside = Percentiles::of(queued_to_sent(&stack, &neighbour, messages).await);
    let left = waiting.saturating_sub(stack.whatsapp().ledger().taken().len().saturating_sub(2 * messages));
    println!("Queued to sent, beside a campaign of {waiting} ({left} of it left at the end): {beside}");
    let ratio = beside.at(99).as_secs_f64() / alone.at(99).as_secs_f64();
    println!("p99 beside it / alone: {ratio:.2}; refused for throughput: {}", stack.whatsapp().ledger().throttled());
}

/// A key of the customer's own account whose plan lets a campaign in at once.
async fn campaign_key(stack: &TestStack) -> String {
    let id = stack.customer.account_id.clone();
    let account = Account {
        id,
        name: "Campaign".to_owned(),
        plan: Plan::Enterprise,
        requests_per_minute: Some(1_000_000),
        created_at: stack.now(),
    };
    stack.accounts.put_account(&account).await.expect("an account");
    stack.key(&stack.customer.account_id, &Scope::ALL, None).await
}

async fn fill(stack: &TestStack, key: &str, waiting: usize) {
    let mut accepted = 0;
    while accepted < waiting {
        let posts = (accepted..(accepted + 16).min(waiting)).map(|number| {
            let body = json!({ "instanceId": stack.customer.instance_id, "to": format!("55119{number:08}"), "message": "offer" });
            stack.call_as(key, "POST /v1/messages/send", body)
        });
        let answers = join_all(posts).await;
        accepted += answers.iter().filter(|(status, _)| *status == 202).count();
        assert!(answers.iter().all(|(status, _)| *status == 202 || *status == 429), "{answers:?}");
        eprint!("\r{accepted} of {waiting} accepted");
    }
    eprintln!();
}

/// How long each message took from its acceptance to its `sent`, by its record.
async fn queued_to_sent(stack: &TestStack, key: &str, messages: usize) -> Vec<Duration> {
    let mut ticks = interval(Duration::from_millis(1000 / RATE));
    let mut ids: Vec<MessageId> = Vec::new();
    for number in 0..messages {
        ticks.tick().await;
        let body = json!({ "instanceId": "inst_theirs", "to": format!("55118{number:08}"), "message": "code 1234" });
        let (status, answer) = stack.call_as(key, "POST /v1/messages/send", body).await;
        assert_eq!(status, 202, "{answer}");
        ids.push(answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
    }
    let mut taken = Vec::new();
    for id in &ids {
        let record = eventually("it to be sent", || async {
            Some(stack.record(id).await).filter(|record| record.sent_at.is_some())
        });
        let record = record.await;
        taken.push(record.created_at.until(record.sent_at.expect("sent")));
    }
    taken
}
