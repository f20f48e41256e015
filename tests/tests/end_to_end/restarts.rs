//! Restarting a stack that keeps its tables.

use local::dev_stack::Stack;
use local::dev_stack::seed::{self, DemoNumber};
use shared::message::State;
use tests::test_stack::{TestStack, options};
use tests::wait::eventually;

use crate::PROGRAM;

#[tokio::test]
async fn a_restarted_stack_keeps_its_tables_and_can_decrypt_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let first = TestStack::start_with(PROGRAM, |options| options.data = Some(data.clone())).await;
    let id = first.send_text("5511999999999", "hello").await;
    first.wait_for_status(&id, "read").await;
    drop(first);

    let mut again = options(PROGRAM, folder.path());
    again.data = Some(data);
    let stack = Stack::start(again).await.expect("the stack starts again");
    seed::customer(&stack, DemoNumber::default()).await.expect("the customer is there");
    let messages = stack.messages();
    let ask = || async { messages.get(&id).await.ok().flatten() };
    let message = eventually("the record", ask).await;
    assert_eq!(message.status, State::Read);
}
