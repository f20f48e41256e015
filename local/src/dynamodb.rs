//! DynamoDB and its streams on this machine: dynoxide in this process, over the real wire protocol.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::storage_backend::Clock as DynoxideClock;
use dynoxide::{Database, DynoxideError};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::start_error::StartError;
use crate::stream_index;
use crate::template::Table;

/// How often items past their time are deleted. AWS takes up to a few days; a test should not.
const TTL_SWEEP: Duration = Duration::from_secs(60);

/// The tables' server.
pub struct DynamoDb {
    database: Database,
}

struct StackClock(Clock);

impl DynoxideClock for StackClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now() / 1000).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now() as f64 / 1000.0
    }
}

impl DynamoDb {
    /// A database in memory that follows the stack's clock; or, with a file, one that keeps its tables and follows
    /// real time, since dynoxide gives a file no other clock.
    pub fn open(file: Option<&Path>, clock: &Clock) -> Result<Self, StartError> {
        let failed = |error: DynoxideError| StartError::Tables(error.to_string());
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory_with_clock(Arc::new(StackClock(clock.clone()))),
        };
        let database = database.map_err(failed)?;
        match file {
            Some(file) => stream_index::add(file)?,
            None => stream_index::add_to_memory(&database)?,
        }
        Ok(Self { database })
    }

    /// Creates a table that is not there yet.
    pub fn create(&self, table: &Table) -> Result<(), DynoxideError> {
        let invalid = |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
        if self.database.get_table_metadata(&table.name)?.is_some() {
            return Ok(());
        }
        self.database.create_table(serde_json::from_value(table.create.clone()).map_err(invalid)?)?;
        if let Some(attribute) = &table.ttl_attribute {
            let request = json!({
                "TableName": table.name,
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
            });
            self.database.update_time_to_live(serde_json::from_value(request).map_err(invalid)?)?;
        }
        Ok(())
    }

    /// Serves the wire protocol until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        tokio::spawn(dynoxide::server::serve_on(listener, self.database.clone()))
    }

    /// Forgets items past their time, every minute of the stack's clock, until it is aborted.
    pub fn sweep(&self, clock: Clock) -> JoinHandle<()> {
        let database = self.database.clone();
        tokio::spawn(async move {
            loop {
                clock.sleep_until(clock.now() + TTL_SWEEP.as_millis() as i64).await;
                let database = database.clone();
                if let Ok(Err(error)) = tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                    eprintln!("the sweep of expired items failed: {error}");
                }
            }
        })
    }
}
