//! DynamoDB: conditions, refused writes, transactions, indexes, and contention.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::dynamodb::tables::{Tables, number, text};

type Item = HashMap<String, AttributeValue>;

async fn put(tables: &Tables, id: &str, item: &[(&str, AttributeValue)]) {
    let mut request = tables.client().put_item().table_name(&tables.table).item("id", text(id));
    for (name, value) in item {
        request = request.item(*name, value.clone());
    }
    request.send().await.expect("the table takes it");
}

async fn get(tables: &Tables, id: &str) -> Item {
    let request = tables.client().get_item().table_name(&tables.table).key("id", text(id)).consistent_read(true);
    request.send().await.expect("the table answers").item.unwrap_or_default()
}

#[tokio::test]
async fn a_conditional_put_is_refused_with_the_existing_item() {
    let tables = Tables::start().await;
    put(&tables, "a", &[("value", text("first"))]).await;
    let refused = tables
        .client()
        .put_item()
        .table_name(&tables.table)
        .item("id", text("a"))
        .item("value", text("second"))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .expect_err("it is there")
        .into_service_error();
    let PutItemError::ConditionalCheckFailedException(refusal) = refused else { panic!("{refused}") };
    assert_eq!(refusal.item.expect("the item")["value"], text("first"));
    assert_eq!(get(&tables, "a").await["value"], text("first"));
}

#[tokio::test]
async fn a_refused_update_of_an_absent_item_returns_none_and_creates_none() {
    let tables = Tables::start().await;
    let refused = tables
        .client()
        .update_item()
        .table_name(&tables.table)
        .key("id", text("nobody"))
        .update_expression("SET #value = :value")
        .condition_expression("attribute_exists(id)")
        .expression_attribute_names("#value", "value")
        .expression_attribute_values(":value", number(1))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .expect_err("there is none")
        .into_service_error();
    let UpdateItemError::ConditionalCheckFailedException(refusal) = refused else { panic!("{refused}") };
    assert!(refusal.item.is_none_or(|item| item.is_empty()));
    assert!(get(&tables, "nobody").await.is_empty());
}

#[tokio::test]
async fn an_update_returns_the_updated_item() {
    let tables = Tables::start().await;
    put(&tables, "a", &[("count", number(2)), ("gone", text("x")), ("kept", text("y"))]).await;
    let answer = tables
        .client()
        .update_item()
        .table_name(&tables.table)
        .key("id", text("a"))
        .update_expression(
            "SET #count = if_not_exists(#count, :zero) + :one, #first = if_not_exists(#first, :one), \
             #kept = if_not_exists(#kept, :zero) REMOVE #gone",
        )
        .condition_expression("#count < :three AND attribute_not_exists(#first) AND #kept IN (:y, :z)")
        .expression_attribute_names("#count", "count")
        .expression_attribute_names("#first", "first")
        .expression_attribute_names("#kept", "kept")
        .expression_attribute_names("#gone", "gone")
        .expression_attribute_values(":zero", number(0))
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":three", number(3))
        .expression_attribute_values(":y", text("y"))
        .expression_attribute_values(":z", text("z"))
        .return_values(ReturnValue::AllNew)
        .send()
        .await
        .expect("the conditions hold");
    let expected = [("id", text("a")), ("count", number(3)), ("first", number(1)), ("kept", text("y"))]
        .map(|(n, v)| (n.to_owned(), v));
    assert_eq!(answer.attributes, Some(HashMap::from(expected)));
}

#[tokio::test]
async fn one_of_sixty_four_concurrent_conditional_updates_succeeds() {
    let tables = Tables::start().await;
    put(&tables, "a", &[("rank", number(0))]).await;
    let claims = (0..64).map(|claim| {
        let request = tables
            .client()
            .update_item()
            .table_name(&tables.table)
            .key("id", text("a"))
            .update_expression("SET #rank = :one, claim = :claim")
            .condition_expression("#rank = :zero")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":claim", number(claim));
        tokio::spawn(request.send())
    });
    let claims: Vec<_> = claims.collect();
    let mut granted = 0;
    for claim in claims {
        match claim.await.expect("a task") {
            Ok(_) => granted += 1,
            Err(error) => assert!(error.into_service_error().is_conditional_check_failed_exception()),
        }
    }
    assert_eq!(granted, 1);
}

#[tokio::test]
async fn a_transaction_is_atomic_and_names_the_part_that_was_refused() {
    let tables = Tables::start().await;
    put(&tables, "a", &[("count", number(1))]).await;
    let update = Update::builder()
        .table_name(&tables.table)
        .key("id", text("a"))
        .update_expression("SET #count = #count + :one")
        .expression_attribute_names("#count", "count")
        .expression_attribute_values(":one", number(1))
        .build()
        .expect("whole");
    let check = |id: &str| {
        ConditionCheck::builder()
            .table_name(&tables.table)
            .key("id", text(id))
            .condition_expression("attribute_exists(id)")
    };
    let transact = |id: &'static str| {
        let update = TransactWriteItem::builder().update(update.clone()).build();
        let check = TransactWriteItem::builder().condition_check(check(id).build().expect("whole")).build();
        tables.client().transact_write_items().transact_items(update).transact_items(check).send()
    };
    let refused = transact("b").await.expect_err("there is no b").into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(refusal) = refused else { panic!("{refused}") };
    let codes: Vec<_> = refusal.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(get(&tables, "a").await["count"], number(1));
    put(&tables, "b", &[]).await;
    transact("b").await.expect("both hold");
    assert_eq!(get(&tables, "a").await["count"], number(2));
}

#[tokio::test]
async fn an_index_is_sorted_and_paged() {
    let tables = Tables::start().await;
    for id in ["c", "a", "d", "b"] {
        put(&tables, id, &[("group", text("g")), ("at", text(id)), ("value", text("x"))]).await;
    }
    put(&tables, "sparse", &[("value", text("in no index"))]).await;
    let page = |start: Option<Item>| {
        tables
            .client()
            .query()
            .table_name(&tables.table)
            .index_name("byGroup")
            .key_condition_expression("#group = :group")
            .expression_attribute_names("#group", "group")
            .expression_attribute_values(":group", text("g"))
            .scan_index_forward(false)
            .limit(3)
            .set_exclusive_start_key(start)
            .send()
    };
    let first = page(None).await.expect("a page");
    let ids = |items: &[Item]| items.iter().map(|item| item["id"].as_s().expect("text").clone()).collect::<Vec<_>>();
    assert_eq!(ids(first.items()), ["d", "c", "b"]);
    assert!(first.items().iter().all(|item| !item.contains_key("value")));
    let second = page(first.last_evaluated_key).await.expect("a page");
    assert_eq!(ids(second.items()), ["a"]);
    assert!(second.last_evaluated_key.is_none());
}
