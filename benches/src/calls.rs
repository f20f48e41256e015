//! What a message costs in calls: each with three statuses and three webhooks, at a rate that its number takes.

use std::sync::Arc;
use std::time::Duration;

use tests::between::Between;
use tests::wait::eventually;
use tokio::task::JoinSet;
use tokio::time::interval;

/// Messages a second: below the slots of a number of 80 a second, so that none waits.
const RATE: u64 = 50;

/// Sends the messages, waits for their last events, and prints the calls.
pub async fn measure(program: &str, messages: usize) {
    let between = Arc::new(Between::start(program).await);
    let stack = &between.stack;
    let mut ticks = interval(Duration::from_millis(1000 / RATE));
    let mut sent = JoinSet::new();
    for number in 0..messages {
        ticks.tick().await;
        let between = between.clone();
        sent.spawn(async move {
            between.stack.send_text(&format!("55119{number:08}"), "Your order has left the house.").await
        });
        eprint!("\r{} of {messages} sent", number + 1);
    }
    sent.join_all().await;
    eventually("three webhooks of each", || async { (stack.webhook.calls().len() >= 3 * messages).then_some(()) })
        .await;
    let per_message = |count: usize| count as f64 / messages as f64;
    println!(
        "\nCalls per message over {messages} messages, {RATE} a second, each with three statuses and three webhooks:"
    );
    for (service, proxy) in [("DynamoDB", &between.dynamodb), ("SQS", &between.sqs)] {
        for ((caller, operation), count) in proxy.calls_by_caller() {
            println!("  {caller:<8} {service:<9} {operation:<32} {:.3}", per_message(count));
        }
    }
    println!("Invocations per message (a batch of a queue is one receive and one delete more, which Lambda makes):");
    for (name, function) in &stack.stack.functions {
        println!("  {name:<8} {:.3}", per_message(function.invocations()));
    }
}
