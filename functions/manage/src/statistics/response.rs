//! Statistics as customers see them.

use shared::clock::Timestamp;
use shared::message::{Direction, MessageStatus};

use super::counts::{Counts, Durations};
use super::period::Interval;
use crate::prelude::*;

/// The statistics of a period.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsResponse {
    /// The length of each row.
    pub interval: Interval,
    /// The beginning of the period.
    #[schema(format = DateTime)]
    pub from: String,
    /// Its end, which does not belong to it.
    #[schema(format = DateTime)]
    pub to: String,
    /// Whether something is not counted yet: ask again, and the counting goes on.
    pub partial: bool,
    /// When the oldest counts that may still change were taken; absent if all are final.
    #[schema(format = DateTime)]
    pub as_of: Option<String>,
    /// Of the whole period.
    pub total: StatisticsCounts,
    /// Of each hour or day in which there were messages, oldest first.
    pub rows: Vec<StatisticsRow>,
}

/// The counts of an hour or a day.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsRow {
    /// The beginning of the hour or day.
    #[schema(format = DateTime)]
    pub from: String,
    /// Whether something of it is not counted yet.
    pub partial: bool,
    /// When the oldest counts that may still change were taken.
    #[schema(format = DateTime)]
    pub as_of: Option<String>,
    /// Its counts.
    #[serde(flatten)]
    pub counts: StatisticsCounts,
}

/// What was counted of messages, by when they were accepted or received.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsCounts {
    /// By direction, type and status.
    messages: Vec<MessageCount>,
    /// Of what failed, by code.
    failures: Vec<FailureCount>,
    /// Those that were delivered or read, among the ones sent that are not queued any more.
    delivery_rate: Option<f64>,
    /// Those that were read, among the ones that were delivered.
    read_rate: Option<f64>,
    /// From acceptance to WhatsApp's acceptance.
    accepted_to_sent: DurationSummary,
    /// From WhatsApp's acceptance to delivery.
    sent_to_delivered: DurationSummary,
    /// What WhatsApp has said of prices.
    pricing: Vec<PricingCount>,
}

/// Messages of a direction, a type and a status.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageCount {
    /// Whether they were sent or received.
    #[schema(value_type = Direction)]
    direction: String,
    /// A received type that WhatsApp does not document is `other`.
    r#type: String,
    /// The status that they had when they were counted.
    #[schema(value_type = MessageStatus)]
    status: String,
    /// How many.
    count: u64,
}

/// Messages that failed for a reason.
#[derive(Serialize, ToSchema)]
struct FailureCount {
    /// The `code` of their `error`.
    code: String,
    /// How many.
    count: u64,
}

/// Messages of a price category, in WhatsApp's own word.
#[derive(Serialize, ToSchema)]
struct PricingCount {
    /// Such as `marketing`, `utility`, `authentication` or `service`.
    category: String,
    /// How many.
    count: u64,
    /// Those that WhatsApp bills, as far as it says so.
    billable: u64,
}

/// Durations in milliseconds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DurationSummary {
    /// Messages that have one.
    count: u64,
    /// Their average.
    average: Option<u64>,
    /// At most half of them take longer; rounded up to the next power of two.
    median: Option<u64>,
    /// At most one in twenty takes longer; rounded up to the next power of two.
    percentile95: Option<u64>,
    /// The longest.
    longest: Option<u64>,
}

impl From<&Counts> for StatisticsCounts {
    fn from(counts: &Counts) -> Self {
        let cells = counts.messages.iter().filter_map(|(cell, count)| {
            let (direction, kind_and_status) = cell.split_once('.')?;
            let (kind, status) = kind_and_status.rsplit_once('.')?;
            let text = ToOwned::to_owned;
            Some(MessageCount { direction: text(direction), r#type: text(kind), status: text(status), count: *count })
        });
        let messages: Vec<_> = cells.collect();
        let sent = |statuses: &[&str]| -> u64 {
            let sent = messages.iter().filter(|cell| cell.direction == "outbound");
            sent.filter(|cell| statuses.contains(&cell.status.as_str())).map(|cell| cell.count).sum()
        };
        let (read, delivered) = (sent(&["read"]), sent(&["read", "delivered"]));
        let left = sent(&["sent", "delivered", "read", "failed"]);
        let failures = counts.failures.iter().map(|(code, count)| FailureCount { code: code.clone(), count: *count });
        let pricing = counts.prices.iter().map(|(category, price)| PricingCount {
            category: category.clone(),
            count: price.messages,
            billable: price.billable,
        });
        Self {
            failures: failures.collect(),
            delivery_rate: rate(delivered, left),
            read_rate: rate(read, delivered),
            accepted_to_sent: DurationSummary::from(&counts.accepted_to_sent),
            sent_to_delivered: DurationSummary::from(&counts.sent_to_delivered),
            pricing: pricing.collect(),
            messages,
        }
    }
}

impl From<&Durations> for DurationSummary {
    fn from(durations: &Durations) -> Self {
        let some = |millis: u64| (durations.count > 0).then_some(millis);
        Self {
            count: durations.count,
            average: durations.total.checked_div(durations.count),
            median: some(durations.percentile(50)),
            percentile95: some(durations.percentile(95)),
            longest: some(durations.longest),
        }
    }
}

/// A part of a whole, to four digits.
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

/// A time that may be absent.
pub fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}
