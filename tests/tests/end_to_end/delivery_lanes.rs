//! Promise 8: a campaign of one number does not delay another number's messages. Promise 7: the order is kept while an
//! instance moves between the lanes.

use std::time::Duration;

use shared::aws::{ItemKey, UpdateBuilder};
use shared::ids::{self, MessageId};
use shared::ledger::ledger_item::bulk_attribute;
use shared::ledger::reservation::{new_nonce, reservation_attribute};
use shared::ledger::{Ledger, Reservation};
use shared::message::{Content, Message, State};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::{FAR_AHEAD, TestStack};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::template_changes::changed;

const BULK: &str = "BulkQueue.fifo";
const EXPRESS: &str = "ExpressQueue.fifo";
const RECIPIENT: &str = "5511900000001";
/// How far ahead a campaign is booked that waits in the table.
const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// Longer than the schedule's minute, and than `settle` waits before it checks an instance of the bulk lane.
const UNTIL_DRAINED: Duration = Duration::from_secs(125);
/// Longer than `settle` waits before it checks an instance again, and short of twenty seconds after its last message.
const UNTIL_CHECKED: Duration = Duration::from_secs(16);

async fn is_in_bulk(stack: &TestStack) -> bool {
    let mark = bulk_attribute(&stack.customer.instance_id);
    stack.ledger(&stack.customer.account_id).await.bulk_marks.contains_key(&mark)
}

/// Waits until settle has checked the lanes since the clock was moved: after that, it removes old reservations.
async fn wait_for_settle(stack: &TestStack) {
    let ask = || async {
        let ledger = stack.ledger(&stack.customer.account_id).await;
        ledger.reservations.is_empty().then_some(())
    };
    eventually("settle to check the account", ask).await;
}

/// Lets `settle` look at the lanes, and check them a little later.
async fn leave(stack: &TestStack) {
    stack.pass(UNTIL_DRAINED);
    let is_looked_at = || async {
        let is_delayed = matches!(stack.count("SettleQueue").await?, (1.., 0));
        // It may have been looked at before the time passed.
        (is_delayed || lane_checks(stack).iter().any(|check| check.contains("bulk_lane.left"))).then_some(())
    };
    eventually("settle to look at the lanes", is_looked_at).await;
    stack.pass(UNTIL_CHECKED);
}

#[tokio::test]
async fn a_campaign_waits_in_the_bulk_lane_until_the_lane_is_drained() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let neighbour = stack.neighbour().await;
    stack.book_ahead(FIVE_MINUTES).await;
    let mut campaign = Vec::new();
    for number in 0..3 {
        campaign.push(stack.send_text(&format!("551190000000{number}"), "offer").await);
    }
    for id in &campaign {
        let record = stack.record(id).await;
        assert_eq!((record.status, record.attempt, record.bulk.is_some()), (State::Queued, 0, true));
    }
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "the neighbour's alone");

    stack.pass(UNTIL_DRAINED);
    wait_for_settle(stack).await;
    assert!(is_in_bulk(stack).await, "three of its messages are still there");

    // settle must not leave the lane before the test has sent another message.
    proxied.dynamodb.set_faults(|call, _| {
        let leaves = call.caller == "settle" && call.operation == "UpdateItem";
        if leaves { Fault::Unavailable } else { Fault::None }
    });
    stack.pass(FIVE_MINUTES);
    for id in &campaign {
        stack.wait_for_status(id, "read").await;
        assert!(stack.record(id).await.bulk.is_none());
    }
    let behind = stack.send_text("5511900000009", "one more").await;
    assert!(stack.record(&behind).await.slot <= stack.now(), "its slot is now");
    assert_eq!(stack.wait_for_status(&behind, "read").await["status"], "read");
    let in_bulk = |image: &std::collections::HashMap<String, _>| image.contains_key("bulk");
    assert!(in_bulk(&stack.images(&behind).await[0]), "and it goes through the bulk lane all the same");

    proxied.dynamodb.set_faults(|_, _| Fault::None);
    leave(stack).await;
    eventually("the express lane again", || async { (!is_in_bulk(stack).await).then_some(()) }).await;
    let after = stack.send_text("5511900000009", "code 1234").await;
    stack.wait_for_status(&after, "read").await;
    assert!(!in_bulk(&stack.images(&after).await[0]));
}

/// Changes a message into the first one of the conversation with [`RECIPIENT`].
fn first(message: &mut Message) {
    message.contact = RECIPIENT.parse().expect("a phone number");
    message.content = Content::Text { body: "first".to_owned(), no_preview: false };
}

/// Waits until `deliver` has claimed a message and released it again without an attempt.
async fn wait_until_released(stack: &TestStack, id: &MessageId) {
    let released = || async {
        let images = stack.images(id).await;
        let states: Vec<_> = images.iter().map(|image| image["status"].as_s().expect("text").as_str()).collect();
        (states.len() >= 3 && states[1..3] == ["sending", "queued"]).then_some(())
    };
    eventually("the message to be claimed and released", released).await;
}

/// The texts that the recipient got, in their order.
fn texts(stack: &TestStack) -> Vec<String> {
    let taken = stack.whatsapp().ledger().taken_by(RECIPIENT);
    taken.iter().filter_map(|taken| taken.message["text"]["body"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn an_instance_with_an_item_of_its_own_leaves_the_bulk_lane_too() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    stack.book_ahead(FAR_AHEAD).await;
    stack.move_slots().await;
    let id = stack.send_text("5511900000001", "offer").await;
    stack.wait_until_returned(BULK, [&id]).await;
    let marks = || async {
        let (ledger, ledgers) = (stack.ledger(account).await, Ledger::new(stack.accounts.clone()));
        ledgers.bulk_marks(account, &ledger).await.expect("the marks")
    };
    assert_eq!(marks().await.iter().map(|mark| &mark.instance).collect::<Vec<_>>(), [instance]);
    assert!(!is_in_bulk(&stack).await, "the mark is in the item of its own");

    stack.pass(FAR_AHEAD);
    stack.wait_for_status(&id, "read").await;
    leave(&stack).await;
    eventually("the express lane again", || async { marks().await.is_empty().then_some(()) }).await;
}

/// Sends a message through the bulk lane and lets it leave.
async fn send_in_bulk(stack: &TestStack) -> MessageId {
    let id = stack.send_text(RECIPIENT, "now and then").await;
    stack.wait_for_status(&id, "read").await;
    assert!(stack.images(&id).await[0].contains_key("bulk"));
    id
}

/// Lets `settle` look at the lanes shortly after the last booking, as it does once a minute.
async fn look_at_lanes(stack: &TestStack) {
    stack.pass(Duration::from_secs(3));
    assert!(stack.stack.functions["settle"].invoke("{}".into()).await.is_ok());
    stack.wait_for_any_delayed("SettleQueue").await;
}

/// Waits until `settle` has checked the instance and kept it in the bulk lane. A later check may let it leave.
async fn wait_until_kept(stack: &TestStack) {
    stack.pass(UNTIL_CHECKED);
    let first = eventually("settle to check the instance", || async { lane_checks(stack).into_iter().next() }).await;
    assert!(first.contains("bulk_lane.kept"), "{first}");
}

/// The log lines of `settle`'s checks so far.
fn lane_checks(stack: &TestStack) -> Vec<String> {
    stack.logs().lines().filter(|line| line.contains("bulk_lane.")).map(str::to_owned).collect()
}

/// Books the instance ahead, and lets its messages in the bulk lane leave.
async fn enter_bulk_lane(stack: &TestStack) {
    stack.book_ahead(FAR_AHEAD).await;
    let offer = stack.send_text("5511900000002", "offer").await;
    stack.wait_until_returned(BULK, [&offer]).await;
    stack.pass(FAR_AHEAD);
    stack.wait_for_status(&offer, "read").await;
}

#[tokio::test]
async fn an_instance_that_sends_every_twenty_seconds_leaves_the_bulk_lane() {
    let stack = TestStack::start(PROGRAM).await;
    enter_bulk_lane(&stack).await;
    send_in_bulk(&stack).await;
    look_at_lanes(&stack).await;
    send_in_bulk(&stack).await; // before the check: the instance has booked a slot since
    wait_until_kept(&stack).await;

    for _ in 0..10 {
        let code = stack.send_text(RECIPIENT, "code 1234").await;
        stack.wait_for_status(&code, "read").await;
        if !stack.images(&code).await[0].contains_key("bulk") {
            return;
        }
        let checks = lane_checks(&stack).len();
        stack.pass(Duration::from_secs(3));
        assert!(stack.stack.functions["settle"].invoke("{}".into()).await.is_ok());
        stack.pass(UNTIL_CHECKED);
        let checked = || async { (lane_checks(&stack).len() > checks || !is_in_bulk(&stack).await).then_some(()) };
        eventually("settle to check the instance", checked).await;
    }
    panic!("it is still in the bulk lane");
}

/// An index may show a record late. It is seen all the same, since its charge was reserved.
#[tokio::test]
async fn an_instance_stays_in_the_bulk_lane_for_a_message_that_the_index_does_not_show() {
    let stack = TestStack::start(PROGRAM).await;
    enter_bulk_lane(&stack).await;
    let bytes = ids::random();
    let later = stack.now().plus(Duration::from_secs(3600));
    stack
        .insert_queued(|message| {
            first(message);
            (message.id, message.slot) = (MessageId::from_bytes(bytes), later);
            message.bulk = Some("inst_of_a_late_index".to_owned());
        })
        .await;
    let reservation = Reservation::value(bytes, stack.now());
    let reserved = UpdateBuilder::new().set_value(&reservation_attribute(&new_nonce()), reservation);
    let ledger = ItemKey::ledger(&stack.customer.account_id);
    stack.accounts.update(ledger, &reserved).await.expect("the table takes it");
    look_at_lanes(&stack).await;
    wait_until_kept(&stack).await;
}

#[tokio::test]
async fn a_bulk_message_waits_for_an_earlier_express_one_of_its_conversation() {
    let stack = TestStack::start(PROGRAM).await;
    // Accepted before the instance went into the bulk lane, and in no queue until the test enqueues it.
    let earlier = stack.insert_queued(first).await;
    stack.book_ahead(FAR_AHEAD).await;
    let second = stack.send_text(RECIPIENT, "second").await;
    assert!(stack.record(&second).await.bulk.is_some());
    stack.wait_until_returned(BULK, [&second]).await;

    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    wait_until_released(&stack, &second).await;
    assert_eq!(stack.whatsapp().ledger().taken_by(RECIPIENT).len(), 0);

    stack.enqueue(EXPRESS, &earlier).await;
    stack.wait_for_status(&earlier, "read").await;
    stack.wait_for_status(&second, "read").await;
    assert_eq!(texts(&stack), ["first", "second"]);
}

/// Of two parallel requests, the one that began first may enqueue second: the other one was sent by then.
#[tokio::test]
async fn a_bulk_message_waits_for_an_express_one_that_a_later_one_has_overtaken() {
    let stack = TestStack::start(PROGRAM).await;
    let overtaken = stack.insert_queued(first).await;
    let overtaking = stack.send_text(RECIPIENT, "sent by then").await;
    stack.wait_for_status(&overtaking, "read").await;
    stack.book_ahead(FAR_AHEAD).await;
    let second = stack.send_text(RECIPIENT, "second").await;
    stack.wait_until_returned(BULK, [&second]).await;

    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    wait_until_released(&stack, &second).await;
    stack.enqueue(EXPRESS, &overtaken).await;
    stack.wait_for_status(&second, "read").await;
    assert_eq!(texts(&stack), ["sent by then", "first", "second"]);
}

#[tokio::test]
async fn parallel_messages_to_one_recipient_all_leave_the_bulk_lane() {
    let folder = tempfile::tempdir().expect("a folder");
    // Lambda ends no process that the test has stopped.
    let patient = changed(folder.path(), "Timeout: 10 # a client waits", "Timeout: 600 # a client waits");
    let proxied = ProxiedStack::start_with(PROGRAM, |options| options.template = patient).await;
    let stack = &proxied.stack;
    stack.book_ahead(FAR_AHEAD).await;
    proxied.sqs.inject([FaultAt("send", "SendMessage", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.sqs.wait_until_frozen().await;
        let other = stack.send_text(RECIPIENT, "began second, enqueued first").await;
        stack.wait_until_returned(BULK, [&other]).await;
        proxied.sqs.resume();
        other
    };
    let (began_first, other) = tokio::join!(stack.send_text(RECIPIENT, "began first, enqueued second"), meanwhile);
    assert!(stack.record(&began_first).await.created_at <= stack.record(&other).await.created_at);
    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    stack.wait_for_status(&other, "read").await;
    stack.wait_for_status(&began_first, "read").await;
    assert_eq!(texts(stack), ["began second, enqueued first", "began first, enqueued second"]);
}

#[tokio::test]
async fn a_bulk_message_does_not_wait_for_one_that_is_enqueued_again_behind_it() {
    let stack = TestStack::start(PROGRAM).await;
    // Its request ended before it was enqueued.
    let left = stack
        .insert_queued(|message| {
            first(message);
            message.bulk = Some(message.instance_id.to_string());
        })
        .await;
    stack.book_ahead(FAR_AHEAD).await;
    let second = stack.send_text(RECIPIENT, "second").await;
    stack.wait_until_returned(BULK, [&second]).await;
    stack.enqueue(BULK, &left).await;

    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    stack.wait_for_status(&second, "read").await;
    stack.wait_for_status(&left, "read").await;
    assert_eq!(texts(&stack), ["second", "first"]);
}

#[tokio::test]
async fn a_reply_leaves_after_the_message_that_it_quotes_and_that_is_behind_it() {
    let stack = TestStack::start(PROGRAM).await;
    // Its request ended before it was enqueued, and the reply's came before `settle`.
    let quoted = stack.insert_queued(first).await;
    let reply = serde_json::json!({ "instanceId": "inst_abc123", "to": RECIPIENT, "message": "second", "quotedMessageId": quoted });
    let reply = stack.send(reply).await;
    wait_until_released(&stack, &reply).await;
    stack.enqueue(EXPRESS, &quoted).await;
    stack.wait_for_status(&quoted, "read").await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(61));
    stack.wait_for_status(&reply, "read").await;
    assert_eq!(texts(&stack), ["first", "second"]);
}
