//! A measurement of promise 8: one-time codes, alone and beside a campaign, from its own number and from another account's. Here they share the
//! machine's processors with the campaign, on AWS they do not: so they are also measured while the same campaign leaves from a second
//! stack on this machine, with which they share nothing else.

use std::sync::Arc;

use secrecy::ExposeSecret;
use shared::aws::{ItemKey, UpdateBuilder};
use shared::batch::MAX_RECIPIENTS;
use shared::ledger::ledger_item::CREDITS;

use crate::percentiles::Percentiles;
use crate::performance::arrivals::{arrive, poisson};
use crate::performance::batches;
use crate::performance::latencies::Latencies;
use crate::performance::load::Load;
use crate::progress::wait;
use crate::spread::Spread;

/// One-time codes a second.
pub const RATE: u64 = 10;
/// The other account's instance (`tests::accounts`).
const THEIRS: &str = "inst_theirs";

/// The codes' latencies.
pub struct Campaign {
    /// Messages of the campaign.
    pub messages: usize,
    /// Milliseconds until a batch of it was accepted.
    pub accept: Spread,
    /// How many of them left while the codes were sent.
    pub left: usize,
    /// Posts that WhatsApp refused for their rate.
    pub throttled: usize,
    /// Codes of each run.
    pub codes: usize,
    /// Those from the campaign's number.
    pub same_number: Codes,
    /// Those from another account's number.
    pub other_account: Codes,
}

/// The latencies of a number's codes.
pub struct Codes {
    /// From acceptance to `sent`, alone.
    pub alone: Latencies,
    /// The same while the campaign leaves from a stack of its own on this machine.
    pub apart: Latencies,
    /// The same beside the campaign.
    pub beside: Latencies,
}

/// Who sends codes.
struct Sender {
    name: &'static str,
    key: Arc<str>,
    instance: Arc<str>,
}

/// Measures so many runs of so many codes in all cases.
pub async fn measure(program: &str, runs: usize, campaign: usize, codes: usize) -> Campaign {
    let load = Load::start_distant(program).await;
    let customer = &load.stack.customer;
    let ours = Sender {
        name: "the same number",
        key: customer.api_key.expose_secret().into(),
        instance: customer.instance_id.as_str().into(),
    };
    let theirs = Sender { name: "another account", key: load.stack.neighbour().await.into(), instance: THEIRS.into() };
    let senders = [ours, theirs];
    for sender in &senders {
        queued_to_sent(&load, sender, codes / 2).await; // processes start and connections are made
    }
    let series = Series { load: &load, senders: &senders, runs, codes };
    let alone = series.measure("alone").await;
    let apart = {
        let other = Load::start_distant(program).await;
        begin_campaign(&other, campaign).await;
        series.measure("beside the campaign of a stack of its own").await
    };
    let (accept, before) = begin_campaign(&load, campaign).await;
    let beside = series.measure("beside the campaign").await;
    let left = load.stack.whatsapp().ledger().asked().saturating_sub(before + 2 * runs * codes);
    let mut all = alone.into_iter().zip(apart).zip(beside);
    let [same_number, other_account] = std::array::from_fn(|_| {
        let ((alone, apart), beside) = all.next().expect("two senders");
        Codes { alone, apart, beside }
    });
    let throttled = load.stack.whatsapp().ledger().throttled();
    Campaign { messages: campaign, accept, left, throttled, codes, same_number, other_account }
}

/// So many runs of so many codes of each sender.
struct Series<'a> {
    load: &'a Arc<Load>,
    senders: &'a [Sender; 2],
    runs: usize,
    codes: usize,
}

impl Series<'_> {
    /// Their latencies, by sender; the runs of the senders take turns.
    async fn measure(&self, when: &str) -> [Latencies; 2] {
        let mut all = [Vec::new(), Vec::new()];
        for run in 1..=self.runs {
            for (sender, latencies) in self.senders.iter().zip(&mut all) {
                eprintln!("one-time codes of {} {when}: run {run} of {}", sender.name, self.runs);
                latencies.push(queued_to_sent(self.load, sender, self.codes).await);
            }
        }
        all.map(Latencies::of)
    }
}

/// Sends the campaign and waits until it leaves: milliseconds until each of its batches was accepted, and how much WhatsApp was asked before.
async fn begin_campaign(load: &Load, campaign: usize) -> (Spread, usize) {
    let asked = || load.stack.whatsapp().ledger().asked();
    let before = asked();
    let accept = send_campaign(load, campaign).await;
    wait("messages of the campaign", before + 1, || async { asked() }).await;
    (accept, asked())
}

/// Sends the campaign in batches, one after the other.
async fn send_campaign(load: &Load, campaign: usize) -> Spread {
    let credits = UpdateBuilder::new().set(CREDITS, 2 * campaign + 1_000_000);
    let ledger = ItemKey::ledger(&load.stack.customer.account_id);
    load.stack.accounts.update(ledger, &credits).await.expect("the table takes it");
    let (phones, mut took): (Vec<usize>, _) = ((0..campaign).collect(), Vec::new());
    for batch in phones.chunks(MAX_RECIPIENTS) {
        let to = batch.iter().map(|number| format!("55217{number:08}"));
        took.push(batches::send(&load.stack, to).await.as_secs_f64() * 1000.0);
        eprint!("\ra campaign: {} of {campaign} accepted", batch.last().map_or(0, |last| last + 1));
    }
    eprintln!();
    Spread::of(took)
}

async fn queued_to_sent(load: &Arc<Load>, sender: &Sender, codes: usize) -> Percentiles {
    let sending = (load.clone(), sender.key.clone(), sender.instance.clone());
    let accepted = arrive(poisson(RATE as f64, codes), move |number, arrived| {
        let (load, key, instance) = sending.clone();
        async move { load.send_as(&key, &instance, &format!("55118{number:08}"), arrived).await }
    });
    let accepted = accepted.await;
    load.wait_until_sent(&accepted).await;
    load.queued_to_sent(&accepted).await
}
