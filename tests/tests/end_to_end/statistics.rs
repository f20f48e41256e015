//! Statistics: counts by the hour, exact against the records.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use shared::account::{Admission, ConcurrencyLimit, Operation, Plan, Scope};
use shared::clock::Timestamp;
use shared::ids::{InstanceId, MessageId};
use shared::message::record_keys::history_key;
use shared::message::{Content, Direction, Failure, FailureCode, Message, MessageEvent, Pricing, State};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const PHONE: &str = "5511900000001";
const AN_HOUR: Duration = Duration::from_secs(60 * 60);
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Messages that one call counts.
const EXAMINED: usize = 10_000;

async fn statistics(stack: &TestStack, query: &str) -> Value {
    let (status, mut answer) = stack.call(&format!("GET /v1/statistics?{query}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].take()
}

/// The cells of counts, as text, and how many messages each has.
fn cells(counts: &Value) -> BTreeMap<String, u64> {
    let text = |cell: &Value, name: &str| cell[name].as_str().unwrap_or_default().to_owned();
    let cell = |cell: &Value| {
        let name = ["direction", "type", "status"].map(|name| text(cell, name)).join(" ");
        (name, cell["count"].as_u64().expect("a count"))
    };
    counts["messages"].as_array().expect("a list").iter().map(cell).collect()
}

fn time(text: &Value) -> Timestamp {
    text.as_str().and_then(|text| text.parse().ok()).expect("a time")
}

fn total(counts: &Value) -> u64 {
    cells(counts).values().sum()
}

/// A message that was read, from which others are made.
async fn read_message(stack: &TestStack) -> Message {
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    Message { publishes: None, pricing: None, ..stack.record(&id).await }
}

/// A message of any kind at a time, each number another one.
fn any_message(template: &Message, instance: &InstanceId, at: Timestamp, number: u64) -> Message {
    let (id, after) = (MessageId::generate(), |millis: u64| Some(at.plus(Duration::from_millis(millis))));
    let status = [State::Queued, State::Sent, State::Delivered, State::Read, State::Failed, State::Unconfirmed];
    let status = status[(number % 6) as usize];
    let inbound = number.is_multiple_of(7);
    let content = match number % 3 {
        0 => Content::Text { body: "hello".to_owned(), no_preview: false },
        1 => Content::Template { name: "offer".to_owned(), language: "en".to_owned(), components: None },
        _ => Content::Reaction { emoji: String::new() },
    };
    let code = if number.is_multiple_of(4) { FailureCode::Expired } else { FailureCode::OutsideWindow };
    let category = if number.is_multiple_of(5) { "service" } else { "marketing" };
    let pricing =
        Pricing { category: Some(category.to_owned()), r#type: None, billable: Some(number.is_multiple_of(2)) };
    let is_sent = matches!(status, State::Sent | State::Delivered | State::Read);
    let is_delivered = matches!(status, State::Delivered | State::Read);
    Message {
        history_key: history_key(at, &id),
        id,
        instance_id: instance.clone(),
        direction: if inbound { Direction::Inbound } else { Direction::Outbound },
        content,
        status: if inbound { State::Delivered } else { status },
        rank: if inbound { State::Delivered.rank() } else { status.rank() },
        error: status.is_failed().then(|| Failure::new(code, "")),
        created_at: at,
        sent_at: after(number * 37).filter(|_| is_sent && !inbound),
        delivered_at: after(number * 91).filter(|_| is_delivered && !inbound),
        read_at: None,
        pricing: Some(pricing).filter(|_| is_sent && !inbound),
        ..template.clone()
    }
}

/// What counts must say of these messages, by an own reading of their records.
fn expected<'a>(messages: impl Iterator<Item = &'a Message>) -> Value {
    let (mut by_cell, mut failures, mut prices) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut times = [Vec::new(), Vec::new()];
    for message in messages {
        let direction = if message.direction == Direction::Outbound { "outbound" } else { "inbound" };
        let cell = format!("{direction} {} {}", message.content.kind(), message.status.public_status());
        *by_cell.entry(cell).or_insert(0_u64) += 1;
        if let Some(error) = message.error.as_ref().filter(|_| message.status.public_status() == "failed") {
            *failures.entry(json!(error.code).as_str().expect("text").to_owned()).or_insert(0_u64) += 1;
        }
        if let Some(pricing) = &message.pricing {
            let (count, billable) = prices.entry(pricing.category.clone().expect("one")).or_insert((0_u64, 0_u64));
            (*count, *billable) = (*count + 1, *billable + u64::from(pricing.billable == Some(true)));
        }
        let sent = message.time_of(MessageEvent::Sent);
        times[0].extend(sent.map(|at| at.millis() - message.created_at.millis()));
        times[1].extend(sent.zip(message.time_of(MessageEvent::Delivered)).map(|(at, to)| to.millis() - at.millis()));
    }
    let summary = |times: &Vec<i64>| {
        let (count, sum) = (times.len() as i64, times.iter().sum::<i64>());
        json!({ "count": count, "average": sum.checked_div(count), "longest": times.iter().max() })
    };
    let left = |statuses: &[&str]| -> u64 {
        let of = |cell: &str| statuses.iter().any(|status| cell.starts_with("outbound") && cell.ends_with(status));
        by_cell.iter().filter(|(cell, _)| of(cell)).map(|(_, count)| count).sum()
    };
    let rate = |part: u64, whole: u64| (whole > 0).then(|| (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0);
    let delivered = left(&[" delivered", " read"]);
    json!({
        "deliveryRate": rate(delivered, left(&[" sent", " delivered", " read", " failed"])),
        "readRate": rate(left(&[" read"]), delivered),
        "cells": by_cell,
        "failures": failures.iter().map(|(code, count)| json!({ "code": code, "count": count })).collect::<Vec<_>>(),
        "pricing": prices.iter().map(|(category, (count, billable))|
            json!({ "category": category, "count": count, "billable": billable })).collect::<Vec<_>>(),
        "times": times.iter().map(summary).collect::<Vec<_>>(),
    })
}

/// The same of an answer.
fn shown(counts: &Value) -> Value {
    let summary = |name: &str| {
        let times = &counts[name];
        let (median, high) = (times["median"].as_i64(), times["percentile95"].as_i64());
        assert!(median <= high && high <= times["longest"].as_i64(), "{times}");
        json!({ "count": times["count"], "average": times["average"], "longest": times["longest"] })
    };
    let times = ["acceptedToSent", "sentToDelivered"].map(summary);
    json!({
        "deliveryRate": counts["deliveryRate"], "readRate": counts["readRate"], "cells": cells(counts),
        "failures": counts["failures"], "pricing": counts["pricing"],
        "times": times,
    })
}

async fn insert_all(stack: &TestStack, messages: &[Message]) {
    let inserted = stream::iter(messages).map(|message| stack.messages.insert(message)).buffer_unordered(16);
    inserted.for_each(|inserted| async { drop(inserted.expect("the table takes it")) }).await;
}

#[tokio::test]
async fn statistics_are_exact_against_the_records() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    let template = read_message(&stack).await;
    let second: InstanceId = "inst_second".parse().expect("an id");
    stack.copy_instance_to(account, second.as_str()).await;
    let now = stack.now();
    let mut messages: Vec<Message> = (0..700)
        .map(|number| {
            let instance = if number % 5 == 0 { &second } else { &stack.customer.instance_id };
            let at = now.minus(Duration::from_secs(number * 900 + number % 13));
            any_message(&template, instance, at, number)
        })
        .collect();
    let of_neighbour: InstanceId = "inst_theirs".parse().expect("an id");
    stack.neighbour().await;
    insert_all(&stack, &messages).await;
    insert_all(&stack, &[any_message(&template, &of_neighbour, now, 1)]).await;
    messages.push(stack.record(&template.id).await);
    let received = stack.record(&"msg_original123".parse().expect("an id")).await;
    messages.push(received);

    let (from, to) = (now.minus(6 * A_DAY).to_string(), now.to_string());
    for query in ["", "&instanceId=inst_second"] {
        for interval in ["hour", "day"] {
            let found = statistics(&stack, &format!("interval={interval}&from={from}&to={to}{query}")).await;
            assert_eq!(found["partial"], false);
            let (from, to) = (time(&found["from"]), time(&found["to"]));
            let of_period = |message: &&Message, (from, to): (Timestamp, Timestamp)| {
                (from <= message.created_at && message.created_at < to)
                    && (query.is_empty() || message.instance_id == second)
            };
            let all = messages.iter().filter(|message| of_period(message, (from, to)));
            assert_eq!(shown(&found["total"]), expected(all), "{interval}{query}");
            let rows = found["rows"].as_array().expect("rows");
            assert_eq!(rows.iter().map(total).sum::<u64>(), total(&found["total"]));
            let length = if interval == "hour" { AN_HOUR } else { A_DAY };
            for row in rows {
                let from = time(&row["from"]);
                let of_row = messages.iter().filter(|message| of_period(message, (from, from.plus(length))));
                assert_eq!(shown(row), expected(of_row), "{interval} {row}");
            }
        }
    }
}

#[tokio::test]
async fn an_hour_is_counted_again_until_it_is_over_for_three_days() {
    let stack = TestStack::start(PROGRAM).await;
    let template = read_message(&stack).await;
    stack.pass(2 * AN_HOUR);
    let at = stack.now().minus(AN_HOUR);
    let to = at.plus(Duration::from_millis(1));
    let of_hour = format!("interval=hour&instanceId=inst_abc123&from={at}&to={to}");
    let message = |number| any_message(&template, &stack.customer.instance_id, at, number);
    insert_all(&stack, &[message(1), message(1)]).await;
    let count = async || {
        let found = statistics(&stack, &of_hour).await;
        (total(&found["total"]), found["asOf"].as_str().map(str::to_owned))
    };
    let (before, as_of) = count().await;
    assert_eq!(before, 2);
    assert!(as_of.is_some());
    insert_all(&stack, &[message(2)]).await;
    assert_eq!(count().await, (2, as_of), "as it was a moment ago");
    stack.pass(2 * AN_HOUR);
    assert_eq!(count().await.0, 3);
    stack.pass(3 * A_DAY + 2 * AN_HOUR);
    insert_all(&stack, &[message(3)]).await;
    assert_eq!(count().await, (4, None), "final");
    insert_all(&stack, &[message(4)]).await;
    assert!(stack.erase(PHONE).await["erased"].as_u64() > Some(3));
    stack.pass(A_DAY);
    assert_eq!(count().await, (4, None), "erased messages stay in final counts");
}

#[tokio::test]
async fn what_one_call_does_not_count_the_next_ones_do() {
    let stack = TestStack::start(PROGRAM).await;
    let template = read_message(&stack).await;
    let begin = stack.now().minus(2 * A_DAY);
    let hour = Timestamp::from_secs(begin.secs() - begin.secs() % 3600);
    let messages: Vec<_> = (0..EXAMINED as u64 + 600)
        .map(|number| {
            any_message(&template, &stack.customer.instance_id, hour.plus(Duration::from_millis(number)), number)
        })
        .collect();
    insert_all(&stack, &messages).await;
    let query = format!("interval=hour&instanceId=inst_abc123&from={hour}&to={}", hour.plus(AN_HOUR));
    let first = statistics(&stack, &query).await;
    assert_eq!(
        (&first["partial"], &first["rows"][0]["partial"], total(&first["total"])),
        (&json!(true), &json!(true), 0)
    );
    let complete = || async { Some(statistics(&stack, &query).await).filter(|found| found["partial"] == false) };
    let found = eventually("the hour to be counted", complete).await;
    assert_eq!(shown(&found["total"]), expected(messages.iter()), "each once");
}

#[tokio::test]
async fn one_request_of_an_account_counts_at_a_time() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    read_message(stack).await;
    let mut fault = Some(Fault::FreezeBefore);
    proxied.dynamodb.set_faults(move |call, _| {
        let is_it = call.caller == "manage" && call.operation == "BatchGetItem";
        fault.take_if(|_| is_it).unwrap_or(Fault::None)
    });
    let counted = || proxied.dynamodb.calls_by_caller().get(&("manage".to_owned(), "BatchGetItem".to_owned())).copied();
    let frozen = async {
        proxied.dynamodb.wait_until_frozen().await;
        let reads = counted();
        let meanwhile = statistics(stack, "interval=hour").await;
        assert_eq!((&meanwhile["partial"], counted()), (&json!(true), reads), "it counts nothing");
        proxied.dynamodb.resume();
    };
    let (found, ()) = futures::join!(statistics(stack, "interval=hour"), frozen);
    assert_eq!((&found["partial"], total(&found["total"])), (&json!(false), 2));
    let reads = counted();
    assert_eq!(total(&statistics(stack, "interval=hour").await["total"]), 2);
    assert_eq!(counted(), reads, "what was counted a moment ago is not read again");
}

#[tokio::test]
async fn an_account_gets_two_answers_at_a_time() {
    let stack = TestStack::start(PROGRAM).await;
    let limit = ConcurrencyLimit { kind: "answers", max: 2, lease: AN_HOUR };
    let begin = async |id: &str| {
        let operation = Operation { account: &stack.customer.account_id, subject: id, id };
        let begun = limit.acquire(&stack.accounts, operation).await.expect("the table answers");
        assert_eq!(begun, Admission::Admitted);
    };
    begin("first").await;
    statistics(&stack, "interval=hour").await;
    begin("second").await;
    let (status, answer) = stack.call("GET /v1/statistics", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{answer}");
    stack.pass(AN_HOUR);
    statistics(&stack, "interval=hour").await;
}

#[tokio::test]
async fn a_period_of_statistics_is_bounded() {
    let stack = TestStack::start(PROGRAM).await;
    let now = stack.now();
    for (query, field) in [
        ("interval=week".to_owned(), "interval"),
        ("from=yesterday".to_owned(), "from"),
        (format!("from={}", now.plus(A_DAY)), "from"),
        (format!("interval=hour&from={}", now.minus(32 * A_DAY)), "from"),
        (format!("from={}", now.minus(94 * A_DAY)), "from"),
        (format!("from={now}&to={}", now.minus(2 * A_DAY)), "from"),
        ("page=2".to_owned(), "page"),
    ] {
        let (status, answer) = stack.call(&format!("GET /v1/statistics?{query}"), Value::Null).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{query}: {answer}");
    }
    assert_eq!(stack.call("GET /v1/statistics?instanceId=inst_theirs", Value::Null).await.0, 404);
    for number in 0..11 {
        stack.copy_instance_to(&stack.customer.account_id, &format!("inst_{number}")).await;
    }
    let long = format!("GET /v1/statistics?from={}", now.minus(91 * A_DAY));
    let (status, answer) = stack.call(&long, Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("instanceId")), "{answer}");
    assert_eq!(stack.call(&format!("{long}&instanceId=inst_1"), Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_deleted_instance_shows_its_past_to_its_own_account() {
    let stack = TestStack::start(PROGRAM).await;
    read_message(&stack).await;
    assert_eq!(stack.call("DELETE /v1/instances/inst_abc123", Value::Null).await.0, 204);
    let counted = statistics(&stack, "instanceId=inst_abc123").await;
    assert_eq!(cells(&counted["total"]).get("outbound text read"), Some(&1), "{counted}");
    let other = stack.open_account(Plan::Free, 100).await;
    let other = stack.key(&other, Scope::ALL, None).await;
    assert_eq!(stack.call_as(&other, "GET /v1/statistics?instanceId=inst_abc123", Value::Null).await.0, 404);
    assert_eq!(stack.call("GET /v1/statistics?instanceId=inst_none", Value::Null).await.0, 404);
}
