//! Promise 8: however many webhooks, deliveries and retries an account has, another account's events come next.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::aws::ItemKey;
use shared::ids::{AccountId, LogId, WebhookId};
use shared::webhook::{AttemptResult, DeliveryLog, WebhookDelivery};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{EVERY_ATTEMPT, FaultAt};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::template_changes::changed;

const QUEUE: &str = "WebhookQueue";
/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
/// Messages in flight with which SQS takes an account for a noisy neighbour.
const NOISY: usize = 30;

/// A stack whose webhook queue nobody consumes: what is in it shows what was enqueued, and in which order it comes.
pub async fn unconsumed() -> TestStack {
    let folder = tempfile::tempdir().expect("a folder");
    let read = "Queue: !GetAtt WebhookQueue.Arn";
    let unread = changed(folder.path(), read, "Queue: !GetAtt UnreadableRecords.Arn");
    TestStack::start_with(PROGRAM, |options| options.template = unread).await
}

/// Another account with an instance, and its API key.
async fn other_account(stack: &TestStack) -> (AccountId, String) {
    let account = stack.open_account(Plan::Pro, 1000).await;
    stack.copy_instance_to(&account, "inst_theirs").await;
    let key = stack.key(&account, Scope::ALL, None).await;
    (account, key)
}

async fn wait_for_visible(stack: &TestStack, count: usize) {
    let visible = || async { (stack.visible(QUEUE).await == count).then_some(()) };
    eventually(&format!("{count} messages in the queue"), visible).await;
}

/// The messages in the queue, in the order in which they are received. None is deleted.
async fn received(stack: &TestStack) -> Vec<Value> {
    let mut order = Vec::new();
    loop {
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url(QUEUE));
        let answer = request.max_number_of_messages(10).send().await.expect("the queue answers");
        let messages = answer.messages.unwrap_or_default();
        if messages.is_empty() {
            return order;
        }
        let bodies = messages.iter().map(|message| serde_json::from_str(message.body().unwrap_or_default()));
        order.extend(bodies.map(|body| body.expect("JSON")));
    }
}

#[tokio::test]
async fn deliveries_to_many_webhooks_of_an_account_delay_another_account_by_a_few_turns() {
    const WEBHOOKS: usize = 4;
    const MESSAGES: usize = 10;
    let stack = unconsumed().await;
    for _ in 1..WEBHOOKS {
        stack.register(&stack.webhook).await;
    }
    for _ in 0..MESSAGES {
        stack.send_text(FAILS, "fails").await;
    }
    wait_for_visible(&stack, WEBHOOKS * MESSAGES).await;
    let (account, key) = other_account(&stack).await;
    stack.register_for(&account, &"inst_theirs".parse().expect("an id"), &stack.webhook).await;
    let body = json!({ "instanceId": "inst_theirs", "to": FAILS, "message": "fails" });
    assert_eq!(stack.call_as(&key, "POST /v1/messages/send", body).await.0, 202);
    wait_for_visible(&stack, WEBHOOKS * MESSAGES + 1).await;
    let order = received(&stack).await;
    let is_theirs = |message: &Value| message["accountId"] == account.as_str();
    let turn = order.iter().position(is_theirs).expect("the other account's event");
    assert_eq!(order.len(), WEBHOOKS * MESSAGES + 1);
    assert!(turn <= NOISY, "{turn} deliveries came before it");
}

#[tokio::test]
async fn an_event_for_many_webhooks_is_one_message_of_the_stream() {
    let stack = unconsumed().await;
    for _ in 0..12 {
        stack.register(&stack.webhook).await;
    }
    let id = stack.send_text(FAILS, "fails").await;
    stack.wait_for_status(&id, "failed").await;
    stack.wait_until_published().await;
    assert_eq!(stack.visible(QUEUE).await, 1);
}

#[tokio::test]
async fn an_event_reaches_each_of_many_webhooks() {
    const WEBHOOKS: usize = 12;
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    for _ in 0..WEBHOOKS {
        stack.register(&receiver).await;
    }
    let id = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    let calls = receiver.wait_for_calls(WEBHOOKS).await;
    let ids: BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id")).collect();
    assert_eq!(ids.len(), WEBHOOKS);
    assert!(calls.iter().all(|call| receiver.verifies(call)));
}

/// Leaves deliveries that have been due for so long in a webhook's log, as after four failures.
async fn leave_waiting(stack: &TestStack, account: &AccountId, webhook: &WebhookId, event: &str, count: usize) {
    let due = stack.now().minus(Duration::from_secs(60));
    for number in 0..count {
        let delivery = WebhookDelivery {
            account_id: account.clone(),
            webhook_id: webhook.clone(),
            id: format!("evt_{event}_{number}"),
            event: "message.failed".to_owned(),
            subject: "msg_waits".to_owned(),
            body: json!({ "event": "message.failed", "data": { "messageId": "msg_waits" } }).to_string(),
            message_at: None,
            attempts: 4,
            due,
            first: due,
            operator: false,
        };
        let retention = Duration::from_secs(24 * 60 * 60);
        let row = DeliveryLog::new(&delivery, &AttemptResult::none(), due, retention).with_waiting(delivery.clone());
        stack.accounts.put_delivery_log(webhook, &row).await.expect("the table takes it");
    }
    stack.accounts.list_waiting(account, due).await.expect("the table takes it");
}

#[tokio::test]
async fn retries_of_an_account_take_one_turn_in_the_queue_however_many_are_due() {
    let stack = unconsumed().await;
    let (account, _) = other_account(&stack).await;
    let customer = &stack.customer.account_id;
    let webhook = stack.register(&stack.webhook).await;
    leave_waiting(&stack, customer, &webhook, "many", 130).await;
    let theirs = stack.register_for(&account, &"inst_theirs".parse().expect("an id"), &stack.webhook).await;
    leave_waiting(&stack, &account, &theirs, "one", 1).await;
    stack.pass(Duration::from_secs(61));
    wait_for_visible(&stack, 2).await;
    let order = received(&stack).await;
    let due: BTreeSet<_> = order.iter().filter_map(|message| message["waits"].as_str()).collect();
    assert_eq!(due, BTreeSet::from([account.as_str(), customer.as_str()]));
}

#[tokio::test]
async fn all_deliveries_of_an_account_are_moved_and_it_is_listed_no_more() {
    const WAITING: usize = 130; // more than a page
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let customer = &stack.customer.account_id;
    let webhook = stack.register(&receiver).await;
    leave_waiting(&stack, customer, &webhook, "many", WAITING).await;
    stack.pass(Duration::from_secs(61));
    let calls = receiver.wait_for_calls(WAITING).await;
    let ids: BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id")).collect();
    assert_eq!(ids.len(), WAITING);
    stack.wait_until_empty(QUEUE).await;
    stack.pass(Duration::from_secs(16 * 60));
    eventually("the account to be listed no more", || async {
        stack.accounts.waiting_accounts().await.ok().filter(Vec::is_empty)
    })
    .await;
}

#[tokio::test]
async fn a_delivery_that_an_earlier_version_left_waiting_is_retried() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let customer = &stack.customer.account_id;
    let webhook = stack.register(&receiver).await;
    leave_waiting(&stack, customer, &webhook, "earlier", 1).await;
    let (rows, _) = stack.accounts.due_deliveries(customer.as_str(), stack.now(), 1).await.expect("the table answers");
    let (key, row) = rows.into_iter().next().expect("a row");
    let earlier = DeliveryLog { id: LogId::generate(), waiting_key: Some("webhook".to_owned()), ..row };
    stack.accounts.put(key, &earlier).await.expect("the table takes it");
    stack.accounts.delete(ItemKey::waiting(customer)).await.expect("the table takes it");
    stack.pass(Duration::from_secs(61));
    receiver.wait_for_calls(1).await;
}

#[tokio::test]
async fn an_account_whose_webhooks_cannot_be_read_stops_no_stream() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.send_text(FAILS, "fails").await; // or there may be no process
    stack.webhook.wait_for_calls(1).await;
    stack.wait_until_idle("notify").await;
    proxied.dynamodb.reset_counts();
    proxied.dynamodb.inject([FaultAt("notify", "Query", 1, &[Fault::Unavailable; EVERY_ATTEMPT])]);
    let id = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    let logs = stack.logs();
    assert!(logs.contains("webhooks.read_failed") && !logs.contains("stream_record.publish_failed"));
}

#[tokio::test]
async fn a_look_for_rows_of_the_other_status_reads_a_bounded_part_of_a_log() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = stack.register(&stack.webhook).await;
    leave_waiting(&stack, &stack.customer.account_id, &webhook, "many", 1_100).await;
    let mut page = Value::Null;
    for (more, after) in [(true, false), (false, true)] {
        let after =
            if after { format!("&after={}", page["nextCursor"].as_str().expect("a cursor")) } else { String::new() };
        let (status, answer) =
            stack.call(&format!("GET /v1/webhooks/{webhook}/logs?status=failed{after}"), Value::Null).await;
        assert_eq!((status, &answer["data"]), (200, &json!([])), "{answer}");
        page = answer["pagination"].clone();
        assert_eq!(page["hasMore"], more, "{page}");
    }
}
