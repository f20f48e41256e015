//! DynamoDB and its streams: dynoxide, in this process, served over HTTP.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::storage_backend::Clock as DynoxideClock;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::start_error::StartError;
use super::stream_index;
use super::template::Table;
use crate::clock::Clock;

/// How often expired items are deleted. On AWS it may take days; tests should not wait that long.
const TTL_SWEEP: Duration = Duration::from_secs(60);

/// A DynamoDB server.
pub struct DynamoDb(Database);

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
    /// Opens a database: in memory with the stack's clock, or in a file with real time, because dynoxide supports no other
    /// clock for files.
    pub fn open(file: Option<&Path>, clock: &Clock) -> Result<Self, StartError> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory_with_clock(Arc::new(StackClock(clock.clone()))),
        }?;
        match file {
            Some(file) => stream_index::add(file)?,
            None => stream_index::add_to_memory(&database)?,
        }
        Ok(Self(database))
    }

    /// Creates a table; one of an earlier version gets the indexes that it lacks.
    pub fn create(&self, table: &Table) -> Result<(), DynoxideError> {
        if let Some(existing) = self.0.get_table_metadata(&table.name)? {
            return self.add_indexes(table, existing.gsi_definitions.as_deref().unwrap_or("[]"));
        }
        self.0.create_table(serde_json::from_value(table.create.clone()).map_err(invalid)?)?;
        if let Some(attribute) = &table.ttl_attribute {
            let request = json!({
                "TableName": table.name,
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
            });
            self.0.update_time_to_live(serde_json::from_value(request).map_err(invalid)?)?;
        }
        Ok(())
    }

    fn add_indexes(&self, table: &Table, existing: &str) -> Result<(), DynoxideError> {
        let existing: Vec<Value> = serde_json::from_str(existing).map_err(invalid)?;
        let is_there = |index: &Value| existing.iter().any(|one| one["IndexName"] == index["IndexName"]);
        let wanted = table.create["GlobalSecondaryIndexes"].as_array();
        for index in wanted.into_iter().flatten().filter(|index| !is_there(index)) {
            let request = json!({
                "TableName": table.name,
                "AttributeDefinitions": table.create["AttributeDefinitions"],
                "GlobalSecondaryIndexUpdates": [{ "Create": index }],
            });
            self.0.update_table(serde_json::from_value(request).map_err(invalid)?)?;
        }
        Ok(())
    }

    /// Serves requests until it is aborted.
    pub fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        tokio::spawn(dynoxide::server::serve_on(listener, self.0.clone()))
    }

    /// Whether a shard has records after an iterator. A failure counts as some: the poll that follows shows it.
    pub fn has_records(&self, shard_iterator: &str) -> bool {
        let request = GetRecordsRequest { shard_iterator: shard_iterator.to_owned(), limit: Some(1) };
        self.0.get_records(request).map_or(true, |answer| !answer.records.is_empty())
    }

    /// Deletes expired items every minute of the stack's clock, until it is aborted.
    pub fn delete_expired(&self, clock: Clock) -> JoinHandle<()> {
        let database = self.0.clone();
        tokio::spawn(async move {
            loop {
                clock.sleep_until(clock.now() + TTL_SWEEP.as_millis() as i64).await;
                let database = database.clone();
                if let Ok(Err(error)) = tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                    eprintln!("deleting expired items failed: {error}");
                }
            }
        })
    }
}

fn invalid(error: serde_json::Error) -> DynoxideError {
    DynoxideError::ValidationException(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_an_earlier_version_gets_the_indexes_that_it_lacks() {
        let database = DynamoDb::open(None, &Clock::new()).expect("a database");
        let create = json!({
            "TableName": "Messages",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        let (id, name) = ("Messages".to_owned(), "Messages".to_owned());
        let mut table = Table { id, name, create, ttl_attribute: None };
        database.create(&table).expect("a table");
        let item = json!({ "TableName": "Messages", "Item": { "id": { "S": "1" }, "ref": { "S": "order" } } });
        database.0.put_item(serde_json::from_value(item).expect("a request")).expect("an item");

        let attribute = json!({ "AttributeName": "ref", "AttributeType": "S" });
        table.create["AttributeDefinitions"].as_array_mut().expect("a list").push(attribute);
        table.create["GlobalSecondaryIndexes"] = json!([{
            "IndexName": "byReference",
            "KeySchema": [{ "AttributeName": "ref", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }]);
        for _ in 0..2 {
            database.create(&table).expect("the index");
        }
        let query = json!({ "TableName": "Messages", "IndexName": "byReference",
            "KeyConditionExpression": "#ref = :ref", "ExpressionAttributeNames": { "#ref": "ref" },
            "ExpressionAttributeValues": { ":ref": { "S": "order" } } });
        let found = database.0.query(serde_json::from_value(query).expect("a request")).expect("an answer");
        assert_eq!(found.count, 1, "what was there before is in it");
    }
}
