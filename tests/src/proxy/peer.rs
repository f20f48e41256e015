//! Who is at the other end of a connection.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use local::connection::{Connections, End};
use local::lambda::Function;

use crate::process;

/// The client of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The connection's end.
    pub end: End,
    /// The function and its process, looked up once: Linux lists every socket of the machine to find one.
    owner: Arc<OnceLock<Option<(String, u32)>>>,
}

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self { end: End::connect_info(stream), owner: Arc::default() }
    }
}

impl Peer {
    /// The function, of these, that it belongs to, and the process.
    pub fn owner(&self, functions: &BTreeMap<String, Function>) -> Option<&(String, u32)> {
        let find = || {
            let inode = process::socket(self.end.peer.port())?;
            functions.iter().find_map(|(name, function)| {
                let pids = function.pids().borrow().clone();
                let pid = pids.into_iter().find(|pid| process::has_socket(*pid, inode))?;
                Some((name.clone(), pid))
            })
        };
        self.owner.get_or_init(find).as_ref()
    }
}
