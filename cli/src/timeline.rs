//! Shows what happened to a message: `messages timeline`.

use serde_json::Value;

use crate::output::{aligned, cell};

/// A table of time, what happened and its details, and below it how far the message is and what the API does not show.
pub fn text(answer: &Value) -> String {
    let timeline = &answer["data"];
    let heading = ["time", "what", "details"].map(str::to_owned).to_vec();
    let entries = timeline["entries"].as_array().into_iter().flatten();
    let rows = entries.map(|entry| vec![cell(&entry["at"]), cell(&entry["type"]), details(entry)]);
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    let list = |name: &str| {
        let values = timeline[name].as_array().into_iter().flatten().map(cell);
        values.collect::<Vec<_>>().join(", ")
    };
    let unknown = if timeline["outcomeUnknown"] == true { ", nobody knows yet whether WhatsApp took it" } else { "" };
    let [status, attempts] = ["status", "attempts"].map(|name| cell(&timeline[name]));
    let mut shown = aligned(&lines) + &format!("status {status}, attempts {attempts}{unknown}\n");
    if !list("notShown").is_empty() {
        shown += &format!("not shown: {}\n", list("notShown"));
    }
    shown
}

/// WhatsApp's id, why it failed, or the attempt at a webhook.
fn details(entry: &Value) -> String {
    let (error, webhook) = (&entry["error"], &entry["webhook"]);
    if error.is_object() {
        let provider = known(&error["providerCode"], ", WhatsApp ");
        return format!("{}: {}{provider}", cell(&error["code"]), cell(&error["message"]));
    }
    if webhook.is_object() {
        let [event, id, status] = ["event", "webhookId", "status"].map(|name| cell(&webhook[name]));
        let answer = if webhook["error"].is_null() { &webhook["statusCode"] } else { &webhook["error"] };
        let next = known(&webhook["nextRetryAt"], ", again at ");
        return format!("{event} to {id}: {status}{}{next}", known(answer, ", "));
    }
    cell(&entry["providerId"])
}

/// A value after a prefix, if it is there.
fn known(value: &Value, prefix: &str) -> String {
    if value.is_null() { String::new() } else { format!("{prefix}{}", cell(value)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_timeline_says_when_what_happened_and_why() {
        let attempt = json!({ "webhookId": "wh_1", "event": "message.failed", "status": "failed", "statusCode": 502,
            "error": "the endpoint answered\u{1b}[2J 502", "nextRetryAt": "2026-02-03T12:01:00.000Z" });
        let failure = json!({ "code": "outside_window", "message": "More than 24 hours", "providerCode": 131_047 });
        let entries = json!([
            { "at": "2026-02-03T12:00:00.000Z", "type": "accepted" },
            { "at": "2026-02-03T12:00:01.000Z", "type": "sent", "providerId": "wamid.1" },
            { "at": "2026-02-03T12:00:02.000Z", "type": "failed", "error": failure },
            { "at": "2026-02-03T12:00:03.000Z", "type": "webhookAttempt", "webhook": attempt },
        ]);
        let answer = json!({ "success": true, "data": { "messageId": "msg_1", "status": "failed", "attempts": 1,
            "entries": entries, "notShown": ["successful_webhook_attempts"] } });
        let shown = "\
time                      what            details
2026-02-03T12:00:00.000Z  accepted
2026-02-03T12:00:01.000Z  sent            wamid.1
2026-02-03T12:00:02.000Z  failed          outside_window: More than 24 hours, WhatsApp 131047
2026-02-03T12:00:03.000Z  webhookAttempt  message.failed to wh_1: failed, the endpoint answered [2J 502, again at 2026-02-03T12:01:00.000Z
status failed, attempts 1
not shown: successful_webhook_attempts
";
        assert_eq!(text(&answer), shown);
        let unknown = json!({ "data": { "status": "queued", "attempts": 1, "outcomeUnknown": true, "entries": [] } });
        assert!(text(&unknown).ends_with("status queued, attempts 1, nobody knows yet whether WhatsApp took it\n"));
    }
}
