//! The wire protocol: responses to requests that no SDK makes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::sqs::target::Target;

/// Posts a body and returns the whole response.
async fn post(target: &Target, header: &str, body: &str) -> String {
    let address = target.url.strip_prefix("http://").expect("it is no HTTPS");
    let mut connection = TcpStream::connect(address).await.expect("the server does it");
    let length = body.len();
    let request =
        format!("POST / HTTP/1.1\r\nHost: sqs\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    connection.write_all(request.as_bytes()).await.expect("the server does it");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("the server does it");
    answer
}

fn assert_refused(answer: &str, json_name: &str, query_name: &str) {
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains(&format!("x-amzn-query-error: {query_name};Sender\r\n")), "{answer}");
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    assert!(answer.contains("content-type: application/x-amz-json-1.0\r\n"), "{answer}");
    assert!(answer.contains(&format!("#{json_name}\"")), "{answer}");
}

// ministack has no request ids.
#[tokio::test]
async fn an_unknown_operation_is_refused() {
    let target = Target::embedded().await;
    let answer = post(&target, "X-Amz-Target: AmazonSQS.FlyToTheMoon\r\n", "{}").await;
    assert_refused(&answer, "UnknownOperationException", "InvalidAction");
    let answer = post(&target, "", "{}").await;
    assert_refused(&answer, "UnknownOperationException", "InvalidAction");
}

// ministack treats an invalid body as an empty one.
#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let target = Target::embedded().await;
    let answer = post(&target, "X-Amz-Target: AmazonSQS.ListQueues\r\n", "{\"QueueNamePrefix\": ").await;
    assert_refused(&answer, "SerializationException", "MalformedInput");
}

// ministack says that the queue does not exist.
#[tokio::test]
async fn a_missing_parameter_is_named() {
    let target = Target::embedded().await;
    let answer = post(&target, "X-Amz-Target: AmazonSQS.DeleteMessage\r\n", r#"{"ReceiptHandle": "x"}"#).await;
    assert_refused(&answer, "MissingRequiredParameterException", "MissingParameter");
    assert!(answer.contains("The request must contain the parameter QueueUrl."), "{answer}");
}

// ministack has no request ids.
#[tokio::test]
async fn a_response_is_json_with_a_request_id_even_when_it_is_empty() {
    let target = Target::embedded().await;
    let queue = target.standard(&[]).await;
    let body = format!(r#"{{"QueueUrl": "{}"}}"#, queue.url);
    let answer = post(&target, "X-Amz-Target: AmazonSQS.DeleteQueue\r\n", &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("content-type: application/x-amz-json-1.0\r\n"), "{answer}");
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{}"), "{answer}");
}

// ministack names the queue's absence without the namespace.
#[tokio::test]
async fn an_error_has_its_json_name_and_its_query_name() {
    let target = Target::embedded().await;
    let answer = post(&target, "X-Amz-Target: AmazonSQS.GetQueueUrl\r\n", r#"{"QueueName": "none"}"#).await;
    assert_refused(&answer, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue");
    assert!(answer.contains("com.amazonaws.sqs#QueueDoesNotExist"), "{answer}");
}
