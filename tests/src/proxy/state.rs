//! What the parts of a proxy share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use local::lambda::Function;
use reqwest::Client;
use tokio::sync::{SetOnce, watch};

use super::calls::Calls;
use crate::fault::{CallId, Fault};

/// Is notified of calls.
pub trait Listener: Send + Sync {
    /// The body that is forwarded in place of a call's body.
    fn ask(&self, body: Bytes) -> Bytes {
        body
    }

    /// A call was answered.
    fn answered(&self, call: &Call<'_>);
}

/// A call and its answer.
pub struct Call<'a> {
    /// The function that made it.
    pub caller: &'a str,
    /// Its operation.
    pub operation: &'a str,
    /// Its path.
    pub path: &'a str,
    /// Its body, as it was forwarded.
    pub body: &'a [u8],
    /// The answer's body.
    pub answer: &'a [u8],
}

/// Chooses the fault of an attempt: takes the call and the number of the attempt, from 1.
pub type Decide = Box<dyn FnMut(&CallId, usize) -> Fault + Send>;

/// What all of a proxy's connections share.
pub struct Inner {
    pub port: u16,
    pub upstream: SetOnce<String>,
    pub client: Client,
    pub calls: Calls,
    pub decide: Mutex<Decide>,
    pub listener: OnceLock<Arc<dyn Listener>>,
    /// The functions whose processes may call.
    pub functions: OnceLock<BTreeMap<String, Function>>,
    /// How many calls are in progress.
    pub busy: watch::Sender<usize>,
    /// The processes that are frozen.
    pub frozen: watch::Sender<Vec<u32>>,
}
