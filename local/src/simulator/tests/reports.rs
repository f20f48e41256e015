//! Which callbacks come, in which order, and when.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::sink::words;
use super::{Bench, NUMBER, text_to};

const USUAL: [&str; 3] = ["sent", "delivered", "read"];
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_recipient_s_statuses_come_in_the_order_that_was_asked_for() {
    let bench = Bench::start().await;
    let table: [(&str, &[&str]); 11] = [
        ("5511999999999", &USUAL),
        ("15550100003", &USUAL),
        ("15550100004", &USUAL),
        ("15550100005", &USUAL),
        ("15550100006", &USUAL),
        ("15550100008", &USUAL),
        ("15550100009", &["sent", "sent", "delivered", "delivered", "read", "read"]),
        ("15550100010", &["read", "delivered", "sent"]),
        ("15550100013", &["sent", "failed", "delivered"]),
        ("15550100017", &["read"]),
        ("1559131049", &["sent", "failed"]),
    ];
    for (recipient, _) in table {
        bench.send_in_vain(recipient);
    }
    for (recipient, expected) in table {
        let statuses = bench.sink.wait_for_statuses(recipient, expected.len()).await;
        assert_eq!(words(&statuses), expected, "{recipient}");
        let taken = bench.simulator.ledger().taken_by(recipient).remove(0);
        assert!(statuses.iter().all(|status| status["id"] == taken.wamid), "{recipient}");
        assert!(statuses.iter().all(|status| status["biz_opaque_callback_data"] == "our tag"), "{recipient}");
    }
}

#[tokio::test]
async fn a_failure_that_is_reported_has_its_error() {
    let bench = Bench::start().await;
    for (recipient, code, title) in
        [("15550100013", 131_026, "Message undeliverable"), ("1559131047", 131_047, "Re-engagement message")]
    {
        assert_eq!(bench.send(recipient).await.0, StatusCode::OK);
        let statuses = bench.sink.wait_for_statuses(recipient, 2).await;
        let details = json!({ "details": "failed on request" });
        let error = json!({ "code": code, "title": title, "message": title, "error_data": details });
        assert_eq!((&statuses[0]["errors"], &statuses[1]["errors"]), (&Value::Null, &json!([error])));
    }
}

#[tokio::test]
async fn some_messages_are_never_reported() {
    let bench = Bench::start().await;
    let silent = ["15550100001", "15550100002", "15550100007", "15550100012", "15550100016", "15550100019"];
    for recipient in silent {
        bench.send_in_vain(recipient);
    }
    bench.simulator.ledger().wait_for_asked(silent.len()).await;
    bench.pass(24 * 60 * MINUTE);
    bench.send("5511999999999").await;
    bench.sink.wait_for_statuses("5511999999999", 3).await;
    for recipient in silent {
        assert_eq!(bench.sink.words(recipient), [""; 0], "{recipient}");
    }
}

#[tokio::test]
async fn reports_that_are_late_come_when_the_clock_says_so() {
    let bench = Bench::start().await;
    for (recipient, witness, late, has_happened) in [
        ("15550100011", "5511000000001", 20 * MINUTE, true),
        ("15550100015", "5511000000002", MINUTE, false),
        ("15550100018", "5511000000003", 60 * MINUTE, true),
    ] {
        let (begun, taken) = (bench.clock.now(), bench.simulator.ledger().taken().len());
        bench.send_in_vain(recipient);
        bench.simulator.ledger().wait_for_taken(taken + 1).await;
        bench.pass(late - MINUTE / 2);
        bench.send(witness).await;
        bench.sink.wait_for_statuses(witness, 3).await;
        assert_eq!(bench.sink.words(recipient), [""; 0], "{recipient}");
        bench.pass(MINUTE / 2);
        let statuses = bench.sink.wait_for_statuses(recipient, 3).await;
        assert_eq!(words(&statuses), USUAL, "{recipient}");
        let at: i64 = statuses[0]["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("seconds");
        assert_eq!(at - begun / 1_000 < 30, has_happened, "{recipient}");
    }
}

#[tokio::test]
async fn callbacks_that_come_first_are_acknowledged_before_the_answer() {
    let bench = Bench::start().await;
    bench.sink.hold();
    let request = bench.request(&format!("{NUMBER}/messages"), &text_to("15550100008"));
    let answer = tokio::spawn(request.send());
    for count in 1..=3 {
        bench.sink.wait_for_callbacks(count).await;
        assert!(!answer.is_finished(), "{count} callbacks are not acknowledged");
        bench.sink.answer(1);
    }
    let response = answer.await.expect("a task").expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_message_was_taken_and_before_it_is_reported() {
    let bench = Bench::start().await;
    let request = bench.request(&format!("{NUMBER}/messages"), &text_to("15550100014"));
    let answer = tokio::spawn(request.send());
    bench.simulator.ledger().wait_for_taken(1).await;
    bench.pass(MINUTE);
    assert!(!answer.is_finished() && bench.sink.callbacks().is_empty());
    assert_eq!(answer.await.expect("a task").expect("an answer").status(), StatusCode::OK);
    assert_eq!(words(&bench.sink.wait_for_statuses("15550100014", 3).await), USUAL);
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_acknowledged() {
    let bench = Bench::start().await;
    bench.sink.fail(2);
    bench.send("5511999999999").await;
    let statuses = bench.sink.wait_for_statuses("5511999999999", 5).await;
    assert_eq!(words(&statuses), ["sent", "sent", "sent", "delivered", "read"]);
}
