//! A stack that keeps its tables, started again.

use local::seed::{self, DemoNumber};
use local::stack::Stack;
use shared::state::State;
use tests::test_stack::{TestStack, options};
use tests::wait::eventually;

use crate::PROGRAM;

#[tokio::test]
async fn tables_that_are_kept_are_there_after_a_restart_and_what_they_sealed_still_opens() {
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
