//! Each function's role allows exactly what the function does: every call that it makes in a run that reaches all of
//! them, every call that Lambda makes for it, and nothing else.

mod batches;
mod deliveries;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::{BoxFuture, FutureExt, join_all};
use futures::stream::{self, StreamExt};
use local::dev_stack::Options;
use local::dev_stack::seed::BUSINESS;
use local::dev_stack::template::{Permission, Template, TemplateContext};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ledger::Lane;
use tests::fault::Fault;
use tests::iam_permissions::{RequiredPermissions, needed_by_lambda, needed_for_secrets};
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::{FAR_AHEAD, TestStack, template};
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use batches::batches;
use deliveries::{a_call_that_hangs, numbers_that_are_stopped, outcomes_that_are_unknown};

use crate::{
    PROGRAM, account_callbacks, account_closing, contact_erasure, contact_joins, dead_letter_list, listeners,
    media_upload_faults, media_uploads, message_details, outside_window, received_files, unread_callbacks,
};

/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
const FAILED: &[&str] = &["message.failed"];
const A_MINUTE: Duration = Duration::from_secs(61);

type Used = BTreeSet<(String, Permission)>;

/// Stacks that run at the same time, of seven processes each.
const STACKS: usize = 4;

#[tokio::test]
async fn each_iam_role_allows_exactly_the_calls_of_its_function() {
    let runs: [BoxFuture<'_, Used>; 14] = [
        sending_again().boxed(),
        a_campaign().boxed(),
        outcomes_that_are_unknown().boxed(),
        a_call_that_hangs(Lane::Express).boxed(),
        a_call_that_hangs(Lane::Bulk).boxed(),
        numbers_that_are_stopped().boxed(),
        webhooks_that_fail().boxed(),
        a_business_account().boxed(),
        everything_that_manage_answers().boxed(),
        requests_that_broke_off().boxed(),
        batches().boxed(),
        people_with_several_aliases().boxed(),
        a_file_that_is_uploaded().boxed(),
        an_account_that_is_closed().boxed(),
    ];
    let secrets = ["WhatsAppAppSecret", "WhatsAppVerifyToken"].map(|name| (name, "secret-secret-secret".to_owned()));
    let parameters = secrets.into_iter().chain([("EarlierKeys", "false".to_owned())]).collect();
    let ground = TemplateContext { sqs_url: String::new(), callback_url: String::new(), parameters };
    let template = Template::read(&template()).expect("the template");
    let deployment = template.resolve(&ground).expect("a deployment");
    let roles = template.permissions(&ground).expect("roles");
    let mut needed: BTreeMap<String, BTreeSet<Permission>> = BTreeMap::new();
    for function in &deployment.functions {
        needed.entry(function.name.clone()).or_default().extend(needed_by_lambda(function));
    }
    let stack = TestStack::start(PROGRAM).await;
    let template = json!({ "name": "hello_world", "language": "en_US" });
    stack.send(json!({ "instanceId": "inst_abc123", "to": "5511999999999", "template": template })).await;
    let secrets = needed_for_secrets(stack.stack.secrets.reads());
    let used: Vec<Used> = stream::iter(runs).buffer_unordered(STACKS).collect().await;
    for (function, permission) in used.into_iter().flatten().chain(secrets) {
        needed.entry(function).or_default().insert(permission);
    }
    let of_each =
        |one: &dyn Fn(&str) -> Vec<String>| roles.keys().flat_map(|function| one(function)).collect::<Vec<_>>();
    let less = |name: &str, all: &BTreeSet<Permission>, those: &BTreeSet<Permission>| {
        all.difference(those).map(|it| format!("{name}: {it:?}")).collect()
    };
    let missing = of_each(&|name| less(name, &needed[name], &roles[name]));
    let unused = of_each(&|name| less(name, &roles[name], &needed[name]));
    assert!(missing.is_empty() && unused.is_empty(), "missing {missing:#?}, unused {unused:#?}");
}

/// A stack, and the permissions that its functions require.
async fn start() -> (ProxiedStack, Arc<RequiredPermissions>) {
    let keep = |options: &mut Options| drop(options.parameters.insert("InboundMedia", "keep".to_owned()));
    let (proxied, needs) = (ProxiedStack::start_with(PROGRAM, keep).await, Arc::new(RequiredPermissions::default()));
    proxied.dynamodb.listen(needs.clone());
    proxied.sqs.listen(needs.clone());
    proxied.s3.listen(needs.clone());
    (proxied, needs)
}

/// A replayed request, a reply that expires, a message that fails in a callback, an inbound one, a retried one, and one
/// through an inbound URL.
async fn sending_again() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let (_, accepted) = proxied.post(Some("order-1")).await.expect("an answer");
    proxied.wait_until_read(&accepted).await;
    let (_, again) = proxied.post(Some("order-1")).await.expect("an answer");
    assert_eq!(accepted["messageId"], again["messageId"]);
    let reply = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "so", "expiresIn": 600, "quotedMessageId": accepted["messageId"] });
    let reply = stack.send(reply).await;
    stack.wait_for_status(&reply, "read").await;
    let failed = stack.send_text("1559131049", "fails in a callback").await;
    stack.wait_for_status(&failed, "failed").await;
    let refused = stack.send_text("15561131056", "is refused once").await;
    stack.wait_for_attempt(&refused, 1).await;
    stack.pass(Duration::from_secs(6));
    stack.wait_for_status(&refused, "read").await;
    let inbound = json!({ "from": "5511999999999", "id": "wamid.in", "timestamp": "1764000000", "type": "text", "text": { "body": "hi" }, "context": { "id": "wamid.unknown" } });
    assert_eq!(stack.post_callback(&unread_callbacks::messages(&[inbound]), None).await, 200);
    let url = stack.call("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" })).await.1;
    let send = stack.http.post(url["data"]["url"].as_str().expect("a URL"));
    let sent = send.body(r#"{"to":"5511999999999","message":"hi"}"#).send().await;
    assert_eq!(sent.expect("an answer").status(), StatusCode::ACCEPTED);
    needs.so_far()
}

/// Messages that are booked ahead, one of them in a conversation with an earlier message.
async fn a_campaign() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let earlier = stack.send_text("5511900000001", "before the campaign").await;
    stack.wait_for_status(&earlier, "read").await;
    stack.book_ahead(FAR_AHEAD).await;
    let ids = join_all(["5511900000001", "5511900000002"].map(|to| stack.send_text(to, "offer"))).await;
    stack.wait_until_returned("BulkQueue.fifo", &ids).await;
    stack.pass(FAR_AHEAD + A_MINUTE);
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
    stack.book_ahead(5 * A_MINUTE).await;
    let waits = stack.send_text("5511900000003", "waits in the table").await;
    stack.pass(4 * A_MINUTE);
    stack.wait_until_returned("BulkQueue.fifo", [&waits]).await;
    stack.pass(A_MINUTE);
    stack.wait_for_status(&waits, "read").await;
    needs.so_far()
}

/// Failed attempts, one that is retried after an hour, one that was the last, the operator webhook, an unreadable
/// stream record, a replay, and what is left in queues of dead letters.
async fn webhooks_that_fail() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let since = stack.now();
    let (operator, gone, busy) =
        (stack.operator_webhook().await, WebhookReceiver::start().await, WebhookReceiver::start().await);
    stack.webhook_for(&gone, FAILED).await;
    gone.answer_with([StatusCode::GONE]);
    let path = stack.webhook_for(&busy, FAILED).await;
    busy.answer_retry_after(1, 3600);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let odd = stack.stack.clients.dynamodb.put_item().table_name(&stack.stack.tables["Messages"]);
    let odd = odd.item("id", text("msg_odd")).item("ev", text("sent")).item("status", text("teleported"));
    odd.send().await.expect("the table takes it");
    let listener = listeners::listen(stack, json!({ "events": FAILED })).await;
    let failed = stack.send_text(FAILS, "fails").await;
    operator.wait_for_calls(2).await;
    let waits = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        logs["data"][0]["nextRetryAt"].is_string().then_some(())
    };
    eventually("the delivery to wait in its log row", waits).await;
    listeners::poll_for(stack, &listener, 1).await;
    let (status, timeline) = stack.call(&format!("GET /v1/messages/{failed}/timeline"), Value::Null).await;
    assert_eq!((status, &timeline["data"]["entries"][2]["type"]), (200, &json!("webhookAttempt")), "{timeline}");
    stack.pass(Duration::from_secs(4000));
    busy.wait_for_calls(2).await;
    let time = json!({ "since": since.to_string(), "until": stack.now().to_string() });
    let (status, answer) = stack.call(&format!("POST {path}/replay"), time).await;
    assert_eq!(status, 202, "{answer}");
    busy.wait_for_calls(3).await;
    dead_letter_list::leave_in_queues(stack).await;
    needs.so_far()
}

/// A callback of the business account of a number that an earlier version has connected, whose event fails and is replayed.
async fn a_business_account() -> Used {
    let (proxied, needs) = start().await;
    let (stack, receiver) = (&proxied.stack, WebhookReceiver::start().await);
    let path = stack.webhook_for(&receiver, &["template.updated"]).await;
    receiver.answer_with([StatusCode::GONE]);
    let forget = UpdateBuilder::new().remove("businessId");
    stack.accounts.update(ItemKey::number("106540352242922"), &forget).await.expect("the table takes it");
    let inbound = unread_callbacks::messages(&[unread_callbacks::text("wamid.1")]);
    assert_eq!(stack.post_callback(&inbound, None).await, 200);
    let template = account_callbacks::template("APPROVED");
    let changed =
        account_callbacks::callback(BUSINESS, stack.now().secs(), "message_template_status_update", &template);
    assert_eq!(stack.post_callback(&changed, None).await, 200);
    let failed = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        logs["data"][0]["id"].as_str().map(str::to_owned)
    };
    let log = eventually("the delivery to fail", failed).await;
    let (_, active) = stack.call(&format!("PUT {path}"), json!({ "status": "active" })).await;
    assert_eq!(active["data"]["status"], "active");
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "logId": log })).await;
    assert_eq!(status, 202, "{answer}");
    receiver.wait_for_calls(2).await;
    needs.so_far()
}

async fn people_with_several_aliases() -> Used {
    let (proxied, needs) = start().await;
    contact_erasure::erase_people_with_aliases(&proxied).await;
    contact_joins::join_by_the_answer(&proxied.stack).await;
    proxied.stack.erase(contact_joins::TYPED).await; // and the event of the join
    outside_window::refuse_a_stranger(&proxied.stack).await;
    needs.so_far()
}

/// Files in both directions.
async fn a_file_that_is_uploaded() -> Used {
    let (proxied, needs) = start().await;
    media_uploads::send_while_uploading(&proxied.stack).await;
    media_uploads::give_up_and_put(&proxied.stack).await;
    received_files::fetch_and_erase(&proxied.stack).await;
    proxied.stack.pass(A_MINUTE); // `media` caches an instance for 30 seconds
    media_upload_faults::upload_with_a_dead_token(&proxied.stack).await;
    needs.so_far()
}

/// An account that is closed, and something that an earlier version creates in it meanwhile.
async fn an_account_that_is_closed() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    account_closing::fill(stack).await;
    account_closing::close(stack).await;
    account_closing::create_as_an_earlier_version(stack).await;
    account_closing::wait_until_closed(stack, 20).await;
    needs.so_far()
}

/// The calls of customers and the operator to `manage`.
async fn everything_that_manage_answers() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    let ask = async |method_and_path: &str, body: Value| {
        let (status, answer) = stack.call(method_and_path, body).await;
        assert!(status < 300, "{method_and_path}: {answer}");
        answer
    };
    stack.book_ahead(FAR_AHEAD).await; // so that the message is still queued when it is cancelled
    let id = stack.send_text("5511999999999", "canceled").await;
    ask(&format!("DELETE /v1/messages/{id}"), Value::Null).await;
    ask("GET /v1/messages?instanceId=inst_abc123", Value::Null).await;
    ask("GET /v1/messages?reference=order-1", Value::Null).await;
    ask("GET /v1/messages?status=failed", Value::Null).await;
    ask("GET /v1/statistics", Value::Null).await;
    let created = ask("POST /v1/instances", json!({ "name": "Shop" })).await;
    let instance = format!("/v1/instances/{}", created["data"]["id"].as_str().expect("an id"));
    let connect =
        json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG-good" });
    ask(&format!("POST {instance}/connect"), connect).await;
    ask(&format!("POST {instance}/disconnect"), Value::Null).await;
    ask(&format!("DELETE {instance}"), Value::Null).await;
    let path = stack.webhook_for(&WebhookReceiver::start().await, FAILED).await;
    ask(&format!("POST {path}/replay"), json!({ "messageId": id })).await;
    let replay = ask(&format!("POST {path}/replay"), json!({ "since": "2026-02-03T12:00:00.000Z" })).await;
    let replay = replay["data"]["replayId"].as_str().expect("an id");
    ask(&format!("GET {path}/replays/{replay}"), Value::Null).await;
    ask(&format!("POST {path}/test"), Value::Null).await;
    ask(&format!("GET {path}/logs"), Value::Null).await;
    ask(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(stack.post_callback("not JSON", None).await, 200);
    let unread =
        unread_callbacks::keep(stack, &unread_callbacks::messages(&[unread_callbacks::text("wamid.1")]), None).await;
    message_details::receive_large_order(stack, "wamid.large").await;
    let inbound = ask("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" })).await;
    let key = json!({ "id": "wh_earlier", "hash": "of-a-token" }); // as earlier versions listed it
    let listing = ItemKey::inbound_url_listing(&stack.customer.account_id, &"wh_earlier".parse().expect("an id"));
    stack.accounts.put(listing, &key).await.expect("the table takes it");
    ask("GET /v1/webhooks/inbound", Value::Null).await;
    ask(&format!("DELETE /v1/webhooks/{}", inbound["data"]["id"].as_str().expect("an id")), Value::Null).await;
    let (_, key) = stack.operate("POST /v1/admin/accounts/acc_demo/keys", json!({ "name": "Server" })).await;
    let revocation = format!("DELETE /v1/admin/accounts/acc_demo/keys/{}", key["data"]["id"].as_str().expect("an id"));
    for (call, body) in [
        (format!("POST /v1/admin/callbacks/{unread}/replay").as_str(), Value::Null),
        ("GET /v1/admin/callbacks", Value::Null),
        ("GET /v1/admin/dead-letters", Value::Null),
        ("GET /v1/admin/accounts", Value::Null),
        (&revocation, Value::Null),
        ("DELETE /v1/admin/accounts/acc_demo/phones/5511999999999", Value::Null),
        ("DELETE /v1/admin/accounts/acc_demo/phones/5511988887777", Value::Null),
    ] {
        let (status, answer) = stack.operate(call, body).await;
        assert!(status < 300, "{call}: {answer}");
    }
    let redacted = || async { stack.logs().contains("delivery_log.redacted").then_some(()) };
    eventually("`notify` to redact the logs of the erased message", redacted).await;
    needs.so_far()
}

/// Requests whose process crashed, in either lane, and one whose queue was not available.
async fn requests_that_broke_off() -> Used {
    let (proxied, needs) = start().await;
    let stack = &proxied.stack;
    stack.move_slots().await; // `settle` reads the items of their own
    proxied.sqs.set_faults(|call, _| if call.caller == "send" { Fault::DropBefore } else { Fault::None });
    assert_eq!(proxied.post(None).await.map(|(status, _)| status), Some(503));
    proxied.sqs.set_faults(|_, _| Fault::None);
    for ahead in [Duration::ZERO, FAR_AHEAD] {
        stack.book_ahead(ahead).await;
        stack.send_text("5511900000001", "hello").await; // or there may be no process
        proxied.break_off(None).await;
        stack.pass(A_MINUTE);
        let reserved =
            || async { stack.ledger(&stack.customer.account_id).await.reservations.is_empty().then_some(()) };
        eventually("settle to release the reservation", reserved).await;
    }
    needs.so_far()
}
