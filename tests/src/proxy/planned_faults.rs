//! Faults that are planned for particular calls, attempt by attempt.

use super::server::Proxy;
use crate::fault::Fault;
use crate::wait::eventually;

/// More attempts than the AWS SDK makes at a call, so that a list of so many faults covers every attempt.
pub const EVERY_ATTEMPT: usize = 9;

/// The faults at one call: the function, its operation, the number of the call from now on (from 1), and a fault per
/// attempt.
pub struct FaultAt(pub &'static str, pub &'static str, pub usize, pub &'static [Fault]);

impl Proxy {
    /// Restarts the numbering of calls and injects these faults.
    pub fn inject<const N: usize>(&self, at: [FaultAt; N]) {
        self.reset_counts();
        self.set_faults(move |call, attempt| {
            let here = at.iter().find(|FaultAt(caller, operation, number, _)| {
                (call.caller.as_str(), call.operation.as_str(), call.number) == (*caller, *operation, *number)
            });
            here.and_then(|FaultAt(.., faults)| faults.get(attempt - 1).copied()).unwrap_or(Fault::None)
        });
    }

    /// Waits until a process is frozen.
    pub async fn wait_until_frozen(&self) {
        eventually("a process to be frozen", || async { (!self.frozen().is_empty()).then_some(()) }).await;
    }

    /// Waits until no call is in progress.
    pub async fn wait_until_idle(&self) {
        eventually("no call to be in progress", || async { (self.busy() == 0).then_some(()) }).await;
    }
}
