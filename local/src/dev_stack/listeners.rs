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
    /// S3.
    pub s3: String,
    /// Secrets Manager.
    pub secrets: String,
}

/// The bound ports. They are bound before anything starts, so that every part can be given all URLs.
pub struct Listeners {
    pub api: TcpListener,
    pub callback: TcpListener,
    pub dynamodb: TcpListener,
    pub sqs: TcpListener,
    pub s3: TcpListener,
    pub secrets: TcpListener,
    /// The simulator's port, unless messages go to another Cloud API.
    pub whatsapp: Option<TcpListener>,
}

impl Listeners {
    /// Binds the ports. Also returns their URLs.
    pub async fn bind(options: &Options) -> Result<(Self, Addresses), StartError> {
        let api = TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(options.port),
            _ => StartError::Machine(error),
        })?;
        let free = || TcpListener::bind("127.0.0.1:0");
        let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
        let (callback, dynamodb, sqs) = (free().await?, free().await?, free().await?);
        let (s3, secrets) = (free().await?, free().await?);
        let (whatsapp, whatsapp_url) = match &options.whatsapp {
            Some(whatsapp) => (None, whatsapp.url.clone()),
            None => {
                let listener = free().await?;
                let url = url(&listener)?;
                (Some(listener), url)
            }
        };
        let addresses = Addresses {
            api: url(&api)?,
            callback: url(&callback)?,
            whatsapp: whatsapp_url,
            dynamodb: url(&dynamodb)?,
            sqs: url(&sqs)?,
            s3: url(&s3)?,
            secrets: url(&secrets)?,
        };
        Ok((Self { api, callback, dynamodb, sqs, s3, secrets, whatsapp }, addresses))
    }
}
