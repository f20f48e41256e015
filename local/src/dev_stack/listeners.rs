//! The stack's ports on the loopback address: the API's port, and free ports for everything else.

use std::io;

use tokio::net::TcpListener;

use super::options::Options;
use super::start_error::StartError;

/// The URLs of the stack's servers, without a trailing slash.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The API.
    pub api: String,
    /// The callback URL for WhatsApp.
    pub callback: String,
    /// The Cloud API that receives messages.
    pub whatsapp: String,
    /// DynamoDB and its streams.
    pub dynamodb: String,
    /// SQS.
    pub sqs: String,
}

/// The bound ports. They are bound before anything starts, so that every part can be given all URLs.
pub struct Listeners {
    /// The API's port.
    pub api: TcpListener,
    /// The callback URL's port.
    pub callback: TcpListener,
    /// DynamoDB's port.
    pub dynamodb: TcpListener,
    /// SQS's port.
    pub sqs: TcpListener,
    /// The simulator's port, unless messages go to another Cloud API.
    pub whatsapp: Option<TcpListener>,
}

impl Listeners {
    /// Binds the ports.
    pub async fn bind(options: &Options) -> Result<Self, StartError> {
        let api = TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(options.port),
            _ => StartError::Machine(error),
        })?;
        let free = || TcpListener::bind("127.0.0.1:0");
        let whatsapp = if options.whatsapp.is_none() { Some(free().await?) } else { None };
        Ok(Self { api, callback: free().await?, dynamodb: free().await?, sqs: free().await?, whatsapp })
    }

    /// The URLs of the ports.
    pub fn addresses(&self, options: &Options) -> io::Result<Addresses> {
        let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
        let whatsapp = match (&self.whatsapp, &options.whatsapp) {
            (Some(listener), _) => url(listener)?,
            (None, whatsapp) => whatsapp.as_ref().map(|whatsapp| whatsapp.url.clone()).unwrap_or_default(),
        };
        Ok(Addresses {
            api: url(&self.api)?,
            callback: url(&self.callback)?,
            whatsapp,
            dynamodb: url(&self.dynamodb)?,
            sqs: url(&self.sqs)?,
        })
    }
}
