//! A Cloud API that is not the stack's own simulator.

use local::simulator::{Callbacks, Simulator};
use local::stack::WhatsApp;
use secrecy::SecretString;
use tests::test_stack::TestStack;
use tokio::net::TcpListener;

use crate::PROGRAM;

#[tokio::test]
async fn messages_go_to_the_cloud_api_that_was_asked_for_and_its_callbacks_are_verified_with_its_app_s_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let secret = SecretString::from("the secret of another app");
    let stack = TestStack::start_with(PROGRAM, |options| {
        let (app_secret, verify_token) = (secret.clone(), "a word of our own choice".into());
        options.whatsapp = Some(WhatsApp { url, app_secret, verify_token });
    })
    .await;
    let callbacks = Callbacks::new(stack.stack.addresses.callback.clone(), &secret);
    let elsewhere = Simulator::new(callbacks, stack.stack.clock.clone());
    let server = elsewhere.serve(listener);
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(elsewhere.ledger().taken().len(), 1);
    assert!(stack.stack.simulator.is_none());
    server.abort();
}
