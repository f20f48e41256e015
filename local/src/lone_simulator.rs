//! The WhatsApp simulator by itself, for functions that run elsewhere.

use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::simulator::{Callbacks, Simulator};

/// What it needs to know.
#[derive(Debug, clap::Args)]
pub struct LoneSimulator {
    /// The port it serves at, on this machine alone
    #[arg(long, value_name = "N")]
    port: u16,
    /// Where it reports to
    #[arg(long, value_name = "URL")]
    callback_url: String,
    /// The secret that it signs its reports with
    #[arg(long, value_name = "SECRET")]
    app_secret: SecretString,
}

impl LoneSimulator {
    /// Serves until the process is ended.
    pub async fn serve(self) -> Result<(), String> {
        let address = ("127.0.0.1", self.port);
        let listener = TcpListener::bind(address).await.map_err(|error| format!("port {}: {error}", self.port))?;
        let callbacks = Callbacks::new(self.callback_url, &self.app_secret);
        Simulator::new(callbacks, Clock::new()).serve(listener).await.map_err(|error| error.to_string())
    }
}
