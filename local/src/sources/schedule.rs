//! A schedule: an event every so often, by the stack's clock.

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use crate::clock::Clock;
use crate::lambda::Function;
use crate::template::{ACCOUNT, REGION, ScheduleSource};

/// Brings a function its scheduled events until it is dropped. The schedule begins now, and a clock that jumps over
/// several events brings one.
pub fn run(function: Function, source: &ScheduleSource, clock: Clock) -> impl Future<Output = ()> + use<> {
    let every = i64::try_from(source.every.as_millis()).unwrap_or(i64::MAX);
    let mut due = clock.now() + every;
    async move {
        loop {
            clock.sleep_until(due).await;
            while due <= clock.now() {
                due += every;
            }
            if let Err(error) = function.invoke(event()).await {
                eprintln!("{}: the scheduled event failed: {error}", function.name());
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
        "account": ACCOUNT,
        "time": shared::clock::now().to_string(),
        "region": REGION,
        "resources": [],
        "detail": {},
    });
    Bytes::from(event.to_string())
}
