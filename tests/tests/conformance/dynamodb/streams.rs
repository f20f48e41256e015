//! DynamoDB Streams: the records of each item, in order.

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};
use tests::wait::eventually;

use crate::dynamodb::tables::{Tables, text};

async fn records(tables: &Tables, count: usize) -> Vec<Record> {
    let streams = &tables.clients.streams;
    let arn = eventually("the stream", || async {
        let listed = streams.list_streams().table_name(&tables.table).send().await.ok()?;
        listed.streams().first()?.stream_arn().map(str::to_owned)
    })
    .await;
    let described = streams.describe_stream().stream_arn(&arn).send().await.expect("the stream");
    let shard = described.stream_description().expect("it").shards()[0].shard_id().expect("an id").to_owned();
    eventually(&format!("{count} records"), || async {
        let request = streams.get_shard_iterator().stream_arn(&arn).shard_id(&shard);
        let iterator = request.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await.ok()?.shard_iterator;
        let records = streams.get_records().set_shard_iterator(iterator).send().await.ok()?.records?;
        (records.len() >= count).then_some(records)
    })
    .await
}

#[tokio::test]
async fn a_stream_has_an_items_changes_in_order_with_both_images() {
    let tables = Tables::start().await;
    let put = |value: &str| {
        let request = tables.client().put_item().table_name(&tables.table).item("id", text("a"));
        request.item("value", text(value)).send()
    };
    put("1").await.expect("an insert");
    put("2").await.expect("a change");
    let request = tables.client().delete_item().table_name(&tables.table).key("id", text("a"));
    request.send().await.expect("a deletion");
    let records = records(&tables, 3).await;
    let names: Vec<_> = records.iter().filter_map(|record| record.event_name()).map(|name| name.as_str()).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let images: Vec<_> = records
        .iter()
        .map(|record| {
            let change = record.dynamodb().expect("a change");
            let value = |image: Option<&std::collections::HashMap<String, AttributeValue>>| {
                image.and_then(|image| image.get("value")).and_then(|value| value.as_s().ok()).cloned()
            };
            (value(change.old_image()), value(change.new_image()))
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(images, [(None, text("1")), (text("1"), text("2")), (text("2"), None)]);
    let mut sequences: Vec<_> =
        records.iter().filter_map(|record| record.dynamodb()?.sequence_number()).map(str::to_owned).collect();
    let in_order = sequences.clone();
    sequences.sort_by_key(|sequence| sequence.parse::<u128>().expect("a number"));
    assert_eq!(sequences, in_order);
}

#[tokio::test]
async fn a_refused_write_is_not_in_the_stream() {
    let tables = Tables::start().await;
    let put = |id: &str| {
        let request = tables.client().put_item().table_name(&tables.table).item("id", text(id));
        request.condition_expression("attribute_not_exists(id)").send()
    };
    put("a").await.expect("an insert");
    put("a").await.expect_err("it is there");
    put("b").await.expect("an insert");
    let ids: Vec<_> = records(&tables, 2)
        .await
        .iter()
        .filter_map(|record| record.dynamodb()?.keys()?["id"].as_s().ok().cloned())
        .collect();
    assert_eq!(ids, ["a", "b"]);
}
