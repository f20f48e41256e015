//! The stack's ports: the API's own, and free ones for everything else, on the loopback only.

use std::io;

use tokio::net::TcpListener;

use crate::stack::Options;
use crate::start_error::StartError;

/// Where things are; each without a slash at its end.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The API.
    pub api: String,
    /// Where WhatsApp calls back.
    pub callback: String,
    /// The WhatsApp that messages go to.
    pub whatsapp: String,
    /// DynamoDB and its streams.
    pub dynamodb: String,
    /// SQS.
    pub sqs: String,
}

/// The ports, taken before anything is started, so that everything knows where everything is.
pub struct Listeners {
    /// The API's.
    pub api: TcpListener,
    /// WhatsApp's callbacks'.
    pub callback: TcpListener,
    /// DynamoDB's.
    pub dynamodb: TcpListener,
    /// SQS's.
    pub sqs: TcpListener,
    /// The simulator's, unless messages go elsewhere.
    pub whatsapp: Option<TcpListener>,
}

impl Listeners {
    /// Takes the ports.
    pub async fn bind(options: &Options) -> Result<Self, StartError> {
        let api = TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(options.port),
            _ => StartError::Machine(error),
        })?;
        let free = || TcpListener::bind("127.0.0.1:0");
        let whatsapp = if options.whatsapp.is_none() { Some(free().await?) } else { None };
        Ok(Self { api, callback: free().await?, dynamodb: free().await?, sqs: free().await?, whatsapp })
    }

    /// What they are called.
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
