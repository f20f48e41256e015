//! The bodies of test events, about a message that does not exist.

use serde_json::value::RawValue;
use shared::ids::InstanceId;
use shared::webhook::Webhook;

/// An event as the webhook gets it, marked as a test.
pub fn test_payload(webhook: &Webhook, event: &str, now: &str) -> Box<RawValue> {
    let instance = webhook.instance_id.as_ref().map_or("", InstanceId::as_str);
    let status = event.split_once('.').map_or(event, |(_, status)| status);
    let message = format!(
        r#""messageId":"msg_test","instanceId":"{instance}","to":"5511999999999","status":"{status}","timestamp":"{now}","metadata":{{"test":true}}"#
    );
    let data = match event {
        "message.received" => format!(
            r#""messageId":"msg_test","providerId":"wamid.test","instanceId":"{instance}","direction":"inbound","status":"delivered","chatId":"chat_5511999999999","from":"5511999999999","type":"text","content":"This is a test","contactName":"Test","isGroup":false,"timestamp":"{now}","sequence":"0#msg_test""#
        ),
        "message.failed" => {
            format!(r#"{message},"error":{{"code":"provider_error","message":"This is a test","providerCode":131000}}"#)
        }
        "instance.updated" => format!(
            r#""instanceId":"{instance}","status":"connected","quality":"GREEN","messagingLimit":"TIER_2K","throughput":80,"timestamp":"{now}""#
        ),
        "template.updated" => format!(
            r#""instanceId":"{instance}","templateId":"1","name":"test","language":"pt_BR","status":"APPROVED","category":"UTILITY","timestamp":"{now}""#
        ),
        "contact.updated" => format!(
            r#""instanceId":"{instance}","chatId":"chat_5511999999999","aliases":["5511999999999","BR.1"],"timestamp":"{now}""#
        ),
        "media.ready" => format!(
            r#""mediaId":"media_test","instanceId":"{instance}","status":"ready","filename":"test.pdf","mimeType":"application/pdf","size":1024,"timestamp":"{now}""#
        ),
        "media.failed" => format!(
            r#""mediaId":"media_test","instanceId":"{instance}","status":"failed","filename":"test.pdf","mimeType":"application/pdf","size":1024,"error":{{"code":"provider_error","message":"This is a test","providerCode":131000}},"timestamp":"{now}""#
        ),
        "batch.completed" => format!(
            r#""batchId":"batch_test","instanceId":"{instance}","accepted":1,"counts":{{"scheduled":0,"queued":0,"sent":1,"delivered":0,"read":0,"failed":0}},"canceled":false,"timestamp":"{now}""#
        ),
        _ if event.starts_with("contact.") => format!(
            r#""instanceId":"{instance}","phone":"5511999999999","userId":"BR.1","category":"marketing_messages","timestamp":"{now}""#
        ),
        _ if event.starts_with("instance.") => {
            format!(r#""instanceId":"{instance}","status":"{status}","timestamp":"{now}""#)
        }
        _ => message,
    };
    let text = format!(r#"{{"event":"{event}","timestamp":"{now}","test":true,"data":{{{data}}}}}"#);
    RawValue::from_string(text).expect("ids, times and names of events need no escapes")
}
