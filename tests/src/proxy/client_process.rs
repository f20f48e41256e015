//! The client process of a connection.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use local::breakable_connection::{BreakableListener, ConnectionHandle};
use local::lambda::Function;

use crate::process;

/// The client of a connection.
#[derive(Clone, Debug)]
pub struct ClientProcess {
    /// The connection's end.
    pub end: ConnectionHandle,
    /// The function and its process, cached: finding them reads the list of all sockets of the machine.
    owner: Arc<OnceLock<(String, u32)>>,
}

impl Connected<IncomingStream<'_, BreakableListener>> for ClientProcess {
    fn connect_info(stream: IncomingStream<'_, BreakableListener>) -> Self {
        Self { end: ConnectionHandle::connect_info(stream), owner: Arc::default() }
    }
}

impl ClientProcess {
    /// The function, of these, and the process that is connected to this port.
    pub fn owner(&self, port: u16, functions: &BTreeMap<String, Function>) -> Option<&(String, u32)> {
        if self.owner.get().is_none()
            && let Some(owner) = self.find(port, functions)
        {
            drop(self.owner.set(owner)); // the same, if another call of the connection has found it meanwhile
        }
        self.owner.get()
    }

    fn find(&self, port: u16, functions: &BTreeMap<String, Function>) -> Option<(String, u32)> {
        let inode = process::socket(self.end.peer.port(), port)?;
        functions.iter().find_map(|(name, function)| {
            let pids = function.pids().borrow().clone();
            let pid = pids.into_iter().find(|pid| process::has_socket(*pid, inode))?;
            Some((name.clone(), pid))
        })
    }
}
