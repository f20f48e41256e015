//! A search for a fault that breaks a promise: one scenario that covers every function is run again and again, each
//! time with another fault at another call, and all promises are checked when the stack is quiescent.

mod batch_scenario;
pub mod batches;
pub mod checker;
pub mod evidence;
pub mod fault_cases;
pub mod fixture;
pub mod quiescence;
pub mod run;
pub mod scenario;
pub mod soak;
pub mod tenant;
mod uploads;
