//! Tests of the meter and dynoxide against AWS's rules, with figures computed by hand from the developer guide.

use std::sync::Arc;

use ::tests::proxy::Proxy;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use local::clock::Clock;
use local::dev_stack::Clients;
use local::dev_stack::DynamoDb;
use local::dev_stack::template::Table;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

/// A table with a keys-only index behind a proxy that has the meter.
struct MeteredTable {
    client: Client,
    units: Arc<Units>,
    _proxy: Proxy,
}

impl MeteredTable {
    async fn start() -> Self {
        let database = DynamoDb::open(None, &Clock::new()).expect("a database");
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let index = json!({ "IndexName": "byGroup", "KeySchema": [key("group", "HASH"), key("at", "RANGE")],
            "Projection": { "ProjectionType": "KEYS_ONLY" } });
        let attributes = ["id", "group", "at"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
        let create = json!({ "TableName": "Items", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key("id", "HASH")],
            "AttributeDefinitions": attributes, "GlobalSecondaryIndexes": [index] });
        let table = Table { id: "Items".to_owned(), name: "Items".to_owned(), create, ttl_attribute: None };
        database.create(&table).expect("a table");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let proxy = Proxy::start().await;
        proxy.set_upstream(&format!("http://{}", listener.local_addr().expect("an address")));
        let units = Arc::new(Units::default());
        proxy.listen(units.clone());
        database.serve(listener);
        Self { client: Clients::new(&proxy.url, &proxy.url, "test").await.dynamodb, units, _proxy: proxy }
    }

    /// Puts an item of exactly so many bytes, with an index entry or without.
    async fn put(&self, id: &str, bytes: usize, indexed: bool) {
        let keys = if indexed { "id".len() + id.len() + "groupg".len() + "ata".len() } else { "id".len() + id.len() };
        let filling = "x".repeat(bytes - keys - "f".len());
        let request = self.client.put_item().table_name("Items").item("id", text(id)).item("f", text(&filling));
        let request = if indexed { request.item("group", text("g")).item("at", text("a")) } else { request };
        request.send().await.expect("the table takes it");
    }

    /// Sets an attribute if the item's `n` is this.
    async fn set_if(&self, id: &str, n: &str) -> bool {
        let request = self.client.update_item().table_name("Items").key("id", text(id));
        let request = request.update_expression("SET v = :v").condition_expression("n = :n");
        let request = request.expression_attribute_values(":v", text("v")).expression_attribute_values(":n", text(n));
        let keep = ReturnValuesOnConditionCheckFailure::AllOld;
        request.return_values_on_condition_check_failure(keep).send().await.is_ok()
    }

    /// The units of a purpose since the last call.
    fn take(&self, purpose: For) -> f64 {
        let mut consumed = self.units.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_purpose: Vec<_> = consumed.keys().filter(|(_, _, of)| *of == purpose).cloned().collect();
        of_purpose.iter().filter_map(|key| consumed.remove(key)).sum()
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[track_caller]
fn same(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} units instead of {expected}");
}

#[tokio::test]
async fn a_write_costs_a_unit_for_each_kilobyte_begun_of_the_larger_image() {
    let table = MeteredTable::start().await;
    for (bytes, units) in [(100, 1.0), (1024, 1.0), (1025, 2.0), (3000, 3.0)] {
        table.put(&format!("of-{bytes}"), bytes, false).await;
        same(table.take(For::Write), units);
    }
    table.put("of-3000", 50, false).await;
    same(table.take(For::Write), 3.0);
}

#[tokio::test]
async fn an_index_entry_costs_its_own_unit_when_it_changes_and_none_when_it_does_not() {
    let table = MeteredTable::start().await;
    table.put("a", 2000, true).await;
    same(table.take(For::Write), 2.0);
    same(table.take(For::IndexWrite), 1.0); // the entry has the keys alone
    table.put("a", 1500, true).await;
    same(table.take(For::Write), 2.0);
    same(table.take(For::IndexWrite), 0.0);
    table.put("a", 100, false).await;
    same(table.take(For::IndexWrite), 1.0); // the entry is removed
}

#[tokio::test]
async fn a_refused_write_costs_as_much_as_the_existing_item() {
    let table = MeteredTable::start().await;
    table.put("large", 2049, false).await;
    table.take(For::Write);
    assert!(!table.set_if("large", "1").await);
    same(table.take(For::RefusedWrite), 3.0);
    assert!(!table.set_if("absent", "1").await);
    same(table.take(For::RefusedWrite), 1.0);
    same(table.take(For::Write), 0.0);
}

#[tokio::test]
async fn a_transaction_costs_twice_as_much() {
    let table = MeteredTable::start().await;
    table.put("a", 100, false).await;
    table.put("b", 1500, false).await;
    table.take(For::Write);
    let part = |id: &str| {
        let update = Update::builder().table_name("Items").key("id", text(id)).update_expression("SET v = :v");
        let update = update.expression_attribute_values(":v", text("v")).build().expect("whole");
        TransactWriteItem::builder().update(update).build()
    };
    let request = table.client.transact_write_items().transact_items(part("a")).transact_items(part("b"));
    request.send().await.expect("applied");
    same(table.take(For::Write), 2.0 * (1.0 + 2.0));
}

#[tokio::test]
async fn a_read_costs_a_unit_per_4_kb_or_half_of_it_if_eventually_consistent() {
    let table = MeteredTable::start().await;
    table.put("a", 4096, true).await;
    table.put("b", 4097, true).await;
    for (id, consistent, units) in [("a", true, 1.0), ("a", false, 0.5), ("b", true, 2.0), ("none", false, 0.5)] {
        let request = table.client.get_item().table_name("Items").key("id", text(id)).consistent_read(consistent);
        request.send().await.expect("an answer");
        same(table.take(For::Read), units);
    }
    let query = table.client.query().table_name("Items").index_name("byGroup").key_condition_expression("#g = :g");
    let query = query.expression_attribute_names("#g", "group").expression_attribute_values(":g", text("g"));
    assert_eq!(query.send().await.expect("an answer").count, 2);
    same(table.take(For::Read), 0.5); // two entries of keys alone are far from 4 KB together
}
