//! Measures a function's calls of one server: their number, the server's time, and DynamoDB's units.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tests::proxy::{Call, Listener};

use crate::cost::units::{Consumed, Units};

/// A meter of the calls of one function.
pub struct Meter {
    /// DynamoDB's units, where it is DynamoDB that is called.
    units: Option<Units>,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Default)]
struct State {
    calls: usize,
    /// The sums of the moments at which calls came and were answered: their difference is the time that all of them took.
    asked: Duration,
    answered: Duration,
}

impl Meter {
    /// One for DynamoDB.
    pub fn of_tables() -> Self {
        Self::new(Some(Units::default()))
    }

    /// One for SQS.
    pub fn of_queues() -> Self {
        Self::new(None)
    }

    fn new(units: Option<Units>) -> Self {
        Self { units, began: Instant::now(), state: Mutex::default() }
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.read().calls
    }

    /// The time that the server took for all of them. Exact when none is in progress.
    pub fn served(&self) -> Duration {
        let state = self.read();
        state.answered.saturating_sub(state.asked)
    }

    /// The units so far.
    pub fn consumed(&self) -> Consumed {
        self.units.as_ref().map(Units::consumed).unwrap_or_default()
    }

    fn read(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State, Duration)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), self.began.elapsed());
    }
}

impl Listener for Meter {
    fn ask(&self, body: Bytes) -> Bytes {
        self.change(|state, now| state.asked += now);
        self.units.as_ref().map_or(body.clone(), |units| units.ask(body))
    }

    fn answered(&self, call: &Call<'_>) {
        self.change(|state, now| {
            state.answered += now;
            state.calls += 1;
        });
        if let Some(units) = &self.units {
            units.answered(call);
        }
    }
}
