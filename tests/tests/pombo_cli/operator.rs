//! The operator's commands, and what an operator reads of a customer's.

use serde_json::{Value, json};
use tests::wait::eventually;

use crate::user::{User, text};

#[tokio::test]
async fn an_operator_makes_an_account_with_a_key_and_its_customer_an_instance() {
    let user = User::new().await;
    let account = user.json(&["accounts", "create", "Shop", "--plan", "pro", "--credits", "10"]);
    let id = text(&account["id"]).to_owned();
    assert_eq!(user.json(&["accounts", "credits", &id, "-4"])["credits"], 6);
    assert_eq!(
        user.json(&["accounts", "update", &id, "--name", "Shop 2", "--trust-own-app", "true"])["trustOwnApp"],
        true
    );
    assert!(user.prints(&["accounts", "list"]).contains("Shop 2"));
    let created =
        user.json(&["keys", "create", &id, "first", "--scope", "instances:write", "--scope", "instances:read"]);
    let key = text(&created["key"]).to_owned();
    let environment = [("POMBO_API_KEY", key.as_str()), ("WHATSAPP_ACCESS_TOKEN", "EAAG-of-a-test")];
    let customer = |arguments: &[&str]| {
        let output = user.run_with(&environment, &[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said, serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    let instance = customer(&["instances", "create", "Shop"]).2;
    let instance = text(&instance["id"]);
    let number = ["--business-id", "102290129340399", "--phone-number-id", "106540352242923"];
    let connected = customer(&[&["instances", "connect", instance], &number[..]].concat());
    assert_eq!((connected.0, &connected.2["status"]), (Some(0), &json!("connected")), "{}", connected.1);
    assert_eq!(customer(&["instances", "list"]).2["data"][0]["id"], json!(instance));
    assert_eq!(customer(&["instances", "disconnect", instance, "--reason", "moved"]).2["status"], "disconnected");
    assert_eq!(customer(&["instances", "status", instance]).2["reason"], "moved");
    let (code, said, _) = customer(&["account"]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "every scope may ask for the account");
    assert!(!user.prints(&["keys", "list", &id]).contains(&key));
    assert_eq!(user.prints(&["keys", "revoke", &id, text(&created["id"])]), "done\n");
    assert_eq!(user.json(&["keys", "list", &id])["data"], json!([]));
    assert!(user.fails(&["accounts", "close", &id, "Shop"]).contains("nothing was closed"));
    assert_eq!(user.json(&["accounts", "close", &id, "Shop 2"])["status"], "closing");
    assert_eq!(user.json(&["accounts", "get", &id])["closing"]["step"], "waiting");
}

fn of_account<'a>(account: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--account", account]].concat()
}

#[tokio::test]
async fn an_operator_finds_what_became_of_a_customers_order() {
    let user = User::new().await;
    let sent = user.json(&["send", "5511900000001", "Your order", "--reference", "1017"]);
    let refused = user.json(&["send", "1559131049", "Refused", "--reference", "1018"]);
    let [message, refused] = [&sent, &refused].map(|sent| text(&sent["messageId"]).to_owned());
    let instance = text(&user.state["instanceId"]).to_owned();
    let account = text(&user.state["accountId"]).to_owned();
    // The operator has no key of the customer's.
    user.write_profiles(&format!(
        "[default]\nurl = {}\nadmin_key = {}\n",
        user.state["apiUrl"], user.state["adminKey"]
    ));
    let listed = user.json(&of_account(&account, &["messages", "list", "--reference", "1017"]));
    assert_eq!((listed["data"].as_array().map(Vec::len), text(&listed["data"][0]["messageId"])), (Some(1), &*message));
    let is_read = || async {
        let shown = user.prints(&of_account(&account, &["messages", "timeline", &message]));
        shown.ends_with("\nstatus read, attempts 1\nnot shown: successful_webhook_attempts\n").then_some(shown)
    };
    let shown = eventually("the message is read", is_read).await;
    let rows: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["time", "what", "details"]);
    let what: Vec<&str> = rows[1..5].iter().map(|row| row[1]).collect();
    assert_eq!(what, ["accepted", "sent", "delivered", "read"], "{shown}");
    assert!(rows[2][2].starts_with("wamid."), "{shown}");
    let has_failed = || async {
        let shown = user.prints(&of_account(&account, &["messages", "timeline", &refused]));
        shown.contains("  failed  ").then_some(shown)
    };
    let shown = eventually("the message fails", has_failed).await;
    assert!(shown.contains("131049") && shown.contains("\nstatus failed, attempts 1\n"), "{shown}");
    assert_eq!(
        user.json(&of_account(&account, &["messages", "list", "--status", "failed"]))["data"][0]["messageId"],
        json!(refused)
    );
    assert_eq!(
        user.json(&of_account(&account, &["messages", "list", "--direction", "outbound", "--instance", &instance]))["data"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(user.json(&of_account(&account, &["messages", "get", &message]))["reference"], "1017");
    assert_eq!(user.json(&of_account(&account, &["account"]))["id"], json!(account));
    assert_eq!(user.json(&of_account(&account, &["instances", "list"]))["data"][0]["id"], json!(instance));
    assert_eq!(user.json(&of_account(&account, &["instances", "get", &instance]))["id"], json!(instance));
    assert_eq!(user.json(&of_account(&account, &["instances", "status", &instance]))["status"], "connected");
    assert_eq!(user.json(&of_account(&account, &["webhooks", "list"]))["data"][0]["id"], "wh_demo");
    assert_eq!(user.json(&of_account(&account, &["webhooks", "get", "wh_demo"]))["status"], "active");
    assert!(user.is_wrong(&["messages", "list", "--reference", "1017"]).contains("the API key is missing"));
    let status = user.run_with(&[("POMBO_INSTANCE", &instance)], &of_account(&account, &["instances", "status"]));
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    assert!(
        user.is_wrong(&of_account(&account, &["instances", "status"]))
            .contains("the instance is missing: pass its id, set")
    );
}

#[tokio::test]
async fn an_operator_sees_what_was_given_up_counts_and_erases() {
    let user = User::new().await;
    let account = text(&user.state["accountId"]).to_owned();
    let sent = user.json(&["send", "5511900000001", "Your order", "--reference", "1017"]);
    let message = text(&sent["messageId"]).to_owned();
    let is_read = || async { (user.json(&["messages", "get", &message])["status"] == "read").then_some(()) };
    eventually("the message is read", is_read).await;
    assert_eq!(user.json(&of_account(&account, &["statistics"]))["interval"], "day");
    assert!(["nothing", "direction"].iter().any(|it| user.prints(&["statistics"]).starts_with(it)));
    let unread = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"of_next_year","value":{}}]}]}"#;
    user.post_callback(unread).await;
    let kept =
        || async { user.json(&["callbacks", "list"])["data"].as_array().filter(|rows| rows.len() == 1).cloned() };
    let kept = eventually("the callback is kept", kept).await;
    assert!(user.prints(&["callbacks", "list"]).contains("unknown_field"));
    assert_eq!(user.json(&["callbacks", "replay", text(&kept[0]["id"])])["unread"], 1);
    assert_eq!(user.json(&["dead-letters"])["data"], json!([]));
    assert!(user.prints(&of_account(&account, &["webhooks", "logs", "wh_demo"])).starts_with("timestamp"));
    assert!(user.json(&["webhooks", "replay", "wh_demo", "--message", &message]).is_object());
    let erased = user.json(&["accounts", "erase", &account, "5511900000001"]);
    assert_eq!((&erased["erased"], &erased["remaining"]), (&json!(1), &json!(0)), "{erased}");
    assert!(user.fails(&["messages", "get", &message]).contains("message_not_found"));
    assert_eq!(user.json(&["accounts", "erase", &account, "BR.13001"])["erased"], 0);
}

#[tokio::test]
async fn credits_and_keys_with_an_idempotency_key_are_made_once() {
    let user = User::new().await;
    let account = user.json(&["accounts", "create", "Shop", "--credits", "10"]);
    let id = text(&account["id"]).to_owned();
    let grant = ["accounts", "credits", &id, "5", "--idempotency-key", "invoice-1"];
    assert_eq!((&user.json(&grant)["credits"], &user.json(&grant)["credits"]), (&json!(15), &json!(15)));
    assert_eq!(user.json(&["accounts", "credits", &id, "5"])["credits"], 20);
    assert_eq!(user.json(&["accounts", "credits", &id, "5"])["credits"], 25);
    let create = ["keys", "create", &id, "shop", "--idempotency-key", "key-1"];
    let (first, second) = (user.json(&create), user.json(&create));
    assert_eq!(first, second);
    let before = user.prints(&["keys", "list", &id]);
    assert!(before.lines().next().is_some_and(|heading| heading.contains("  lastUsedAt  ")), "{before}");
    assert_eq!(before.lines().count(), 2, "{before}");
    let used = user.run_with(&[("POMBO_API_KEY", text(&first["key"]))], &["account"]);
    assert!(used.status.success());
    let listed = user.json(&["keys", "list", &id]);
    let at = text(&listed["data"][0]["lastUsedAt"]);
    assert!(user.prints(&["keys", "list", &id]).contains(at));
}
