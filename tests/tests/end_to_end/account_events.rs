//! What callbacks about templates, numbers and people's wishes change, and the events that they become.

use std::time::Duration;

use local::dev_stack::seed::BUSINESS;
use serde_json::{Value, json};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::{EVENTS, Tenant, callback, event, until_published, wish};

/// The number of the demo customer.
const NUMBER: &str = "106540352242922";

#[tokio::test]
async fn changes_of_templates_become_events() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &EVENTS).await;
    let now = stack.now().secs();
    let with = |value: Value| {
        let mut all = json!({ "message_template_id": "1", "message_template_name": "welcome",
            "message_template_language": "pt_BR" });
        all.as_object_mut().expect("an object").extend(value.as_object().expect("an object").clone());
        all
    };
    let quality = with(json!({ "previous_quality_score": "GREEN", "new_quality_score": "RED" }));
    let coming = json!({ "new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": 1_770_000_000 });
    let refused =
        json!({ "event": "REJECTED", "reason": "SCAM", "rejection_info": { "reason": "a", "recommendation": "b" } });
    for (number, (field, value, expected)) in [
        ("message_template_quality_update", quality.clone(), json!({ "quality": "RED", "previousQuality": "GREEN" })),
        ("message_template_status_update", quality, json!({ "quality": "RED" })),
        (
            "template_category_update",
            with(coming),
            json!({ "category": "UTILITY", "upcomingCategory": "MARKETING",
            "categoryChangesAt": "2026-02-02T02:40:00.000Z" }),
        ),
        (
            "template_category_update",
            with(json!({ "previous_category": "UTILITY", "new_category": "MARKETING" })),
            json!({ "category": "MARKETING", "previousCategory": "UTILITY" }),
        ),
        (
            "message_template_status_update",
            with(refused),
            json!({ "status": "REJECTED", "reason": "SCAM", "description": "a", "recommendation": "b" }),
        ),
        ("message_template_status_update", with(json!({ "event": "NEW_WORD" })), json!({ "status": "NEW_WORD" })),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(stack.post_callback(&callback(BUSINESS, now, field, &value), None).await, 200);
        let calls = webhook.wait_for_calls(number + 1).await;
        let data = &calls[number].json["data"];
        for (name, word) in expected.as_object().expect("an object") {
            assert_eq!(&data[name], word, "{field}: {data}");
        }
        assert!(webhook.verifies(&calls[number]));
    }
}

#[tokio::test]
async fn wishes_about_marketing_messages_become_events_and_unknown_words_are_kept() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    let path = stack.webhook_for(&webhook, &EVENTS).await;
    let now = stack.now().secs();
    let of = |value: &str, at: i64| callback(BUSINESS, now, "user_preferences", &wish(NUMBER, value, at));
    for body in [of("stop", now - 60), of("stop", now - 60), of("resume", now - 30), of("postpone", now)] {
        assert_eq!(stack.post_callback(&body, None).await, 200);
    }
    let stopped = event(&webhook, "contact.opted_out").await;
    assert_eq!((&stopped["phone"], &stopped["userId"]), (&json!("5511911110006"), &json!("BR.15")));
    assert_eq!(stopped["category"], "marketing_messages");
    event(&webhook, "contact.opted_in").await;
    until_published(&stack, &webhook).await;
    assert_eq!(webhook.count(), 3, "each once");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"][0]["reasons"], json!(["unreadable_change"]), "{kept}");
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1));
    assert!(!stack.logs().contains("5511911110006"), "no phone number in logs");
    // A failed delivery is in the log, and is replayed from the outbox.
    webhook.answer_with([reqwest::StatusCode::INTERNAL_SERVER_ERROR]);
    let last = of("stop", now - 10);
    assert_eq!(stack.post_callback(&last, None).await, 200);
    let failed = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs?status=failed"), Value::Null).await;
        logs["data"][0]["id"].as_str().map(str::to_owned)
    };
    let log = eventually("the failed delivery to be logged", failed).await;
    let before = webhook.count();
    let (status, answer) = stack.call(&format!("POST {path}/replay"), json!({ "logId": log })).await;
    assert_eq!(status, 202, "{answer}");
    webhook.wait_for_calls(before + 1).await;
}

#[tokio::test]
async fn limits_of_numbers_change_what_an_instance_shows_and_how_it_is_paced() {
    let stack = TestStack::start(PROGRAM).await;
    let tenant = Tenant::new(&stack, "2001", "9001", false).await;
    let shown = tenant.shown(&stack).await;
    let limits = |shown: &Value| ["quality", "messagingLimit", "throughput"].map(|field| shown[field].clone());
    assert_eq!(limits(&shown), [json!("GREEN"), json!("TIER_2K"), json!(80)]);
    stack.pass(Duration::from_secs(10));
    let now = stack.now().secs();
    let upgrade = |event: &str, phone: &str| {
        json!({ "display_phone_number": phone, "event": event, "current_limit": "TIER_UNLIMITED",
            "max_daily_conversations_per_business": "TIER_UNLIMITED" })
    };
    let post = async |time: i64, field: &str, value: &Value| {
        assert_eq!(stack.post_callback(&callback("9001", time, field, value), None).await, 200);
    };
    post(now, "phone_number_quality_update", &upgrade("THROUGHPUT_UPGRADE", "5511911111111")).await;
    assert_eq!(limits(&tenant.shown(&stack).await)[2], 80, "another number of the account");
    post(now, "phone_number_quality_update", &upgrade("THROUGHPUT_UPGRADE", "551140000000")).await;
    let upgraded = [json!("GREEN"), json!("TIER_UNLIMITED"), json!(1000)];
    assert_eq!(limits(&tenant.shown(&stack).await), upgraded);
    let data = event(&tenant.webhook, "instance.updated").await;
    assert_eq!(limits(&data), upgraded);
    post(now - 3600, "business_capability_update", &json!({ "max_daily_conversations_per_business": 250 })).await;
    assert_eq!(limits(&tenant.shown(&stack).await), upgraded, "older than the connect");
    post(now + 1, "business_capability_update", &json!({ "max_daily_conversations_per_business": 100_000 })).await;
    assert_eq!(limits(&tenant.shown(&stack).await)[1], "TIER_100K");
    post(now, "phone_number_quality_update", &upgrade("TELEPORTED", "551140000000")).await;
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"][0]["reasons"], json!(["unreadable_change"]), "{kept}");
    let echo = json!({ "metadata": { "phone_number_id": "2001" }, "message_echoes": [] });
    post(now, "smb_message_echoes", &echo).await;
    assert_eq!(limits(&tenant.shown(&stack).await)[2], 20, "it is in use in WhatsApp's app");
    let shared = Tenant::new(&stack, "1000000000020", "9001", false).await;
    assert_eq!(limits(&shared.shown(&stack).await), [json!("GREEN"), json!("TIER_2K"), json!(20)]);
}

#[tokio::test]
async fn an_earlier_version_of_the_graph_api_connects_a_number_without_its_messaging_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = crate::template_changes::changed(folder.path(), "Default: v25.0", "Default: v23.0");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = copy).await;
    let tenant = Tenant::new(&stack, "1000000000020", "9001", false).await;
    let shown = tenant.shown(&stack).await;
    assert_eq!((&shown["messagingLimit"], &shown["throughput"]), (&Value::Null, &json!(20)), "{shown}");
}
