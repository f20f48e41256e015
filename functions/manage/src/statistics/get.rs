//! `GET /v1/statistics`.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use shared::account::{ConcurrencyLimit, Operation};
use shared::aws::ItemKey;
use shared::batch::InstanceHistory;
use shared::clock::{self, Timestamp};
use shared::ids::{InstanceId, RequestId};

use super::counts::Counts;
use super::day::{Counted, Day};
use super::period::{A_DAY, Period};
use super::response::{StatisticsCounts, StatisticsResponse, StatisticsRow, text};
use super::roll_up::{Budget, count_day};
use crate::prelude::*;

/// The most days of instances in one answer: each is an item that is read.
const MAX_INSTANCE_DAYS: usize = 1000;
/// Days that are read at a time.
const CONCURRENT_READS: usize = 20;
/// An account has this many answers at a time, each of which may read a thousand items.
const ANSWERING: ConcurrencyLimit = ConcurrencyLimit { kind: "answers", max: 2, lease: Duration::from_secs(20) };
/// An account counts once at a time, so that many requests at once count nothing twice.
const COUNTING: ConcurrencyLimit = ConcurrencyLimit { kind: "statistics", max: 1, lease: Duration::from_secs(20) };

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/statistics", customer!(MessagesRead, get)).with_query(&[
        "instanceId",
        "from",
        "to",
        "interval",
    ]),
    id: "getStatistics",
    summary: "Count messages by hour or day",
    describe: |operation| {
        let time = || json!({ "type": "string", "format": "date-time" });
        let interval = json!({ "enum": ["hour", "day"], "default": "day" });
        operation
            .description(
                "Messages by direction, type and status, failures by code, rates, times and prices, by the hour or day in which the \
                 messages were accepted or received. Counts are a few minutes old at first, and later older (`asOf`); after three days \
                 they are final. Erased messages are in final counts only. A call counts 10,000 messages at most: while \
                 `partial` is true, ask again.",
            )
            .query("instanceId", false, json!({ "type": "string" }), "The instance, also one that was deleted; otherwise all of the account, if days times instances are at most 1,000")
            .query("from", false, time(), "The beginning, which is extended to a whole hour or day of UTC; a day or a week ago by default")
            .query("to", false, time(), "The end, which is extended as well; now by default. At most 31 days after `from` with hours, 93 with days")
            .query("interval", false, interval, "The length of a row")
            .answers_data::<StatisticsResponse>(200, example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound, ErrorCode::RateLimitExceeded])
    },
};

fn example() -> Value {
    let times = json!({ "count": 1, "average": 812, "median": 812, "percentile95": 812, "longest": 812 });
    let counts = json!({
        "messages": [{ "direction": "outbound", "type": "text", "status": "read", "count": 1 }],
        "failures": [], "deliveryRate": 1.0, "readRate": 1.0, "acceptedToSent": times, "sentToDelivered": times,
        "pricing": [{ "category": "service", "count": 1, "billable": 0 }],
    });
    let mut row = json!({ "from": "2026-02-03T00:00:00.000Z", "partial": false, "asOf": "2026-02-03T12:00:00.000Z" });
    if let Some((row, counts)) = row.as_object_mut().zip(counts.as_object()) {
        row.extend(counts.clone());
    }
    json!({
        "interval": "day", "from": "2026-02-03T00:00:00.000Z", "to": "2026-02-04T00:00:00.000Z", "partial": false,
        "asOf": "2026-02-03T12:00:00.000Z", "total": counts, "rows": [row],
    })
}

/// The days of the instances that an answer is about, newest first.
type Days = Vec<(InstanceId, Timestamp, Day)>;

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let period = Period::from_request(request)?;
    let instances = instances(state, caller, request, period).await?;
    let days: Vec<_> = period.days().collect();
    if days.len() * instances.len() > MAX_INSTANCE_DAYS {
        let message = format!(
            "This account has {} instances: give an `instanceId`, or a period of at most {} days.",
            instances.len(),
            MAX_INSTANCE_DAYS / instances.len()
        );
        return Err(ApiError::invalid("instanceId", message));
    }
    let budget = Budget::new();
    let id = RequestId::generate().to_string();
    let operation = Operation { account: caller.account(), subject: &id, id: &id };
    let answer = answer(state, caller, (period, &days, &instances), budget);
    match ANSWERING.during(&state.accounts, operation, answer).await.map_err(unavailable)? {
        Ok(answered) => answered,
        Err(_) => {
            let message =
                "Too many requests of this account for statistics are in progress: try again when one has ended.";
            Err(ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(Duration::from_secs(1)))
        }
    }
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    (period, days, instances): (Period, &[Timestamp], &[InstanceId]),
    budget: Budget,
) -> ApiResult {
    let reads = days.iter().rev().flat_map(|day| instances.iter().map(move |instance| (instance, *day)));
    let reads = reads.map(|(instance, day)| async move {
        let key = ItemKey::statistics(caller.account(), instance, day);
        let read: Option<Day> = state.accounts.get_eventually(key).await?; // none if nobody has looked at it
        Ok((instance.clone(), day, read.unwrap_or_default()))
    });
    let reads: Vec<_> = reads.collect();
    let days = stream::iter(reads).buffered(CONCURRENT_READS).try_collect().await.map_err(unavailable)?;
    let days = count(state, caller, period, days, budget).await?;
    ApiResponse::ok(&response(state, period, &days))
}

/// The instances that the answer is about, also deleted ones: the one that the query names, or those of the account, without those
/// that were deleted before the period began.
async fn instances(
    state: &AppState,
    caller: &Caller,
    request: ApiRequest<'_>,
    period: Period,
) -> Result<Vec<InstanceId>, ApiError> {
    if let Some(id) = request.query("instanceId") {
        let id: InstanceId = id.parse().map_err(|_| ErrorCode::InstanceNotFound)?;
        let is_existing = state.accounts.instance(caller.account(), &id).await.map_err(unavailable)?.is_some();
        if !is_existing {
            let deleted = state.accounts.instance_tombstone(caller.account(), &id).await.map_err(unavailable)?;
            deleted.ok_or(ErrorCode::InstanceNotFound)?;
        }
        return Ok(vec![id]);
    }
    let existing = state.accounts.instances(caller.account()).await.map_err(unavailable)?;
    let deleted = state.accounts.deleted_instances(caller.account(), Some(period.from)).await.map_err(unavailable)?;
    Ok(existing.into_iter().map(|instance| instance.id).chain(deleted).collect())
}

/// Counts what lacks a recent count, the newest days first, unless another request of the account does so.
async fn count(
    state: &AppState,
    caller: &Caller,
    period: Period,
    days: Days,
    mut budget: Budget,
) -> Result<Days, ApiError> {
    let now = clock::now();
    let is_lacking = |(_, day, counted): &(InstanceId, Timestamp, Day)| {
        is_kept(state, *day, now) && period.hours_of(*day).any(|hour| counted.lacks(*day, hour, now))
    };
    if !days.iter().any(is_lacking) {
        return Ok(days);
    }
    let id = RequestId::generate().to_string();
    let operation = Operation { account: caller.account(), subject: "account", id: &id };
    let mut counted = days.clone();
    let counting = async {
        for (instance, day, counted) in counted.iter_mut().filter(|day| is_lacking(day)) {
            if budget.is_spent() {
                break;
            }
            // Another request may have counted it before this one began.
            let key = ItemKey::statistics(caller.account(), instance, *day);
            *counted = state.accounts.get(key).await?.unwrap_or_default();
            let hours = period.hours_of(*day);
            let (messages, accounts, account) = (&state.messages, &state.accounts, caller.account());
            let history = InstanceHistory { messages, accounts, account, instance };
            if count_day(&history, (*day, &mut *counted), hours, &mut budget).await? {
                counted.write(&state.accounts, caller.account(), instance, (*day, state.retention)).await?;
            }
        }
        Ok(())
    };
    let done = COUNTING.during(&state.accounts, operation, counting).await.map_err(unavailable)?;
    match done {
        Ok(done) => done.map(|()| counted).map_err(unavailable),
        Err(_) => Ok(days),
    }
}

/// Whether messages of a day may still be kept. What was counted of it is kept no longer.
fn is_kept(state: &AppState, day: Timestamp, now: Timestamp) -> bool {
    now < day.plus(A_DAY).plus(state.retention)
}

/// The counts of a row, and whether they are complete.
#[derive(Default)]
struct Sum {
    counts: Counts,
    partial: bool,
    /// Of the oldest that are not final.
    as_of: Option<Timestamp>,
}

impl Sum {
    fn add(&mut self, hour: Timestamp, counted: Option<&Counted>) {
        let Some(counted) = counted else {
            self.partial = true;
            return;
        };
        self.counts.add(&counted.counts);
        if !counted.is_final(hour) {
            self.as_of = Some(self.as_of.map_or(counted.as_of, |as_of| as_of.min(counted.as_of)));
        }
    }
}

fn response(state: &AppState, period: Period, days: &Days) -> StatisticsResponse {
    let (now, mut total) = (clock::now(), Sum::default());
    let mut rows: BTreeMap<Timestamp, Sum> = period.rows().map(|row| (row, Sum::default())).collect();
    for (_, day, counts) in days {
        for hour in period.hours_of(*day).filter(|hour| *hour <= now) {
            let counted = counts.hour(*day, hour).and_then(|hour| hour.counted.as_ref());
            if counted.is_none() && !is_kept(state, *day, now) {
                continue;
            }
            total.add(hour, counted);
            rows.entry(period.row_of(hour)).or_default().add(hour, counted);
        }
    }
    let is_shown = |(_, sum): &(Timestamp, Sum)| sum.partial || !sum.counts.messages.is_empty();
    let row = |(from, sum): (Timestamp, Sum)| StatisticsRow {
        from: from.to_string(),
        partial: sum.partial,
        as_of: text(sum.as_of),
        counts: StatisticsCounts::from(&sum.counts),
    };
    StatisticsResponse {
        interval: period.interval,
        from: period.from.to_string(),
        to: period.to.to_string(),
        partial: total.partial,
        as_of: text(total.as_of),
        total: StatisticsCounts::from(&total.counts),
        rows: rows.into_iter().filter(is_shown).map(row).collect(),
    }
}
