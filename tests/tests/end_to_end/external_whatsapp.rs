//! A Cloud API that is not the stack's own simulator.

use local::dev_stack::WhatsApp;
use local::simulator::{CallbackSender, ServiceWindow, Simulator};
use secrecy::SecretString;
use tests::test_stack::TestStack;
use tokio::net::TcpListener;

use crate::PROGRAM;

#[tokio::test]
async fn an_external_cloud_api_is_used_and_its_callbacks_are_verified() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let secret = SecretString::from("the secret of another app");
    let stack = TestStack::start_with(PROGRAM, |options| {
        let (app_secret, verify_token) = (secret.clone(), "a word of our own choice".into());
        options.whatsapp = Some(WhatsApp { url, app_secret, verify_token });
    })
    .await;
    let callbacks = CallbackSender::new(stack.stack.addresses.callback.clone(), &secret);
    let elsewhere = Simulator::new(callbacks, stack.stack.clock.clone(), ServiceWindow::Off);
    let server = elsewhere.serve(listener);
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(elsewhere.ledger().taken().len(), 1);
    assert!(stack.stack.simulator.is_none());
    server.abort();
}
