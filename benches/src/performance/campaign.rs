//! A measurement of promise 8: a number's one-time codes, alone and beside another number's campaign.

use std::sync::Arc;
use std::time::Duration;

use crate::percentiles::Percentiles;
use crate::performance::arrivals::{arrive, poisson};
use crate::performance::latencies::Latencies;
use crate::performance::load::{Load, wait};
use crate::performance::waiting;

/// One-time codes a second.
pub const RATE: u64 = 10;
/// The other account's instance (`tests::accounts`).
const CODES: &str = "inst_theirs";
/// The longest time for writing a message to table and queue and for returning it once.
const EACH: Duration = Duration::from_millis(4);

/// The codes' latencies.
pub struct Campaign {
    /// Messages of the campaign.
    pub waiting: usize,
    /// How many of them left while the codes were sent.
    pub left: usize,
    /// Posts that WhatsApp refused for their rate.
    pub throttled: usize,
    /// Codes of each run.
    pub codes: usize,
    /// From acceptance to `sent`, alone.
    pub alone: Latencies,
    /// The same beside the campaign.
    pub beside: Latencies,
}

/// Measures so many runs of so many codes in both cases.
pub async fn measure(program: &str, runs: usize, campaign: usize, codes: usize) -> Campaign {
    let load = Load::start_standard(program).await;
    let key: Arc<str> = load.stack.neighbour().await.into();
    queued_to_sent(&load, &key, codes / 2).await; // processes start and connections are made
    let mut alone = Vec::new();
    for run in 1..=runs {
        eprintln!("one-time codes alone: run {run} of {runs}");
        alone.push(queued_to_sent(&load, &key, codes).await);
    }
    eprintln!("a campaign of {campaign} is put into its queue");
    let lead = Duration::from_secs(5) + EACH * u32::try_from(campaign).expect("a count");
    let first = load.stack.now().plus(lead);
    load.stack.book_ahead(lead + waiting::SLOT * u32::try_from(campaign).expect("a count")).await;
    waiting::put(&load.stack, &load.stack.customer.instance_id, first, 0, campaign).await;
    tokio::time::sleep(load.stack.now().until(first)).await; // until the first of them leave
    let asked = || load.stack.whatsapp().ledger().asked();
    let (before, mut beside) = (asked(), Vec::new());
    wait("messages of the campaign", before + 1, || async { asked() }).await;
    for run in 1..=runs {
        eprintln!("one-time codes beside a campaign: run {run} of {runs}");
        beside.push(queued_to_sent(&load, &key, codes).await);
    }
    Campaign {
        waiting: campaign,
        left: asked().saturating_sub(before + runs * codes),
        throttled: load.stack.whatsapp().ledger().throttled(),
        codes,
        alone: Latencies::of(alone),
        beside: Latencies::of(beside),
    }
}

async fn queued_to_sent(load: &Arc<Load>, key: &Arc<str>, codes: usize) -> Percentiles {
    let sending = (load.clone(), key.clone());
    let accepted = arrive(poisson(RATE as f64, codes), move |number, arrived| {
        let (load, key) = sending.clone();
        async move { load.send_as(&key, CODES, &format!("55118{number:08}"), arrived).await }
    });
    let accepted = accepted.await;
    load.wait_until_sent(&accepted).await;
    load.queued_to_sent(&accepted).await
}
