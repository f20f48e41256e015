//! The simulator as a program of its own, for functions that run elsewhere.

use secrecy::SecretString;
use tokio::net::TcpListener;

use super::callback_sender::CallbackSender;
use super::state::Simulator;
use crate::clock::Clock;

/// The options of a standalone simulator.
#[derive(Debug, clap::Args)]
pub struct StandaloneSimulator {
    /// Port to listen on, on the loopback address
    #[arg(long, value_name = "N")]
    port: u16,
    /// URL that receives the callbacks
    #[arg(long, value_name = "URL")]
    callback_url: String,
    /// Meta app secret, with which callbacks are signed
    #[arg(long, value_name = "SECRET")]
    app_secret: SecretString,
}

impl StandaloneSimulator {
    /// Serves until the process ends.
    pub async fn serve(self) -> Result<(), String> {
        let address = ("127.0.0.1", self.port);
        let listener = TcpListener::bind(address).await.map_err(|error| format!("port {}: {error}", self.port))?;
        let callbacks = CallbackSender::new(self.callback_url, &self.app_secret);
        Simulator::new(callbacks, Clock::new()).serve(listener).await.map_err(|error| error.to_string())
    }
}
