//! One run of the server: messages at a rate, what they used, and whether it did the work.

use std::time::Duration;

use tokio::time::sleep;

use super::lost_work;
use super::running::Server;
use crate::peers::load;
use crate::peers::plan::Plan;
use crate::peers::same_work;
use crate::peers::whole::{Part, Whole};

/// Messages before those that count, and how many a second: a server runs for weeks, and V8 compiles what runs often.
const WARM_UP: (usize, u32) = (500, 25);
/// How long its programs are watched while no message comes.
const REST: Duration = Duration::from_secs(5);

/// Measures.
///
/// # Panics
/// When the server does not do the work.
pub async fn measure(plan: Plan) -> Whole {
    let Plan { messages, rate, .. } = plan;
    let (warm_up, warm_up_rate) = WARM_UP;
    let mut server = Server::start().await;
    let credits = server.credits();
    load::send(&server.gateway, warm_up_rate, 0..warm_up).await;
    sleep(REST).await; // V8 compiles and collects for a while
    let resting = server.used();
    sleep(REST).await;
    let before = server.used();
    let posted = server.gateway.whatsapp.ledger().asked();
    let accepted = load::send(&server.gateway, rate, warm_up..warm_up + messages).await;
    let after = server.used();
    assert_eq!(server.gateway.whatsapp.ledger().asked() - posted, messages, "posts of the messages that count");
    check(&server, warm_up + messages, credits);
    let usages = resting.into_iter().zip(before).zip(after);
    let part = |(((name, resting), (_, before)), (_, after))| {
        Part::new(name, [before, after], messages).at_rest([resting, before], REST)
    };
    let parts = usages.map(part).collect();
    let whole = Whole::new(parts, &server.gateway, &accepted);
    same_work::check(&server.gateway, async || server.credits()).await;
    lost_work::check(&mut server).await;
    whole
}

/// Each message was sent, reported and paid for once, read, and nothing is left to do.
fn check(server: &Server, messages: usize, credits: i64) {
    load::check(&server.gateway, messages);
    assert_eq!(credits - server.credits(), i64::try_from(messages).expect("a count"), "credits");
    let read = server.postgres.query("SELECT count(*) FROM messages WHERE status = 'read'");
    assert_eq!(read, messages.to_string(), "messages that were read");
    let left = server.postgres.query("SELECT message_id FROM outbox");
    assert_eq!(left, "", "messages in the outbox");
}
