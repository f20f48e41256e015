//! DynamoDB's request units as each call is billed: the consumed capacity that dynoxide returns, which follows AWS's rules
//! (the tests check it). For refused writes no server returns it, so AWS's rules are applied here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ::tests::proxy::{Call, Listener};
use bytes::Bytes;
use dynoxide::types::{Item, TRANSACTIONAL_CAPACITY_FACTOR, item_size, write_capacity_units};
use serde_json::{Value, json};

/// The purpose of units.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum For {
    /// Writes of a table's items.
    Write,
    /// Writes of its indexes' entries.
    IndexWrite,
    /// Writes whose condition did not hold.
    RefusedWrite,
    /// Reads of items and of index entries.
    Read,
}

/// The purposes of write units.
pub const WRITES: [For; 3] = [For::Write, For::IndexWrite, For::RefusedWrite];

/// Units by caller, table and purpose.
pub type Consumed = BTreeMap<(String, String, For), f64>;

/// Counts units.
#[derive(Debug, Default)]
pub struct Units(Mutex<Consumed>);

impl Units {
    /// All units so far.
    pub fn consumed(&self) -> Consumed {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, caller: &str, table: &str, purpose: For, units: f64) {
        if units > 0.0 {
            let mut consumed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *consumed.entry((caller.to_owned(), table.to_owned(), purpose)).or_default() += units;
        }
    }

    fn add_answer(&self, call: &Call<'_>, consumed: &Value) {
        let total = consumed["CapacityUnits"].as_f64().expect("the server says what it consumed");
        let indexes = consumed["GlobalSecondaryIndexes"].as_object().into_iter().flatten();
        let of_indexes: f64 = indexes.filter_map(|(_, index)| index["CapacityUnits"].as_f64()).sum();
        let table = consumed["TableName"].as_str().unwrap_or_default();
        if ["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"].contains(&call.operation) {
            self.add(call.caller, table, For::Read, total);
        } else {
            self.add(call.caller, table, For::Write, total - of_indexes);
            self.add(call.caller, table, For::IndexWrite, of_indexes);
        }
    }

    fn add_refusal(&self, call: &Call<'_>, asked: &Value, answer: &Value) {
        let refused = answer["__type"].as_str().unwrap_or_default();
        if refused.ends_with("ConditionalCheckFailedException") {
            let table = asked["TableName"].as_str().unwrap_or_default();
            self.add(call.caller, table, For::RefusedWrite, refused_units(&answer["Item"]));
        } else if refused.ends_with("TransactionCanceledException") {
            let parts = asked["TransactItems"].as_array().into_iter().flatten().flat_map(|part| part.as_object());
            let reasons = answer["CancellationReasons"].as_array().into_iter().flatten();
            for (part, reason) in parts.flat_map(|part| part.values()).zip(reasons) {
                let table = part["TableName"].as_str().unwrap_or_default();
                let units = TRANSACTIONAL_CAPACITY_FACTOR * refused_units(&reason["Item"]);
                self.add(call.caller, table, For::RefusedWrite, units);
            }
        }
    }
}

/// The units of a refused write: those of the existing item, or one if there is none.
fn refused_units(existing: &Value) -> f64 {
    let existing: Item = serde_json::from_value(existing.clone()).unwrap_or_default();
    write_capacity_units(item_size(&existing))
}

impl Listener for Units {
    fn ask(&self, body: Bytes) -> Bytes {
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else { return body };
        asked["ReturnConsumedCapacity"] = json!("INDEXES");
        asked.to_string().into()
    }

    fn answered(&self, call: &Call<'_>) {
        let answer: Value = serde_json::from_slice(call.answer).unwrap_or_default();
        match &answer["ConsumedCapacity"] {
            Value::Null => self.add_refusal(call, &serde_json::from_slice(call.body).unwrap_or_default(), &answer),
            Value::Array(tables) => tables.iter().for_each(|table| self.add_answer(call, table)),
            table => self.add_answer(call, table),
        }
    }
}

#[cfg(test)]
mod tests;
