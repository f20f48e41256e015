//! Which status callbacks come, in which order, and when.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::callback_receiver::status_names;
use super::{NUMBER, TestSimulator, text_to};

const NORMAL: [&str; 3] = ["sent", "delivered", "read"];
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn statuses_come_in_the_order_that_the_recipient_s_number_asks_for() {
    let test = TestSimulator::start().await;
    let table: [(&str, &[&str]); 11] = [
        ("5511999999999", &NORMAL),
        ("15550100003", &NORMAL),
        ("15550100004", &NORMAL),
        ("15550100005", &NORMAL),
        ("15550100006", &NORMAL),
        ("15550100008", &NORMAL),
        ("15550100009", &["sent", "sent", "delivered", "delivered", "read", "read"]),
        ("15550100010", &["read", "delivered", "sent"]),
        ("15550100013", &["sent", "failed", "delivered"]),
        ("15550100017", &["read"]),
        ("1559131049", &["sent", "failed"]),
    ];
    for (recipient, _) in table {
        test.send_without_waiting(recipient);
    }
    for (recipient, expected) in table {
        let statuses = test.receiver.wait_for_statuses(recipient, expected.len()).await;
        assert_eq!(status_names(&statuses), expected, "{recipient}");
        let taken = test.simulator.ledger().taken_by(recipient).remove(0);
        assert!(statuses.iter().all(|status| status["id"] == taken.wamid), "{recipient}");
        assert!(statuses.iter().all(|status| status["biz_opaque_callback_data"] == "our tag"), "{recipient}");
    }
}

#[tokio::test]
async fn statuses_name_a_conversation_before_v24_only() {
    let test = TestSimulator::start().await;
    for (version, recipient, has_conversation) in
        [("v23.0", "5511900000023", true), ("v24.0", "5511900000024", false), ("v26.0", "5511900000026", false)]
    {
        let request = test.request_of(version, &format!("{NUMBER}/messages"), &text_to(recipient));
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::OK);
        let statuses = test.receiver.wait_for_statuses(recipient, NORMAL.len()).await;
        for status in statuses {
            assert_eq!(status["conversation"]["origin"]["type"] == "service", has_conversation, "{version}: {status}");
        }
    }
}

#[tokio::test]
async fn a_failed_status_has_its_error() {
    let test = TestSimulator::start().await;
    for (recipient, code, title) in
        [("15550100013", 131_026, "Message undeliverable"), ("1559131047", 131_047, "Re-engagement message")]
    {
        assert_eq!(test.send(recipient).await.0, StatusCode::OK);
        let statuses = test.receiver.wait_for_statuses(recipient, 2).await;
        let details = json!({ "details": "failed on request" });
        let error = json!({ "code": code, "title": title, "message": title, "error_data": details });
        assert_eq!((&statuses[0]["errors"], &statuses[1]["errors"]), (&Value::Null, &json!([error])));
    }
}

#[tokio::test]
async fn a_status_names_the_recipient_in_whatsapp_s_form_and_the_user_id_unless_it_failed() {
    let test = TestSimulator::start().await;
    for (recipient, wa_id, count) in [("5531987650001", "553187650001", 3), ("1559131049", "1559131049", 2)] {
        assert_eq!(test.send(recipient).await.0, StatusCode::OK);
        test.receiver.wait_for_statuses(wa_id, count).await;
    }
    let callbacks = test.receiver.callbacks();
    let values = callbacks.iter().map(|callback| &callback["entry"][0]["changes"][0]["value"]);
    let of = |name: &str| values.clone().find(|value| value["statuses"][0]["status"] == name).expect("one");
    let read = of("read");
    assert_eq!(
        (&read["contacts"][0]["wa_id"], read["contacts"].as_array().map(Vec::len)),
        (&json!("553187650001"), Some(1))
    );
    assert_eq!(read["contacts"][0]["user_id"], read["statuses"][0]["recipient_user_id"]);
    assert_eq!(read["statuses"][0]["recipient_user_id"], "BR.13000100056781355");
    let failed = of("failed");
    assert_eq!((failed.get("contacts"), failed["statuses"][0].get("recipient_user_id")), (None, None));
}

#[tokio::test]
async fn some_messages_have_no_callbacks() {
    let test = TestSimulator::start().await;
    let silent = ["15550100001", "15550100002", "15550100007", "15550100012", "15550100016", "15550100019"];
    for recipient in silent {
        test.send_without_waiting(recipient);
    }
    test.simulator.ledger().wait_for_asked(silent.len()).await;
    test.advance(24 * 60 * MINUTE);
    test.send("5511999999999").await;
    test.receiver.wait_for_statuses("5511999999999", 3).await;
    for recipient in silent {
        assert_eq!(test.receiver.status_names(recipient), [""; 0], "{recipient}");
    }
}

#[tokio::test]
async fn late_callbacks_come_when_the_clock_says_so() {
    let test = TestSimulator::start().await;
    for (recipient, witness, late, has_happened) in [
        ("15550100011", "5511000000001", 20 * MINUTE, true),
        ("15550100015", "5511000000002", MINUTE, false),
        ("15550100018", "5511000000003", 60 * MINUTE, true),
    ] {
        let (begun, taken) = (test.clock.now(), test.simulator.ledger().taken().len());
        test.send_without_waiting(recipient);
        test.simulator.ledger().wait_for_taken(taken + 1).await;
        test.advance(late - MINUTE / 2);
        test.send(witness).await;
        test.receiver.wait_for_statuses(witness, 3).await;
        assert_eq!(test.receiver.status_names(recipient), [""; 0], "{recipient}");
        test.advance(MINUTE / 2);
        let statuses = test.receiver.wait_for_statuses(recipient, 3).await;
        assert_eq!(status_names(&statuses), NORMAL, "{recipient}");
        let at: i64 = statuses[0]["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("seconds");
        assert_eq!(at - begun / 1_000 < 30, has_happened, "{recipient}");
    }
}

#[tokio::test]
async fn early_callbacks_are_acknowledged_before_the_response() {
    let test = TestSimulator::start().await;
    test.receiver.hold_responses();
    let answer = tokio::spawn(test.message("15550100008").send());
    for count in 1..=3 {
        test.receiver.wait_for_callbacks(count).await;
        assert!(!answer.is_finished(), "{count} callbacks are not acknowledged");
        test.receiver.release_responses(1);
    }
    let response = answer.await.expect("a task").expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_slow_response_comes_after_the_message_is_accepted_and_before_its_callbacks() {
    let test = TestSimulator::start().await;
    let answer = tokio::spawn(test.message("15550100014").send());
    test.simulator.ledger().wait_for_taken(1).await;
    test.advance(MINUTE);
    assert!(!answer.is_finished() && test.receiver.callbacks().is_empty());
    assert_eq!(answer.await.expect("a task").expect("an answer").status(), StatusCode::OK);
    assert_eq!(status_names(&test.receiver.wait_for_statuses("15550100014", 3).await), NORMAL);
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_acknowledged() {
    let test = TestSimulator::start().await;
    test.receiver.fail_next(2);
    test.send("5511999999999").await;
    let statuses = test.receiver.wait_for_statuses("5511999999999", 5).await;
    assert_eq!(status_names(&statuses), ["sent", "sent", "sent", "delivered", "read"]);
}
