//! An index for dynoxide's streams. Without it dynoxide scans all stream records at every write, which dominates all other
//! work after some ten thousand changes (docs/adr/0017).

use std::path::Path;

use dynoxide::Database;
use rusqlite::Connection;

use super::start_error::StartError;

/// The index for the queries of dynoxide 3.2.
const INDEX: &str =
    "CREATE INDEX IF NOT EXISTS stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Adds the index to a database file.
pub fn add(file: &Path) -> Result<(), StartError> {
    Ok(Connection::open(file)?.execute_batch(INDEX)?)
}

/// Adds the index to a database in memory. Only dynoxide can access it, so this copies it to a file and back.
pub fn add_to_memory(database: &Database) -> Result<(), StartError> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tables.sqlite");
    let path = file.to_string_lossy();
    database.vacuum_into(&path)?;
    add(&file)?;
    Ok(database.restore_from(&path)?)
}
