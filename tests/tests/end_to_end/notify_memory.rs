//! The memory of `notify` with the longest texts for many webhooks. On AWS, the function has 128 MB, of which it uses about
//! 25 MB when it has nothing to do.

use std::collections::BTreeSet;

use futures::future::join_all;
use shared::ids::MessageId;
use shared::message::record_keys::history_key;
use shared::message::{Content, Direction, Message, MessageEvent};
use tests::process::peak_memory;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

/// The most characters of a received text.
const MAX_RECEIVED_TEXT: usize = 65_536;
/// How much a process may grow, in kilobytes.
const ROOM: u64 = 80 * 1024;

#[tokio::test]
async fn the_longest_texts_for_many_webhooks_fit_into_the_memory_of_notify() {
    const MESSAGES: usize = 6;
    const WEBHOOKS: usize = 8;
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.webhook.wait_until_read(id.as_str()).await;
    for _ in 0..WEBHOOKS {
        stack.register(&receiver).await;
    }
    let pids = || stack.stack.functions["notify"].pids().borrow().clone();
    let before: Vec<_> = pids().into_iter().map(peak_memory).collect();
    let longest = "\u{1f600}".repeat(MAX_RECEIVED_TEXT);
    let sent = stack.record(&id).await;
    let received: Vec<_> = (0..MESSAGES)
        .map(|_| {
            let id = MessageId::generate();
            let (received_at, publishes) = (Some(sent.created_at), Some(MessageEvent::Received));
            let (history_key, content) =
                (history_key(sent.created_at, &id), Content::Text { body: longest.clone(), no_preview: false });
            let direction = Direction::Inbound;
            let (sent_at, delivered_at, read_at) = (None, None, None);
            Message {
                id,
                direction,
                content,
                received_at,
                publishes,
                history_key,
                sent_at,
                delivered_at,
                read_at,
                ..sent.clone()
            }
        })
        .collect();
    join_all(received.iter().map(|message| stack.messages.insert(message))).await;
    let events = || receiver.calls().iter().map(|call| call.header("webhook-id").to_owned()).collect::<BTreeSet<_>>();
    let all = MESSAGES * WEBHOOKS;
    let all_came = || async { (receiver.count() >= all && events().len() == all).then_some(()) };
    eventually("all events", all_came).await;
    let after: Vec<_> = pids().into_iter().map(peak_memory).collect();
    let (least, most) = (before.iter().min().expect("a process"), after.iter().max().expect("a process"));
    eprintln!("{least} kB before, {most} kB after");
    assert!(*most < least + ROOM, "{least} kB before, {most} kB after");
}
