//! The options of a stack.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::simulator::ServiceWindow;

/// The options of a stack.
#[derive(Debug)]
pub struct Options {
    /// The API's port; 0 for a free port.
    pub port: u16,
    /// The template file.
    pub template: PathBuf,
    /// The program that runs a function when it is started as `function NAME`.
    pub program: PathBuf,
    /// The folder in which tables are kept; in memory without.
    pub data: Option<PathBuf>,
    /// The folder of the functions' logs.
    pub logs: PathBuf,
    /// The Cloud API that receives messages; the simulator without.
    pub whatsapp: Option<WhatsApp>,
    /// Whether the simulator holds the service window.
    pub window: ServiceWindow,
    /// Proxies between the functions and the servers that they call.
    pub proxies: Option<Proxies>,
    /// Whether webhooks and media files may be on this machine, which no other deployment allows.
    pub loopback_endpoints: bool,
    /// Values of the template's parameters that are not those of a local stack.
    pub parameters: BTreeMap<&'static str, String>,
    /// Values of secrets, by logical id; others are generated or the template's.
    pub secrets: BTreeMap<String, String>,
    /// A process is ended after so many times its function's timeout. Lambda's is 1; a debug build on a busy machine needs more.
    /// The function is told the same deadline.
    pub overtime: u32,
    /// Functions, by name, that are started differently.
    pub function_overrides: BTreeMap<String, FunctionOverride>,
}

/// How a function is started differently: another program in its place, or additional environment variables.
#[derive(Clone, Debug, Default)]
pub struct FunctionOverride {
    /// The program and its arguments; the function itself without.
    pub command: Option<(PathBuf, Vec<String>)>,
    /// Additional environment variables.
    pub variables: BTreeMap<String, String>,
}

/// The URLs of proxies between the functions and the servers that they call.
#[derive(Clone, Debug)]
pub struct Proxies {
    /// The proxy of DynamoDB.
    pub dynamodb: String,
    /// The proxy of SQS.
    pub sqs: String,
    /// The proxy of S3, if there is one.
    pub s3: Option<String>,
    /// The proxy of WhatsApp, if there is one.
    pub whatsapp: Option<String>,
    /// Whether event source mappings use the proxies too, under the application name `sources`.
    pub event_sources: bool,
}

/// A Cloud API, and the app that signs its callbacks.
#[derive(Clone, Debug)]
pub struct WhatsApp {
    /// The base URL.
    pub url: String,
    /// The Meta app secret.
    pub app_secret: SecretString,
    /// The verify token of the webhook settings.
    pub verify_token: SecretString,
}
