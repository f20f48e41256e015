//! Queues are created, found, listed, purged and deleted.

use crate::sqs::queue::Queue;
use crate::sqs::target::{Target, code, unique_name};

#[tokio::test]
async fn a_queue_url_ends_with_the_account_and_the_name() {
    let target = Target::given().await;
    let name = unique_name();
    let url = target.create(&name, &[]).await.expect("the server does it");
    assert!(url.starts_with("http://"));
    assert!(url.ends_with(&format!("/000000000000/{name}")));
}

#[tokio::test]
async fn creating_an_existing_queue_returns_its_url() {
    let target = Target::given().await;
    let name = unique_name();
    let url = target.create(&name, &[("DelaySeconds", "7")]).await.expect("the server does it");
    assert_eq!(target.create(&name, &[("DelaySeconds", "7")]).await.expect("the server does it"), url);
    assert_eq!(target.create(&name, &[]).await.expect("the server does it"), url);
}

#[tokio::test]
async fn creating_an_existing_queue_with_other_attributes_is_refused() {
    let target = Target::given().await;
    let name = unique_name();
    target.create(&name, &[("DelaySeconds", "7")]).await.expect("the server does it");
    assert_eq!(
        target.create(&name, &[("DelaySeconds", "8")]).await.expect_err("the server refuses"),
        "QueueAlreadyExists"
    );
}

#[tokio::test]
async fn a_fifo_queue_without_the_suffix_is_refused() {
    let target = Target::given().await;
    let refused = target.create(&unique_name(), &[("FifoQueue", "true")]).await;
    assert_eq!(refused.expect_err("it is refused"), "InvalidParameterValue");
}

#[tokio::test]
async fn a_queue_is_found_by_its_name() {
    let target = Target::given().await;
    let name = unique_name();
    let url = target.create(&name, &[]).await.expect("the server does it");
    let found = target.client.get_queue_url().queue_name(&name).send().await.expect("the server answers");
    assert_eq!(found.queue_url.expect("the answer has it"), url);
}

#[tokio::test]
async fn an_unknown_queue_is_not_found() {
    let target = Target::given().await;
    let error = target.client.get_queue_url().queue_name(unique_name()).send().await.expect_err("the server refuses");
    assert!(error.as_service_error().expect("the server answers").is_queue_does_not_exist());
}

#[tokio::test]
async fn a_queue_is_addressed_by_its_urls_path_whatever_the_host() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    let name = queue.url.rsplit('/').next().expect("a URL has a path");
    let elsewhere = format!("http://elsewhere.example:1234/000000000000/{name}");
    Queue::new(target.client.clone(), elsewhere).send("hello").await;
    assert_eq!(queue.receive_one().await.body.expect("the answer has it"), "hello");
}

#[tokio::test]
async fn queues_are_listed_by_name_prefix() {
    let target = Target::given().await;
    let prefix = unique_name();
    let mut urls = Vec::new();
    for suffix in ["a", "b", "c"] {
        urls.push(target.create(&format!("{prefix}-{suffix}"), &[]).await.expect("the server does it"));
    }
    target.create(&unique_name(), &[]).await.expect("the server does it");
    let listed = target.client.list_queues().queue_name_prefix(&prefix).send().await.expect("the server does it");
    let mut listed = listed.queue_urls.expect("the answer has it");
    listed.sort();
    assert_eq!(listed, urls);
}

#[tokio::test]
async fn a_list_of_queues_is_paged() {
    let target = Target::given().await;
    let prefix = unique_name();
    let mut urls = Vec::new();
    for suffix in ["a", "b", "c"] {
        urls.push(target.create(&format!("{prefix}-{suffix}"), &[]).await.expect("the server does it"));
    }
    let pages = target.client.list_queues().queue_name_prefix(&prefix).max_results(2).into_paginator();
    let mut pages = pages.send();
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("the server answers").queue_urls.expect("the answer has it");
        assert!(page.len() <= 2);
        listed.extend(page);
    }
    listed.sort();
    assert_eq!(listed, urls);
}

#[tokio::test]
async fn a_deleted_queue_does_not_exist() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    target.client.delete_queue().queue_url(&queue.url).send().await.expect("the server answers");
    let error = queue.sending("hello").send().await.expect_err("the server refuses");
    assert_eq!(code(&error), "AWS.SimpleQueueService.NonExistentQueue");
}

#[tokio::test]
async fn a_purge_deletes_visible_in_flight_and_delayed_messages() {
    let target = Target::given().await;
    let queue = target.standard(&[]).await;
    queue.send("in flight").await;
    queue.receive_for(1, 5, Some(target.span(1))).await;
    queue.send("visible").await;
    queue.sending("delayed").delay_seconds(target.span(1)).send().await.expect("the server answers");
    assert_eq!(queue.counts().await, ["1", "1", "1"]);
    target.client.purge_queue().queue_url(&queue.url).send().await.expect("the server answers");
    assert_eq!(queue.counts().await, ["0", "0", "0"]);
    target.pass_span(1);
    assert!(queue.receive_for(10, 2, None).await.is_empty());
}
