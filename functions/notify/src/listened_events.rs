//! Events for those who listen: kept until their next poll. What cannot be kept is lost; it fails nothing else, and delays a
//! batch by a moment.

use std::time::Duration;

use futures::future::join_all;
use shared::clock;
use shared::event::Event;
use shared::listener::{KeptEvent, Listener};

use crate::dispatcher::Dispatcher;

/// Events of a batch that one listener gets; the last of them says how many it did not get.
const MAX_OF_BATCH: usize = 25;
/// How long a batch waits for all of this.
const BATCH_TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps those events of a batch that a listener gets.
pub async fn keep(dispatcher: &Dispatcher, listener: &Listener, events: &[&Event]) {
    let now = clock::now();
    let listened: Vec<_> = events.iter().filter(|event| listener.hears(event, now)).collect();
    let shown = listened.len().min(MAX_OF_BATCH);
    let keep = |position: usize| {
        let skipped = if position + 1 == shown { listened.len() - shown } else { 0 };
        let row = KeptEvent::new(listened[position], &listener.id, (now, position), skipped);
        async move { dispatcher.accounts.keep_event(&listener.id, &row).await }
    };
    match tokio::time::timeout(BATCH_TIMEOUT, join_all((0..shown).map(keep))).await {
        Ok(written) => {
            for error in written.into_iter().filter_map(Result::err) {
                tracing::warn!(listener_id = %listener.id, %error, "listened_event.keep_failed");
            }
        }
        Err(_) => tracing::warn!(listener_id = %listener.id, "listened_event.keep_timed_out"),
    }
}
