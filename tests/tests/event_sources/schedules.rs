//! A schedule, by the stack's clock.

use std::time::Duration;

use tests::script::Script;

use crate::RELAY;

#[tokio::test]
async fn a_schedule_brings_an_event_whenever_its_time_has_passed() {
    let script = Script::start(
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
        script.stack.clock.advance(Duration::from_secs(601)).expect("the clock");
        let events = script.wait_for(count).await;
        assert_eq!(events.len(), count);
        assert_eq!(events[count - 1]["source"], "aws.events");
    }
}
