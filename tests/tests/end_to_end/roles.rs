//! Each function's role allows exactly what the function does: every call that it makes in a run that reaches all of
//! them, every call that Lambda makes for it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::{BoxFuture, FutureExt, join_all};
use local::template::{Function, Ground, Permission, Source, Template};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::state::State;
use tests::between::Between;
use tests::fault::Fault;
use tests::permissions::Needs;
use tests::receiver::Receiver;
use tests::test_stack::template;
use tests::wait::eventually;

use crate::PROGRAM;

/// Draws one `message.failed` and nothing else.
const FAILS: &str = "1555131047";
const FAILED: &[&str] = &["message.failed"];
const A_MINUTE: Duration = Duration::from_secs(61);
const UNTIL_SETTLED: Duration = Duration::from_secs(15 * 60 + 5);

type Used = BTreeSet<(String, Permission)>;

#[tokio::test]
async fn each_role_allows_exactly_the_calls_that_its_function_and_lambda_make() {
    let runs: [BoxFuture<'_, Used>; 9] = [
        sending_again().boxed(),
        a_campaign().boxed(),
        outcomes_that_are_unknown().boxed(),
        a_call_that_hangs("ExpressQueue.fifo", 5).boxed(),
        a_call_that_hangs("BulkQueue.fifo", 60).boxed(),
        numbers_that_are_stopped().boxed(),
        webhooks_that_fail().boxed(),
        everything_that_manage_answers().boxed(),
        requests_that_broke_off().boxed(),
    ];
    let ground = Ground { sqs_url: String::new(), parameters: parameters() };
    let template = Template::read(&template()).expect("the template");
    let deployment = template.deploy(&ground).expect("a deployment");
    let roles = template.roles(&ground).expect("roles");
    let mut needed: BTreeMap<String, BTreeSet<Permission>> = BTreeMap::new();
    for function in &deployment.functions {
        needed.entry(function.name.clone()).or_default().extend(of_lambda(function));
    }
    for (function, permission) in join_all(runs).await.into_iter().flatten() {
        needed.entry(function).or_default().insert(permission);
    }
    let of_each =
        |one: &dyn Fn(&str) -> Vec<String>| roles.keys().flat_map(|function| one(function)).collect::<Vec<_>>();
    let less = |name: &str, all: &BTreeSet<Permission>, those: &BTreeSet<Permission>| {
        all.difference(those).map(|it| format!("{name}: {} on {}", it.action, it.resource)).collect()
    };
    let missing = of_each(&|name| less(name, &needed[name], &roles[name]));
    let unused = of_each(&|name| less(name, &roles[name], &needed[name]));
    assert!(missing.is_empty() && unused.is_empty(), "missing {missing:#?}, unused {unused:#?}");
}

/// What Lambda does in a function's name: it reads its queues and streams, puts aside what a stream's batch failed of, and
/// writes its log (AWS Lambda Developer Guide, execution role permissions of SQS and DynamoDB event sources).
fn of_lambda(function: &Function) -> Vec<Permission> {
    let on = |service: &str, actions: &[&str], resource: &str| {
        actions.iter().map(|action| Permission::new(format!("{service}:{action}"), resource)).collect::<Vec<_>>()
    };
    let mut needed = on("logs", &["CreateLogStream", "PutLogEvents"], &format!("{}Logs", function.name));
    for source in &function.sources {
        match source {
            Source::Queue(source) => {
                needed.extend(on("sqs", &["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"], &source.queue));
            }
            Source::Stream(source) => {
                let actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
                needed.extend(on("dynamodb", &actions, &format!("{}/stream/latest", source.table)));
                needed.extend(source.on_failure.iter().map(|queue| Permission::new("sqs:SendMessage", queue)));
            }
            Source::Http(_) | Source::Schedule(_) => {}
        }
    }
    needed
}

fn parameters() -> std::collections::HashMap<&'static str, String> {
    ["WhatsAppAppSecret", "WhatsAppVerifyToken"].map(|name| (name, "secret-secret-secret".to_owned())).into()
}

/// A stack, and what its functions need their roles to allow.
async fn start() -> (Between, Arc<Needs>) {
    let (between, needs) = (Between::start(PROGRAM).await, Arc::new(Needs::default()));
    between.dynamodb.listen(needs.clone());
    between.sqs.listen(needs.clone());
    (between, needs)
}

/// A repeated request, a reply, a message that fails in a callback, one that comes in, one that has to be tried again.
async fn sending_again() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    let (_, accepted) = between.post(Some("order-1")).await.expect("an answer");
    between.wait_until_read(&accepted).await;
    let (_, again) = between.post(Some("order-1")).await.expect("an answer");
    assert_eq!(accepted["messageId"], again["messageId"]);
    let reply = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "so", "quotedMessageId": accepted["messageId"] });
    let reply = stack.send(reply).await;
    stack.wait_for_status(&reply, "read").await;
    let failed = stack.send_text("1559131049", "fails in a callback").await;
    stack.wait_for_status(&failed, "failed").await;
    let refused = stack.send_text("15561131056", "is refused once").await;
    stack.wait_for_asked(4).await;
    stack.wait_for_release(&refused).await;
    stack.pass(Duration::from_secs(6));
    stack.wait_for_status(&refused, "read").await;
    let inbound = json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "106540352242922" },
        "messages": [{ "from": "5511988887777", "id": "wamid.in", "timestamp": "1764000000", "type": "text", "text": { "body": "hi" } }],
    } }] }] });
    assert_eq!(stack.post_callback(&inbound.to_string(), None).await, 200);
    needs.so_far()
}

/// Messages that are booked ahead.
async fn a_campaign() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    stack.book_ahead(Duration::from_secs(30)).await;
    let ids = join_all(["5511900000001", "5511900000002"].map(|to| stack.send_text(to, "offer"))).await;
    stack.wait_until_given_back("BulkQueue.fifo", 2).await;
    stack.pass(Duration::from_secs(32));
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
    needs.so_far()
}

/// No proper answer, and then no callback of the number at all.
async fn outcomes_that_are_unknown() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    let unknown = stack.send_text("15550100007", "a web page").await;
    stack.wait_for_state(&unknown, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.wait_for_in_flight("ExpressQueue.fifo", 0).await; // or its queue message would come again
    stack.pass(UNTIL_SETTLED); // its number's callbacks are silent, so it is put off
    let looked = || async { stack.logs().contains("callbacks.silent").then_some(()) };
    eventually("settle to look", looked).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    stack.wait_for_status(&unknown, "failed").await;
    needs.so_far()
}

/// A batch in which one call hangs.
async fn a_call_that_hangs(lane: &str, ahead: u64) -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    stack.book_ahead(Duration::from_secs(ahead)).await;
    stack.send_text("15550100001", "hangs").await;
    let beside = stack.send_text("5511900000001", "beside it").await;
    stack.wait_until_given_back(lane, 2).await;
    stack.pass(Duration::from_secs(ahead + 1)); // both at once, so in one batch
    stack.wait_for_status(&beside, "read").await;
    stack.wait_for_in_flight(lane, 1).await; // the one beside it was deleted, though its batch has not returned
    needs.so_far()
}

/// A dead token in an answer, a stop in a callback.
async fn numbers_that_are_stopped() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    let stopped = stack.send_text("1559131048", "stops the number").await;
    stack.wait_for_status(&stopped, "failed").await;
    stack.pass(Duration::from_secs(16 * 60));
    let dead = stack.send_text("1555000190", "a dead token").await;
    stack.wait_for_status(&dead, "failed").await;
    needs.so_far()
}

/// Attempts that fail, one that waits for an hour, one that was the last, the operator's webhook, a record that can't be
/// read, replays.
async fn webhooks_that_fail() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    let since = stack.now();
    let (operator, gone, busy) = (stack.operator_webhook().await, Receiver::start().await, Receiver::start().await);
    stack.webhook_for(&gone, FAILED).await;
    gone.answer_with([StatusCode::GONE]);
    let path = stack.webhook_for(&busy, FAILED).await;
    busy.ask_to_wait(3600);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let odd = stack.stack.clients.dynamodb.put_item().table_name(&stack.stack.tables["Messages"]);
    let odd = odd.item("id", text("msg_odd")).item("ev", text("sent")).item("status", text("teleported"));
    odd.send().await.expect("the table takes it");
    stack.send_text(FAILS, "fails").await;
    operator.wait_for_calls(2).await;
    let waits = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        logs["data"][0]["nextRetryAt"].is_string().then_some(())
    };
    eventually("it to wait in its log", waits).await;
    stack.pass(Duration::from_secs(4000));
    busy.wait_for_calls(2).await;
    let time = json!({ "since": since.to_string(), "until": stack.now().to_string() });
    let (status, answer) = stack.call(&format!("POST {path}/replay"), time).await;
    assert_eq!(status, 202, "{answer}");
    busy.wait_for_calls(3).await;
    needs.so_far()
}

/// What customers and the operator ask `manage`.
async fn everything_that_manage_answers() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    let ask = async |method_and_path: &str, body: Value| {
        let (status, answer) = stack.call(method_and_path, body).await;
        assert!(status < 300, "{method_and_path}: {answer}");
        answer
    };
    stack.book_ahead(Duration::from_secs(5)).await;
    let id = stack.send_text("5511999999999", "canceled").await;
    ask(&format!("DELETE /v1/messages/{id}"), Value::Null).await;
    ask("GET /v1/messages?instanceId=inst_abc123", Value::Null).await;
    ask("GET /v1/messages?instanceId=inst_abc123&phone=5511999999999", Value::Null).await;
    let created = ask("POST /v1/instances", json!({ "name": "Shop" })).await;
    let instance = format!("/v1/instances/{}", created["data"]["id"].as_str().expect("an id"));
    let connect =
        json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-good" });
    ask(&format!("POST {instance}/connect"), connect).await;
    ask(&format!("POST {instance}/disconnect"), Value::Null).await;
    ask(&format!("DELETE {instance}"), Value::Null).await;
    let path = stack.webhook_for(&Receiver::start().await, FAILED).await;
    ask(&format!("POST {path}/replay"), json!({ "messageId": id })).await;
    ask(&format!("DELETE {path}"), Value::Null).await;
    for (call, body) in [
        ("GET /v1/admin/accounts", Value::Null),
        ("DELETE /v1/admin/accounts/acc_demo/phones/5511999999999", Value::Null),
    ] {
        let (status, answer) = stack.operate(call, body).await;
        assert!(status < 300, "{call}: {answer}");
    }
    needs.so_far()
}

/// Requests whose process died, in either lane, and one whose queue did not take it.
async fn requests_that_broke_off() -> Used {
    let (between, needs) = start().await;
    let stack = &between.stack;
    between.sqs.decide(|call, _| if call.caller == "send" { Fault::DropBefore } else { Fault::None });
    assert_eq!(between.post(None).await.map(|(status, _)| status), Some(503));
    between.sqs.decide(|_, _| Fault::None);
    for ahead in [0, 60] {
        stack.book_ahead(Duration::from_secs(ahead)).await;
        stack.send_text("5511900000001", "hello").await; // or there may be no process
        between.fault_at("PutItem", Fault::KillAfter);
        assert!(between.post(None).await.is_none_or(|(status, _)| status >= 500));
        stack.pass(A_MINUTE);
        let reserved = || async {
            let left = stack.meter(&stack.customer.account_id).await.reservations.len();
            (left == 0).then_some(())
        };
        eventually("settle to finish it", reserved).await;
    }
    needs.so_far()
}
