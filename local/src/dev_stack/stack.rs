//! A running stack: servers, functions, event sources and the WhatsApp simulator.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use shared::aws::AccountsTable;
use shared::message::MessageRepository;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::clients::Clients;
use super::console_keys::ConsoleKeys;
use super::event_sources::SourceContext;
use super::functions;
use super::listeners::{Addresses, Listeners};
use super::options::{Options, WhatsApp};
use super::secrets::Secrets;
use super::secrets_manager;
use super::servers::{serve_buckets, serve_http, serve_queues, serve_tables};
use super::start_error::StartError;
use super::template::{Template, TemplateContext};
use crate::clock::Clock;
use crate::lambda::Function;
use crate::lambda::event_sources::Checkpoints;
use crate::simulator::{CallbackSender, Simulator};

/// A running stack. Dropping it stops everything that it started.
pub struct Stack {
    /// The addresses of its servers.
    pub addresses: Addresses,
    /// The clock of the whole stack.
    pub clock: Clock,
    /// The functions by name.
    pub functions: BTreeMap<String, Function>,
    /// The simulator, unless messages go to another Cloud API.
    pub simulator: Option<Simulator>,
    /// The secrets of the template.
    pub secrets: Arc<Secrets>,
    /// Clients of the servers.
    pub clients: Clients,
    /// The names of the tables by logical id.
    pub tables: BTreeMap<String, String>,
    /// How far the streams are processed.
    pub checkpoints: Arc<Checkpoints>,
    console_keys: ConsoleKeys,
    objects: PathBuf,
    tasks: Vec<JoinHandle<()>>,
    _temporary: TempDir,
}

impl Stack {
    /// Starts a stack and returns when all functions are ready.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let template = Template::read(&options.template)?;
        for folder in options.data.iter().chain([&options.logs]) {
            create_folder(folder)?;
        }
        let (listeners, addresses) = Listeners::bind(&options).await?;
        let temporary = TempDir::with_prefix("pombo-")?;
        let clock_file = temporary.path().join("clock");
        let clock = Clock::with_file(&clock_file)?;
        let whatsapp = options.whatsapp.clone().unwrap_or_else(|| WhatsApp {
            url: addresses.whatsapp.clone(),
            app_secret: random_secret(),
            verify_token: random_secret(),
        });
        let whatsapp_proxy = options.proxies.as_ref().and_then(|proxies| proxies.whatsapp.as_ref());
        let mut parameters = HashMap::from([
            ("EarlierKeys", "false".to_owned()),
            ("WhatsAppUrl", whatsapp_proxy.unwrap_or(&whatsapp.url).clone()),
            ("WhatsAppAppSecret", whatsapp.app_secret.expose_secret().to_owned()),
            ("WhatsAppVerifyToken", whatsapp.verify_token.expose_secret().to_owned()),
        ]);
        parameters.extend(options.parameters.clone());
        let (sqs_url, callback_url) = (addresses.sqs.clone(), addresses.callback.clone());
        let deployment = template.resolve(&TemplateContext { sqs_url, callback_url, parameters })?;
        let data_file = |name: &str| options.data.as_ref().map(|folder| folder.join(name));
        let secrets = Secrets::open(&deployment.secrets, &options.secrets, data_file("secrets.json"), &clock)?;
        let secrets = Arc::new(secrets);
        let checkpoints = Arc::new(Checkpoints::open(data_file("checkpoints.json"))?);
        let clients = Clients::new(&addresses.dynamodb, &addresses.sqs, "stack").await;
        let source_clients = match options.proxies.as_ref().filter(|proxies| proxies.event_sources) {
            Some(proxies) => Clients::new(&proxies.dynamodb, &proxies.sqs, "sources").await,
            None => clients.clone(),
        };
        let (database, mut tasks) = serve_tables(&deployment, &options, &clock, listeners.dynamodb)?;
        tasks.push(serve_queues(&deployment, &clock, listeners.sqs)?);
        let objects = data_file("objects").unwrap_or_else(|| temporary.path().join("objects"));
        tasks.push(serve_buckets(&deployment, &objects, (&addresses.sqs, &clients), listeners.s3)?);
        tasks.push(secrets_manager::serve(secrets.clone(), listeners.secrets));
        let functions = functions::create(&deployment, &options, &addresses, &clock_file);
        functions::warm_up(&functions).await?;
        let console_keys = ConsoleKeys::default();
        tasks.extend(serve_http(&deployment, &functions, (listeners.api, listeners.callback), &console_keys));
        let simulator = listeners.whatsapp.map(|listener| {
            let callbacks = CallbackSender::new(addresses.callback.clone(), &whatsapp.app_secret);
            let simulator = Simulator::new(callbacks, clock.clone(), options.window);
            tasks.push(simulator.serve(listener));
            simulator
        });
        let tables = deployment.tables.iter().map(|table| (table.id.clone(), table.name.clone())).collect();
        let sources = SourceContext {
            sqs_url: &addresses.sqs,
            clients: &source_clients,
            clock: &clock,
            checkpoints: &checkpoints,
            has_records: Arc::new(move |iterator| database.has_records(iterator)),
        };
        tasks.extend(sources.start_all(deployment.functions, &functions)?);
        Ok(Self {
            addresses,
            clock,
            functions,
            simulator,
            secrets,
            clients,
            tables,
            checkpoints,
            console_keys,
            objects,
            tasks,
            _temporary: temporary,
        })
    }

    /// Gives the console the demo's keys, unless messages go to real phones.
    pub fn open_console(&self, api_key: &SecretString) {
        if self.simulator.is_some() {
            self.console_keys.give(api_key.clone(), self.secrets.text("AdminKey").unwrap_or_default().into());
        }
    }

    /// The folder of the buckets, in which objects are files.
    pub fn objects(&self) -> &Path {
        &self.objects
    }

    /// The table of messages.
    pub fn messages(&self) -> MessageRepository {
        MessageRepository::new(self.clients.dynamodb.clone(), self.table("Messages"))
    }

    /// The table of accounts.
    pub fn accounts(&self) -> AccountsTable {
        AccountsTable::new(self.clients.dynamodb.clone(), self.table("Accounts"))
    }

    fn table(&self, id: &str) -> String {
        self.tables.get(id).cloned().unwrap_or_default()
    }

    /// Stops everything that the stack started.
    pub fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
        for function in self.functions.values() {
            function.stop();
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.stop();
    }
}

fn random_secret() -> SecretString {
    hex::encode(shared::ids::random::<16>()).into()
}

/// Creates a folder and checks that it is writable.
fn create_folder(folder: &Path) -> Result<(), StartError> {
    let probe = folder.join(".writable");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, ""))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|cause| StartError::Folder { folder: folder.to_owned(), cause })
}
