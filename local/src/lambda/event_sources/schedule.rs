//! Schedules: invoke a function at a fixed rate, by the stack's clock.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use crate::aws::{ACCOUNT_ID, REGION};
use crate::clock::Clock;
use crate::lambda::function::Function;

/// Invokes a function once in each `rate` until it is dropped. The first event is due one period from now; a clock that jumps
/// over several events causes one invocation.
pub fn run(function: Function, rate: Duration, clock: Clock) -> impl Future<Output = ()> {
    let period = i64::try_from(rate.as_millis()).unwrap_or(i64::MAX);
    let mut due = clock.now() + period;
    async move {
        loop {
            clock.sleep_until(due).await;
            while due <= clock.now() {
                due += period;
            }
            if let Err(error) = function.invoke(event()).await {
                eprintln!("{}: the scheduled invocation failed: {error}", function.name());
            }
        }
    }
}

fn event() -> Bytes {
    let event = json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": shared::clock::now().to_string(),
        "region": REGION,
        "resources": [],
        "detail": {},
    });
    Bytes::from(event.to_string())
}
