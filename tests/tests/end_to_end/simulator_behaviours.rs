//! Every way in which the simulator misbehaves (docs/simulator.md), on the wire and in its callbacks: the messages
//! that arrive, never twice, the events, and the charge.

use std::time::Duration;

use futures::future::join_all;
use shared::ids::MessageId;
use shared::message::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};
use tests::wait::eventually;

use crate::PROGRAM;

/// The final status and the events of a message.
struct Case {
    /// The last digits of the recipient.
    to: &'static str,
    /// How often WhatsApp accepts it.
    on_the_phone: usize,
    /// The final status.
    status: &'static str,
    /// Its events, `s`ent, `d`elivered, `r`ead and `f`ailed, each once, in any order.
    events: &'static str,
}

const fn case(to: &'static str, on_the_phone: usize, status: &'static str, events: &'static str) -> Case {
    Case { to, on_the_phone, status, events }
}

const CASES: [Case; 19] = [
    case("01", 0, "failed", "f"),
    case("02", 1, "failed", "f"), // on the phone, and never reported
    case("03", 1, "read", "sdr"),
    case("04", 1, "read", "sdr"),
    case("05", 1, "read", "sdr"),
    case("06", 1, "read", "sdr"),
    case("07", 0, "failed", "f"),
    case("08", 1, "read", "sdr"),
    case("09", 1, "read", "sdr"),
    case("10", 1, "read", "sdr"),
    case("11", 1, "read", "fsdr"), // failed as unknown, and then confirmed
    case("12", 1, "sent", "s"),
    case("13", 1, "delivered", "sfd"),
    case("14", 1, "read", "sdr"),
    case("15", 1, "read", "sdr"),
    case("16", 1, "failed", "f"), // held for longer than a day
    case("17", 1, "read", "sr"),
    case("18", 1, "read", "sdr"),
    case("19", 0, "failed", "f"),
];
/// Those whose outcome is unknown after the attempt.
const UNKNOWN: [&str; 5] = ["01", "02", "07", "11", "19"];
/// Those that WhatsApp holds.
const HELD: [&str; 2] = ["15", "16"];
/// Longer than the simulator holds a message for its quality check.
const UNTIL_LET_GO: Duration = Duration::from_secs(61);

fn id_of<'a>(ids: &'a [MessageId], to: &str) -> &'a MessageId {
    &ids[CASES.iter().position(|case| case.to == to).expect("a case")]
}

/// Waits until each of these messages has published all its events. Before the clock moves, since an event that is being
/// published outlives no jump of a day: its stream record and its attempts expire.
async fn wait_for_events(stack: &TestStack, ids: &[MessageId], of: impl IntoIterator<Item = &str>) {
    for to in of {
        let case = CASES.iter().find(|case| case.to == to).expect("a case");
        wait_for_some_events(stack, ids, to, case.events.len()).await;
    }
}

async fn wait_for_some_events(stack: &TestStack, ids: &[MessageId], to: &str, count: usize) {
    let published = || async { (events(stack, id_of(ids, to)).len() >= count).then_some(()) };
    eventually(&format!("the events of {to}"), published).await;
}

#[tokio::test]
async fn whatever_whatsapp_does_nothing_is_sent_twice_or_left_unfinished() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let recipient = |case: &Case| format!("155501000{}", case.to);
    let recipients: Vec<String> = CASES.iter().map(recipient).collect();
    let ids = join_all(recipients.iter().map(|to| stack.send_text(to, "hello"))).await;

    for (to, state) in UNKNOWN.map(|to| (to, State::Unknown)).into_iter().chain(HELD.map(|to| (to, State::Held))) {
        stack.wait_for_state(id_of(&ids, to), state).await;
    }
    stack.wait_for_in_flight("ExpressQueue.fifo", 0).await; // they are in the settle queue
    wait_for_events(&stack, &ids, ["03", "04", "05", "06", "08", "09", "10", "12", "13", "14", "17"]).await;
    wait_for_some_events(&stack, &ids, "18", 1).await; // that it was sent
    stack.pass(UNTIL_LET_GO);
    wait_for_events(&stack, &ids, ["15"]).await;
    stack.pass(UNTIL_SETTLED);
    wait_for_events(&stack, &ids, UNKNOWN.into_iter().filter(|to| *to != "11")).await;
    wait_for_some_events(&stack, &ids, "11", 1).await; // that it failed
    stack.pass(Duration::from_secs(5 * 60));
    wait_for_events(&stack, &ids, ["11"]).await;
    stack.pass(Duration::from_secs(60 * 60));
    wait_for_events(&stack, &ids, ["18"]).await;
    stack.wait_for_delayed("SettleQueue", 1).await; // the one that is held
    stack.pass(Duration::from_secs(24 * 60 * 60));
    wait_for_events(&stack, &ids, ["16"]).await;

    for (case, id) in CASES.iter().zip(&ids) {
        let status = stack.status(id).await;
        assert_eq!(status["status"], case.status, "{}", case.to);
        if case.status == "failed" {
            assert_eq!(status["error"]["code"], "unknown_outcome", "{}", case.to);
        }
        let mut expected: Vec<char> = case.events.chars().collect();
        expected.sort_unstable();
        assert_eq!(events(&stack, id), expected, "{}", case.to);
        let on_the_phone = stack.whatsapp().ledger().taken_by(&recipient(case)).len();
        assert_eq!(on_the_phone, case.on_the_phone, "{}", case.to);
    }
    assert_eq!(stack.whatsapp().ledger().asked(), CASES.len(), "each was posted once");
    let paid = CASES.iter().filter(|case| case.status != "failed").count();
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    assert_eq!(before - credits, i64::try_from(paid).expect("few"));
}

/// The first letters of a message's events, sorted.
fn events(stack: &TestStack, id: &MessageId) -> Vec<char> {
    let calls = stack.webhook.events_about(id.as_str());
    let letter = |event: &str| event.trim_start_matches("message.").chars().next().expect("an event");
    let mut letters: Vec<char> = calls.iter().map(|call| letter(call.event())).collect();
    letters.sort_unstable();
    letters
}
