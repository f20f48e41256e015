//! An index for dynoxide's streams: it numbers each record by a look at all of them, and finds them so, and after some
//! ten thousand changes every write would take longer than everything else together (docs/adr/0017).

use std::path::Path;

use dynoxide::Database;
use rusqlite::Connection;

use crate::start_error::StartError;

/// What dynoxide 3.2 asks its records by.
const INDEX: &str =
    "CREATE INDEX IF NOT EXISTS stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Gives the index to the database in this file.
pub fn add(file: &Path) -> Result<(), StartError> {
    let failed = |error: rusqlite::Error| StartError::Tables(error.to_string());
    Connection::open(file).map_err(failed)?.execute_batch(INDEX).map_err(failed)
}

/// Gives the index to a database in memory, which nobody else can reach, by way of a file.
pub fn add_to_memory(database: &Database) -> Result<(), StartError> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tables.sqlite");
    let path = file.to_string_lossy();
    let failed = |error: dynoxide::DynoxideError| StartError::Tables(error.to_string());
    database.vacuum_into(&path).map_err(failed)?;
    add(&file)?;
    database.restore_from(&path).map_err(failed)
}
