//! The local stack follows changes of the template.

use std::path::Path;

use aws_sdk_sqs::types::QueueAttributeName;
use tests::test_stack::{TestStack, template};

use crate::PROGRAM;

/// A copy of the project's template with one text in place of another.
pub fn changed(folder: &Path, from: &str, to: &str) -> std::path::PathBuf {
    let text = std::fs::read_to_string(template()).expect("the template");
    assert!(text.contains(from), "the template has {from}");
    let file = folder.join("template.yaml");
    std::fs::write(&file, text.replace(from, to)).expect("a copy");
    file
}

#[tokio::test]
async fn a_stream_filter_of_the_template_is_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = changed(folder.path(), r#"{"S":["sent","delivered","read"]}"#, r#"{"S":["nothing like it"]}"#);
    let stack = TestStack::start_with(PROGRAM, |options| options.template = copy).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    stack.wait_until_published().await;
    assert_eq!(stack.webhook.calls().len(), 0);
}

#[tokio::test]
async fn a_queue_property_of_the_template_is_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = changed(folder.path(), "VisibilityTimeout: 180 # six", "VisibilityTimeout: 77 # six");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = copy).await;
    let url = format!("{}/000000000000/ExpressQueue.fifo", stack.stack.addresses.sqs);
    let request = stack.stack.clients.sqs.get_queue_attributes().queue_url(url);
    let answer = request.attribute_names(QueueAttributeName::All).send().await.expect("the queue");
    let attributes = answer.attributes().expect("attributes");
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "77");
    assert_eq!(attributes[&QueueAttributeName::FifoThroughputLimit], "perMessageGroupId");
}
