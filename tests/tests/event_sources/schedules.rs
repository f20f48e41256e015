//! A schedule, by the stack's clock.

use std::time::Duration;

use tests::scripted_function::ScriptedFunction;

use crate::RELAY;

#[tokio::test]
async fn a_schedule_invokes_its_function_by_the_stacks_clock() {
    let function = ScriptedFunction::start(
        RELAY,
        "Resources:
  relay:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { RELAY_URL: '{relay}' } }
      Events:
        EveryTenMinutes: { Type: Schedule, Properties: { Schedule: rate(10 minutes) } }
",
    )
    .await;
    for count in 1..=3 {
        function.stack.clock.advance(Duration::from_secs(601)).expect("the clock");
        let events = function.wait_for(count).await;
        assert_eq!(events.len(), count);
        assert_eq!(events[count - 1]["source"], "aws.events");
    }
}
