//! A search for a fault that breaks a promise: one scenario that touches everything, run again and again, each time with
//! another fault at another call, and looked at when everything has come to rest.

pub mod cases;
pub mod checker;
pub mod evidence;
pub mod rest;
pub mod run;
pub mod scenario;
pub mod soak;
pub mod stage;
pub mod tenant;
