//! The response to each recipient, and whether the message is accepted.

use std::error::Error;
use std::io;

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::TestSimulator;

#[tokio::test]
async fn normal_messages_and_messages_with_odd_callbacks_are_accepted() {
    let test = TestSimulator::start().await;
    for recipient in ["5511999999999", "15550100008", "15550100009", "15550100010", "15550100012", "15550100013"] {
        let (status, answer) = test.send(recipient).await;
        let taken = test.simulator.ledger().taken_by(recipient).remove(0);
        let message = &answer["messages"][0];
        assert_eq!((status, &message["message_status"]), (StatusCode::OK, &json!("accepted")), "{recipient}");
        assert_eq!(message["id"], taken.wamid);
        assert_eq!(answer["contacts"][0], json!({ "input": format!("+{recipient}"), "wa_id": recipient }));
    }
}

#[tokio::test]
async fn a_response_names_the_recipient_in_whatsapp_s_form() {
    let test = TestSimulator::start().await;
    let (_, answer) = test.send("5531987650001").await;
    assert_eq!(answer["contacts"], json!([{ "input": "+5531987650001", "wa_id": "553187650001" }]));
}

#[tokio::test]
async fn a_held_message_has_the_status_held_for_quality_assessment() {
    let test = TestSimulator::start().await;
    for recipient in ["15550100015", "15550100016"] {
        let (_, answer) = test.send(recipient).await;
        assert_eq!(answer["messages"][0]["message_status"], "held_for_quality_assessment", "{recipient}");
    }
}

#[tokio::test]
async fn a_response_can_be_a_page_or_truncated_whether_the_message_is_accepted_or_not() {
    let test = TestSimulator::start().await;
    for (recipient, status, kind, taken) in [
        ("15550100005", 500, "text/html; charset=utf-8", 1),
        ("15550100006", 200, "application/json", 1),
        ("15550100007", 500, "text/html; charset=utf-8", 0),
    ] {
        let response = test.message(recipient).send().await.expect("one");
        assert_eq!(response.status(), status, "{recipient}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], kind, "{recipient}");
        let body = response.bytes().await.expect("a body");
        assert!(serde_json::from_slice::<Value>(&body).is_err(), "{recipient}");
        assert_eq!(test.taken_by(recipient), taken, "{recipient}");
    }
}

#[tokio::test]
async fn a_reset_connection_accepts_the_message_and_a_closed_one_does_not() {
    let test = TestSimulator::start().await;
    let lost = async |recipient| test.message(recipient).send().await.expect_err("lost");
    let reset = lost("15550100004").await;
    assert_eq!(kind(&reset), Some(io::ErrorKind::ConnectionReset), "{reset:?}");
    let closed = lost("15550100019").await;
    assert_eq!(kind(&closed), None, "{closed:?}");
    for error in [reset, closed] {
        assert!(!error.is_connect() && !error.is_timeout(), "the request was sent: {error:?}");
    }
    assert_eq!((test.taken_by("15550100004"), test.taken_by("15550100019")), (1, 0));
    assert_eq!(test.simulator.ledger().asked(), 2);
    assert_eq!(test.send("5511999999999").await.0, StatusCode::OK, "other connections still work");
}

/// The kind of the I/O error that caused an error.
fn kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref()).map(io::Error::kind)
}

#[tokio::test]
async fn some_messages_are_never_answered() {
    let test = TestSimulator::start().await;
    for recipient in ["15550100001", "15550100002", "15550100003", "15550100011"] {
        test.send_without_waiting(recipient);
    }
    test.simulator.ledger().wait_for_asked(4).await;
    test.simulator.ledger().wait_for_taken(3).await;
    assert_eq!(test.taken_by("15550100001"), 0);
}

#[tokio::test]
async fn a_refusal_has_the_graph_api_s_code_status_and_body() {
    let test = TestSimulator::start().await;
    for (recipient, status, code) in [
        ("1555131047", 400, 131_047),
        ("1555000190", 401, 190),
        ("1555000000", 401, 0),
        ("1555000001", 500, 1),
        ("1555131016", 500, 131_016),
        ("1555130429", 400, 130_429),
    ] {
        let (answered, answer) = test.send(recipient).await;
        assert_eq!((answered.as_u16(), &answer["error"]["code"]), (status, &json!(code)), "{recipient}");
        assert_eq!(answer["error"]["error_data"]["details"], "refused on request");
        assert_eq!(test.taken_by(recipient), 0);
    }
}

#[tokio::test]
async fn a_temporary_refusal_may_say_when_to_retry() {
    let test = TestSimulator::start().await;
    let mut usage = json!({ "type": "messages", "call_count": 100, "total_cputime": 25, "total_time": 25 });
    usage["estimated_time_to_regain_access"] = json!(5);
    for (recipient, refusals, header, value) in [
        ("15562131000", 2, "retry-after", None),
        ("155730130429", 1, "retry-after", Some(json!(30))),
        ("155805080007", 1, "x-business-use-case-usage", Some(json!({ "1022": [usage] }))),
    ] {
        for _ in 0..refusals {
            let response = test.message(recipient).send().await.expect("an answer");
            let given = response.headers().get(header).map(|value| serde_json::from_slice(value.as_bytes()));
            assert!(response.status().is_client_error() || response.status().is_server_error());
            assert_eq!(given.transpose().expect("JSON"), value, "{recipient}");
        }
        assert_eq!(test.taken_by(recipient), 0);
        assert_eq!(test.send(recipient).await.0, StatusCode::OK, "{recipient}");
        assert_eq!(test.taken_by(recipient), 1);
    }
}
