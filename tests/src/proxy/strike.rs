//! Faults at calls to come, attempt by attempt, and what becomes of them.

use super::Proxy;
use crate::fault::Fault;
use crate::wait::eventually;

/// More attempts than the AWS SDK makes at a call: so many faults meet all of them.
pub const ALWAYS: usize = 9;

/// The faults that the attempts at the nth call from now on meet, from 1, of an operation by a function.
pub struct At(pub &'static str, pub &'static str, pub usize, pub &'static [Fault]);

impl Proxy {
    /// Counts calls from 1 again and has these faults happen.
    pub fn strike<const N: usize>(&self, at: [At; N]) {
        self.count_anew();
        self.decide(move |call, attempt| {
            let here = at.iter().find(|At(caller, operation, number, _)| {
                (call.caller.as_str(), call.operation.as_str(), call.number) == (*caller, *operation, *number)
            });
            here.and_then(|At(.., faults)| faults.get(attempt - 1).copied()).unwrap_or(Fault::None)
        });
    }

    /// Waits until a process is stopped.
    pub async fn until_frozen(&self) {
        eventually("a process to be stopped", || async { (!self.frozen().is_empty()).then_some(()) }).await;
    }

    /// Waits until no call is under way.
    pub async fn until_passed(&self) {
        eventually("no call to be under way", || async { (self.busy() == 0).then_some(()) }).await;
    }
}
