//! What is counted of the messages of an hour. Counts add up: those of hours to days, those of instances to accounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::clock::Timestamp;
use shared::message::{Direction, Message};

/// The most price categories; WhatsApp has four. The words come from outside, so further ones count as [`OTHER`].
const MAX_CATEGORIES: usize = 20;
/// What is not told apart.
const OTHER: &str = "other";

/// The counts.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// By direction, type and status, joined by dots.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<String, u64>,
    /// Of failed messages, by the contract's code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub failures: BTreeMap<String, u64>,
    /// By WhatsApp's category.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, PriceCount>,
    /// From acceptance to WhatsApp's acceptance.
    #[serde(skip_serializing_if = "Durations::is_empty")]
    pub accepted_to_sent: Durations,
    /// From WhatsApp's acceptance to delivery.
    #[serde(skip_serializing_if = "Durations::is_empty")]
    pub sent_to_delivered: Durations,
}

/// Messages of a price category.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct PriceCount {
    /// All.
    pub messages: u64,
    /// Those that WhatsApp bills, as far as it says so.
    pub billable: u64,
}

/// Durations in milliseconds.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Durations {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub total: u64,
    /// The longest.
    pub longest: u64,
    /// How many have so many binary digits, from none on.
    pub by_digits: Vec<u64>,
}

impl Counts {
    /// Counts a message.
    pub fn count(&mut self, message: &Message) {
        let (status, outbound) = (message.status, message.direction == Direction::Outbound);
        let direction = if outbound { "outbound" } else { "inbound" };
        let cell = format!("{direction}.{}.{}", message.content.logged_kind(), status.public_status());
        *self.messages.entry(cell).or_default() += 1;
        if let Some(error) = message.error.as_ref().filter(|_| status.is_failed()) {
            *self.failures.entry(error.code.name().to_owned()).or_default() += 1;
        }
        if let Some(pricing) = &message.pricing {
            let category = pricing.category.as_deref().unwrap_or(OTHER).to_owned();
            let one = PriceCount { messages: 1, billable: pricing.billable.unwrap_or_default().into() };
            self.add_price(category, one);
        }
        if outbound && let Some(sent) = message.sent_at {
            self.accepted_to_sent.add(message.send_at.unwrap_or(message.created_at), sent);
            if let Some(delivered) = message.delivered_at {
                self.sent_to_delivered.add(sent, delivered);
            }
        }
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        let cells = [(&mut self.messages, &other.messages), (&mut self.failures, &other.failures)];
        for (own, others) in cells {
            others.iter().for_each(|(name, count)| *own.entry(name.clone()).or_default() += count);
        }
        other.prices.iter().for_each(|(category, price)| self.add_price(category.clone(), *price));
        self.accepted_to_sent.merge(&other.accepted_to_sent);
        self.sent_to_delivered.merge(&other.sent_to_delivered);
    }

    fn add_price(&mut self, category: String, price: PriceCount) {
        let is_full = self.prices.len() >= MAX_CATEGORIES && !self.prices.contains_key(&category);
        let own = self.prices.entry(if is_full { OTHER.to_owned() } else { category }).or_default();
        own.messages += price.messages;
        own.billable += price.billable;
    }
}

impl Durations {
    const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, from: Timestamp, to: Timestamp) {
        let millis = u64::try_from(from.until(to).as_millis()).unwrap_or(u64::MAX);
        let digits = (u64::BITS - millis.leading_zeros()) as usize;
        let mut by_digits = vec![0; digits + 1];
        by_digits[digits] = 1;
        self.merge(&Self { count: 1, total: millis, longest: millis, by_digits });
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.total = self.total.saturating_add(other.total);
        self.longest = self.longest.max(other.longest);
        if self.by_digits.len() < other.by_digits.len() {
            self.by_digits.resize(other.by_digits.len(), 0);
        }
        self.by_digits.iter_mut().zip(&other.by_digits).for_each(|(own, count)| *own += count);
    }

    /// Milliseconds that a part of them does not exceed, rounded up to a power of two less one, or to the longest.
    pub fn percentile(&self, percent: u64) -> u64 {
        let wanted = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        let reached = self.by_digits.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        let below = reached.and_then(|digits| 1_u64.checked_shl(u32::try_from(digits).ok()?));
        below.map_or(self.longest, |below| (below - 1).min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_rounded_up_and_never_exceed_the_longest() {
        let mut durations = Durations::default();
        let at = Timestamp::from_millis;
        (0..=100).for_each(|millis| durations.add(at(0), at(millis)));
        assert_eq!((durations.count, durations.total, durations.longest), (101, 5050, 100));
        assert_eq!((durations.percentile(50), durations.percentile(95), durations.percentile(1)), (63, 100, 1));
        durations.add(at(5), at(0)); // clocks differ
        assert_eq!((durations.count, durations.by_digits[0]), (102, 2));
        assert_eq!(Durations::default().percentile(95), 0);
    }

    #[test]
    fn words_from_outside_do_not_grow_the_counts_without_bound() {
        let mut counts = Counts::default();
        for number in 0..100 {
            counts.add_price(number.to_string(), PriceCount { messages: 1, billable: 0 });
        }
        assert_eq!(counts.prices.len(), MAX_CATEGORIES + 1);
        assert_eq!(counts.prices[OTHER].messages, 100 - MAX_CATEGORIES as u64);
    }
}
