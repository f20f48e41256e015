//! The `restore` command: records from restored tables are back, and nothing is sent or published twice.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use serde_json::json;
use shared::account::Plan;
use shared::aws::LEDGER;
use shared::ids::MessageId;
use shared::ledger::Reservation;
use shared::ledger::reservation::RESERVATIONS;
use tests::test_stack::{FAR_AHEAD, TestStack};
use tokio::process::Command;

use crate::{PROGRAM, account_closing, message_details};

/// A copy of a table as it is now, as a restore makes it.
pub async fn restored(stack: &TestStack, table: &str, keys: &[&str]) -> String {
    let tables = &stack.stack.clients.dynamodb;
    let (live, copy) = (&stack.stack.tables[table], format!("Restored{table}"));
    let mut create = tables.create_table().table_name(&copy).billing_mode(BillingMode::PayPerRequest);
    for (key, kind) in keys.iter().zip([KeyType::Hash, KeyType::Range]) {
        let element = KeySchemaElement::builder().attribute_name(*key).key_type(kind).build().expect("a key");
        let text = AttributeDefinition::builder().attribute_name(*key).attribute_type(ScalarAttributeType::S);
        create = create.key_schema(element).attribute_definitions(text.build().expect("an attribute"));
    }
    create.send().await.expect("a table");
    for item in tables.scan().table_name(live).send().await.expect("items").items() {
        tables.put_item().table_name(&copy).set_item(Some(item.clone())).send().await.expect("the table takes it");
    }
    format!("{copy}={live}")
}

/// Loses a message.
pub async fn lose(stack: &TestStack, id: &MessageId) {
    let request = stack.stack.clients.dynamodb.delete_item().table_name(&stack.stack.tables["Messages"]);
    request.key("id", AttributeValue::S(id.to_string())).send().await.expect("the table forgets it");
}

/// Runs the command with these tables.
pub async fn restore(stack: &TestStack, accounts: &str, messages: &str) -> Output {
    let mut command = restore_command(stack, accounts, messages);
    command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    command.output().await.expect("the program runs")
}

fn restore_command(stack: &TestStack, accounts: &str, messages: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["restore", "--accounts", accounts, "--messages", messages]);
    command.env("AWS_ENDPOINT_URL", &stack.stack.addresses.dynamodb).env("AWS_REGION", "us-east-1");
    command
}

/// The same without any credentials of this environment, with a profile of these lines.
async fn restore_with_profile(stack: &TestStack, folder: &Path, profile: &str) -> Output {
    let file = folder.join("config");
    std::fs::write(&file, format!("[profile operator]\n{profile}\n")).expect("a file");
    let mut command = restore_command(stack, "Accounts", "Nowhere=Messages");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env_remove("AWS_SESSION_TOKEN");
    command.env("AWS_PROFILE", "operator").env("AWS_CONFIG_FILE", file).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_SHARED_CREDENTIALS_FILE", folder.join("none"));
    command.output().await.expect("the program runs")
}

#[tokio::test]
async fn a_restore_brings_back_lost_messages_and_posts_nothing_twice() {
    let stack = TestStack::start(PROGRAM).await;
    let read = stack.send_text("5511999999999", "read").await;
    stack.webhook.wait_until_read(read.as_str()).await;
    stack.book_ahead(FAR_AHEAD).await;
    let queued = stack.send_text("5511988888888", "queued").await;
    let canceled = stack.send_text("5511977777777", "canceled since").await;
    stack.wait_until_returned("BulkQueue.fifo", [&queued, &canceled]).await;
    let accounts = restored(&stack, "Accounts", &["pk", "sk"]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    assert_eq!(stack.call(&format!("DELETE /v1/messages/{canceled}"), json!(null)).await.0, 200);
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    lose(&stack, &read).await;
    lose(&stack, &queued).await;

    for written in ["2 restored", "0 restored"] {
        let output = restore(&stack, &accounts, &messages).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let messages = said.lines().find(|line| line.starts_with("Messages: ")).unwrap_or_default();
        assert!(output.status.success() && messages.ends_with(written), "{said}");
    }
    assert_eq!(stack.status(&read).await["status"], "read");
    assert_eq!(stack.status(&canceled).await["error"]["code"], "canceled");
    let status = stack.status(&queued).await;
    assert_eq!((&status["status"], &status["error"]["code"]), (&json!("failed"), &json!("unknown_outcome")));
    stack.webhook.wait_for(queued.as_str(), "message.failed").await;
    assert_eq!(stack.webhook.calls_about(read.as_str()).len(), 3, "published once, before it was lost");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, credits + 1);

    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    stack.wait_for_in_flight("BulkQueue.fifo", 0).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
}

#[tokio::test]
async fn a_restored_message_that_was_refunded_since_is_not_refunded_again() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(FAR_AHEAD).await;
    let canceled = stack.send_text("5511988888888", "canceled since").await;
    let erased = stack.send_text("5511977777777", "erased since").await;
    stack.wait_until_returned("BulkQueue.fifo", [&canceled, &erased]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    assert_eq!(stack.call(&format!("DELETE /v1/messages/{canceled}"), json!(null)).await.0, 200);
    let erase = format!("DELETE /v1/admin/accounts/{}/phones/5511977777777", stack.customer.account_id);
    assert_eq!(stack.operate(&erase, json!(null)).await.0, 200);
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    lose(&stack, &canceled).await;

    assert!(restore(&stack, "Accounts", &messages).await.status.success());
    assert_eq!(stack.status(&canceled).await["error"]["code"], "unknown_outcome");
    assert_eq!(stack.call(&format!("GET /v1/messages/{erased}/status"), json!(null)).await.0, 404);
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, credits);
}

#[tokio::test]
async fn a_restore_brings_back_a_revoked_key_only_with_the_accounts() {
    let stack = TestStack::start(PROGRAM).await;
    let path = format!("/v1/admin/accounts/{}/keys", stack.customer.account_id);
    let (_, made) = stack.operate(&format!("POST {path}"), json!({ "name": "shop" })).await;
    let (id, key) = (made["data"]["id"].as_str().expect("an id"), made["data"]["key"].as_str().expect("a key"));
    let accounts = restored(&stack, "Accounts", &["pk", "sk"]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    assert_eq!(stack.operate(&format!("DELETE {path}/{id}"), json!(null)).await.0, 204);
    let listed = async || stack.operate(&format!("GET {path}"), json!(null)).await.1.to_string().contains(id);
    for (tables, is_back) in [("Accounts", false), (accounts.as_str(), true)] {
        assert!(restore(&stack, tables, &messages).await.status.success());
        assert_eq!(listed().await, is_back, "{tables}");
    }
    assert_eq!(stack.call_as(key, "GET /v1/webhooks", json!(null)).await.0, 200);
}

#[tokio::test]
async fn a_restore_brings_back_nothing_of_a_closed_account() {
    let stack = TestStack::start(PROGRAM).await;
    let ids = account_closing::fill(&stack).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let accounts = restored(&stack, "Accounts", &["pk", "sk"]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    account_closing::close(&stack).await;
    account_closing::wait_until_closed(&stack, 20).await;
    let left = account_closing::items_with(&stack, &ids).await;
    for tables in ["Accounts", &accounts] {
        let output = restore(&stack, tables, &messages).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let now = account_closing::items_with(&stack, &ids).await;
        assert_eq!(now.keys().collect::<Vec<_>>(), left.keys().collect::<Vec<_>>(), "with {tables}");
    }
    assert_eq!(stack.call("GET /v1/webhooks", json!(null)).await.0, 401, "its key is still refused");
}

#[tokio::test]
async fn details_beside_a_record_come_back_with_it_and_not_without() {
    let stack = TestStack::start(PROGRAM).await;
    for id in ["wamid.lost", "wamid.erased"] {
        message_details::receive_large_order(&stack, id).await;
    }
    let [lost, erased] = ["wamid.lost", "wamid.erased"].map(|id| message_details::id_of(&stack, id));
    let details = async |id: &str| stack.call(&format!("GET /v1/messages/{id}/details"), json!(null)).await;
    let (_, before) = details(&lost).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    stack.erase(message_details::PHONE).await;
    lose(&stack, &lost.parse().expect("an id")).await; // its tombstone too
    let output = restore(&stack, "Accounts", &messages).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(details(&lost).await, (200, before));
    assert_eq!(account_closing::items_with(&stack, &[&erased]).await.len(), 1, "its tombstone");
}

#[tokio::test]
async fn a_restored_ledger_has_no_reservations() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Free, 100).await;
    let accounts = restored(&stack, "Accounts", &["pk", "sk"]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    let tables = &stack.stack.clients.dynamodb;
    let key = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
    let meter = HashMap::from([key("pk", account.as_str()), key("sk", LEDGER)]);
    let reserve = tables.update_item().table_name("RestoredAccounts").set_key(Some(meter.clone()));
    let reserve = reserve.update_expression("SET #o = :o").expression_attribute_names("#o", RESERVATIONS);
    let open = [("1f".to_owned(), Reservation::value([7; 16], stack.now()))];
    let reserve = reserve.expression_attribute_values(":o", AttributeValue::M(open.into()));
    reserve.send().await.expect("the table takes it");
    let lost = tables.delete_item().table_name(&stack.stack.tables["Accounts"]).set_key(Some(meter));
    lost.send().await.expect("the table forgets it");
    assert!(restore(&stack, &accounts, &messages).await.status.success());
    let ledger = stack.ledger(&account).await;
    assert_eq!((ledger.credits, ledger.reservations.len()), (100, 0));
}

#[tokio::test]
async fn a_restore_takes_credentials_from_the_process_that_a_profile_names() {
    let stack = TestStack::start(PROGRAM).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (script, ran) = (folder.path().join("credentials"), folder.path().join("ran"));
    let answer = json!({ "Version": 1, "AccessKeyId": "local", "SecretAccessKey": "local" });
    std::fs::write(&script, format!("#!/bin/sh\ntouch '{}'\necho '{answer}'\n", ran.display())).expect("a file");
    let profile = format!("credential_process = /bin/sh {}", script.display());
    let output = restore_with_profile(&stack, folder.path(), &profile).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(ran.exists() && said.contains("Nowhere"), "the table was asked for: {said}");
}

#[tokio::test]
async fn a_restore_without_credentials_names_the_command_that_gives_them() {
    let stack = TestStack::start(PROGRAM).await;
    let folder = tempfile::tempdir().expect("a folder");
    let sign_in = "login_session = arn:aws:iam::123456789012:user/operator";
    let single_sign_on = "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n\
        sso_account_id = 123456789012\nsso_role_name = operator"; // and nobody has signed in
    for profile in [sign_in, single_sign_on, "credential_process = /bin/false", "region = us-east-1"] {
        let output = restore_with_profile(&stack, folder.path(), profile).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("aws configure export-credentials"), "{profile}: {said}");
        assert!(!said.contains("feature: \"sso\""), "{said}");
    }
}

#[tokio::test]
async fn a_restore_names_a_missing_table() {
    let stack = TestStack::start(PROGRAM).await;
    let output = restore(&stack, "Nowhere=Accounts", "Nowhere=Messages").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("Nowhere"), "{said}");
}
