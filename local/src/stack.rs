//! The whole stack: servers, functions, event sources, and the WhatsApp that messages go to.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use shared::account_table::AccountTable;
use shared::message_table::MessageTable;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::clients::Clients;
use crate::clock::Clock;
use crate::lambda::Function;
use crate::launch;
use crate::listeners::{Addresses, Listeners};
use crate::secrets::Secrets;
use crate::servers::{serve_http, serve_queues, serve_tables};
use crate::simulator::{Callbacks, Simulator};
use crate::sources::Checkpoints;
use crate::start_error::StartError;
use crate::template::{Ground, Template};
use crate::wiring;

/// What a stack is to be like.
#[derive(Debug)]
pub struct Options {
    /// The API's port; 0 for a free one.
    pub port: u16,
    /// The template.
    pub template: PathBuf,
    /// The program that is every function when it is started as `function NAME`.
    pub program: PathBuf,
    /// Where tables are kept; in memory without.
    pub data: Option<PathBuf>,
    /// The folder of the functions' logs.
    pub logs: PathBuf,
    /// The WhatsApp that messages go to; the simulator without.
    pub whatsapp: Option<WhatsApp>,
    /// Addresses by which the functions reach DynamoDB, SQS and WhatsApp, when something stands between them.
    pub in_between: Option<InBetween>,
    /// Whether customers' webhooks and files may be on this machine, as on no other deployment.
    pub loopback_endpoints: bool,
    /// Functions, by name, that are to be started otherwise than the rest.
    pub stand_ins: BTreeMap<String, StandIn>,
}

/// How a function is started otherwise: another's program in its place, or the same with another environment.
#[derive(Clone, Debug, Default)]
pub struct StandIn {
    /// The program and its arguments; without, the function itself.
    pub command: Option<(PathBuf, Vec<String>)>,
    /// Variables on top of those that the function has.
    pub variables: BTreeMap<String, String>,
}

/// What stands between the functions and the servers that they call.
#[derive(Clone, Debug)]
pub struct InBetween {
    /// What passes on to DynamoDB.
    pub dynamodb: String,
    /// What passes on to SQS.
    pub sqs: String,
    /// What passes on to WhatsApp; nothing does without.
    pub whatsapp: Option<String>,
    /// Whether the event sources go that way too, under the name `sources`.
    pub sources: bool,
}

/// A Cloud API that is not the simulator.
#[derive(Debug)]
pub struct WhatsApp {
    /// Its base address.
    pub url: String,
    /// The secret of the Meta app.
    pub app_secret: SecretString,
    /// The word that verifies the callback address.
    pub verify_token: SecretString,
}

/// A running stack. Dropping it ends everything that it started.
pub struct Stack {
    /// Where things are.
    pub addresses: Addresses,
    /// The clock that all of it follows.
    pub clock: Clock,
    /// The functions by name.
    pub functions: BTreeMap<String, Function>,
    /// The simulator, unless messages go elsewhere.
    pub simulator: Option<Simulator>,
    /// The secrets.
    pub secrets: Secrets,
    /// Clients of its own servers.
    pub clients: Clients,
    /// The tables' names by logical id.
    pub tables: BTreeMap<String, String>,
    /// How far the streams were read.
    pub checkpoints: Arc<Checkpoints>,
    tasks: Vec<JoinHandle<()>>,
    _scratch: TempDir,
}

impl Stack {
    /// Starts everything and returns when all functions are ready.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let template = Template::read(&options.template)?;
        for folder in options.data.iter().chain([&options.logs]) {
            make_folder(folder)?;
        }
        let listeners = Listeners::bind(&options).await?;
        let scratch = TempDir::with_prefix("pombo-")?;
        let clock_file = scratch.path().join("clock");
        let clock = Clock::with_file(&clock_file)?;
        let app = App::of(&options);
        let addresses = listeners.addresses(&options)?;
        let deployment = template.deploy(&ground(&addresses, &app, options.in_between.as_ref()))?;
        let kept = |name: &str| options.data.as_ref().map(|folder| folder.join(name));
        let secrets = Secrets::open(&deployment.secrets, kept("secrets.json").as_deref())?;
        let checkpoints = Arc::new(Checkpoints::open(kept("checkpoints.json"))?);
        let clients = Clients::of(&addresses.dynamodb, &addresses.sqs, "stack").await;
        let sources = match options.in_between.as_ref().filter(|between| between.sources) {
            Some(between) => Clients::of(&between.dynamodb, &between.sqs, "sources").await,
            None => clients.clone(),
        };
        let mut tasks = serve_tables(&deployment, &options, &clock, listeners.dynamodb)?;
        tasks.push(serve_queues(&deployment, &clock, listeners.sqs)?);
        let functions = launch::functions(&deployment, &options, &addresses, &secrets, &clock_file)?;
        launch::warm_up(&functions, &options.logs).await?;
        tasks.extend(serve_http(&deployment, &functions, listeners.api, listeners.callback));
        let simulator = listeners.whatsapp.map(|listener| {
            let callbacks = Callbacks::new(addresses.callback.clone(), &app.secret);
            let simulator = Simulator::new(callbacks, clock.clone());
            tasks.push(simulator.serve(listener));
            simulator
        });
        let tables = deployment.tables.iter().map(|table| (table.id.clone(), table.name.clone())).collect();
        tasks.extend(wiring::start(deployment.functions, &functions, &addresses, &sources, &clock, &checkpoints)?);
        Ok(Self {
            addresses,
            clock,
            functions,
            simulator,
            secrets,
            clients,
            tables,
            checkpoints,
            tasks,
            _scratch: scratch,
        })
    }

    /// The records of messages.
    pub fn messages(&self) -> MessageTable {
        MessageTable::new(self.clients.dynamodb.clone(), self.table("Messages"))
    }

    /// The accounts and what they have.
    pub fn accounts(&self) -> AccountTable {
        AccountTable::new(self.clients.dynamodb.clone(), self.table("Accounts"))
    }

    fn table(&self, id: &str) -> String {
        self.tables.get(id).cloned().unwrap_or_default()
    }

    /// Ends everything that it started.
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

/// What Meta's app is on this machine.
struct App {
    secret: SecretString,
    verify_token: SecretString,
}

impl App {
    fn of(options: &Options) -> Self {
        match &options.whatsapp {
            Some(whatsapp) => Self { secret: whatsapp.app_secret.clone(), verify_token: whatsapp.verify_token.clone() },
            None => Self { secret: random_word(), verify_token: random_word() },
        }
    }
}

fn random_word() -> SecretString {
    hex::encode(shared::ids::random::<16>()).into()
}

fn make_folder(folder: &Path) -> Result<(), StartError> {
    let probe = folder.join(".writable");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, ""))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|cause| StartError::Folder { folder: folder.to_owned(), cause })
}

fn ground(addresses: &Addresses, app: &App, between: Option<&InBetween>) -> Ground {
    let between = between.and_then(|between| between.whatsapp.as_ref());
    let parameters = HashMap::from([
        ("WhatsAppUrl", between.unwrap_or(&addresses.whatsapp).clone()),
        ("WhatsAppAppSecret", app.secret.expose_secret().to_owned()),
        ("WhatsAppVerifyToken", app.verify_token.expose_secret().to_owned()),
    ]);
    Ground { sqs_url: addresses.sqs.clone(), parameters }
}
