//! Checks that the server loses no message with its queue and its worker, and believes no callback of another app.

use serde_json::json;
use tests::wait::eventually;

use super::running::Server;

/// A recipient of no other message.
const RECIPIENT: &str = "5511888880001";
/// The simulator accepts its messages, and neither answers nor reports them (docs/simulator.md).
const UNANSWERED: &str = "15550100002";

/// Checks it.
///
/// # Panics
/// When a message is lost or sent twice, or a forged callback is believed.
pub async fn check(server: &mut Server) {
    let id = jobs_are_found_again(server).await;
    interrupted_posts_are_not_repeated(server).await;
    forged_callbacks_are_refused(server, &id).await;
}

/// The worker is dead and Redis has lost all jobs: the sweeper finds the messages in the outbox. Returns one of them.
async fn jobs_are_found_again(server: &mut Server) -> String {
    server.kill_worker();
    let first = server.gateway.send_text(RECIPIENT, "first").await;
    let second = server.gateway.send_text(RECIPIENT, "second").await;
    server.redis.flush();
    server.start_worker();
    for id in [&first, &second] {
        server.gateway.wait_for_status(id, "read").await;
        server.gateway.webhook.wait_until_read(id).await;
    }
    assert_eq!(texts_to(server, RECIPIENT), ["first", "second"], "each once and in order");
    first
}

/// The worker dies while it waits for WhatsApp's answer: the message is not posted again, and the conversation continues.
async fn interrupted_posts_are_not_repeated(server: &mut Server) {
    let id = server.gateway.send_text(UNANSWERED, "once").await;
    wait_for_taken(server, &["once"]).await;
    server.kill_worker();
    server.postgres.query("UPDATE messages SET lease_until = now() WHERE status = 'sending'"); // as if the lease had passed
    server.gateway.send_text(UNANSWERED, "next").await;
    server.start_worker();
    wait_for_taken(server, &["once", "next"]).await;
    assert_eq!(server.postgres.query(&format!("SELECT status FROM messages WHERE id = '{id}'")), "unknown");
}

/// Waits until WhatsApp has accepted exactly these texts without an answer.
async fn wait_for_taken(server: &Server, texts: &[&str]) {
    let are_taken = || async { (texts_to(server, UNANSWERED).len() >= texts.len()).then_some(()) };
    eventually("WhatsApp to accept it", are_taken).await;
    assert_eq!(texts_to(server, UNANSWERED), texts);
}

fn texts_to(server: &Server, recipient: &str) -> Vec<String> {
    let taken = server.gateway.whatsapp.ledger().taken_by(recipient);
    taken.iter().map(|taken| taken.message["text"]["body"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn forged_callbacks_are_refused(server: &Server, id: &str) {
    let status = json!({ "id": "wamid.forged", "status": "failed", "timestamp": "0", "biz_opaque_callback_data": id });
    let change = json!({ "field": "messages", "value": { "statuses": [status] } });
    let callback = json!({ "object": "whatsapp_business_account", "entry": [{ "changes": [change] }] });
    let forger = server.gateway.whatsapp.callbacks().with_secret(&"another secret".into());
    let answer = forger.post(&callback.to_string()).await;
    assert_eq!(answer.map(|status| status.as_u16()), Some(401), "a callback that WhatsApp did not sign");
}
