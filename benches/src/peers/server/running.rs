//! The running server: PostgreSQL, Redis, the API process and the worker, with the simulator as WhatsApp.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use local::clock::Clock;
use local::dev_stack::seed::{DemoNumber, INSTANCE};
use local::simulator::{CallbackSender, ServiceWindow, Simulator};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tempfile::TempDir;
use tests::webhook_receiver::WebhookReceiver;
use tokio::net::TcpListener;

use super::child::{Child, Program, free_port, run, wait_for};
use super::databases::{Postgres, Redis};
use crate::cost::assumptions::WHATSAPP_CALL;
use crate::cost::wire::Wire;
use crate::peers::gateway::Gateway;
use crate::peers::kernel::{children, family_cpu_time, memory};
use crate::peers::variant::built;
use crate::peers::whole::Usage;

/// The secret that signs callbacks.
const APP_SECRET: &str = "app-secret-of-a-measurement";
/// The customer's API key.
const API_KEY: &str = "gateway_key-of-a-measurement";
/// The customer's credits at first.
const CREDITS: i64 = 1_000_000;
/// The requests a minute that Pombo's demo customer has.
const REQUESTS_PER_MINUTE: u32 = 10_000;
/// The version of WhatsApp's API.
const VERSION: &str = "v25.0";
/// The names of its programs in the report.
pub const PROGRAMS: [&str; 4] = ["API", "worker", "PostgreSQL", "Redis"];

/// The running server. Its programs end in this order.
pub struct Server {
    worker: Option<Child>,
    api: Child,
    /// Its queue.
    pub redis: Redis,
    /// Its database.
    pub postgres: Postgres,
    /// What its customer and WhatsApp see.
    pub gateway: Gateway,
    variables: BTreeMap<&'static str, String>,
    folder: TempDir,
    _whatsapp: Wire,
}

impl Server {
    /// Starts it with a customer and a webhook.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("a folder"); // for PostgreSQL's user
        let postgres = Postgres::start(folder.path()).await;
        let redis = Redis::start(folder.path()).await;
        let port = free_port();
        let api_url = format!("http://127.0.0.1:{port}");
        let (whatsapp, wire) = simulate(format!("{api_url}/callbacks")).await;
        let variables = BTreeMap::from([
            ("DATABASE_URL", postgres.url()),
            ("REDIS_URL", redis.url()),
            ("ENCRYPTION_KEY", "5f".repeat(32)),
            ("PORT", port.to_string()),
            ("APP_SECRET", APP_SECRET.to_owned()),
            ("VERIFY_TOKEN", "verify-token-of-a-measurement".to_owned()),
            ("WHATSAPP_URL", wire.url.clone()),
            ("WHATSAPP_VERSION", VERSION.to_owned()),
            ("NODE_ENV", "production".to_owned()),
        ]);
        let webhook = Arc::new(WebhookReceiver::start().await);
        postgres.run_file(&home().join("schema.sql"));
        seed(&variables, &webhook);
        let api = start("api", &variables, folder.path());
        wait_for("the API", port).await;
        let http = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let (api_key, instance_id) = (API_KEY.into(), INSTANCE.to_owned());
        let gateway = Gateway { api: api_url, api_key, instance_id, webhook, whatsapp, http };
        let mut server = Self { worker: None, api, redis, postgres, gateway, variables, folder, _whatsapp: wire };
        server.start_worker();
        server
    }

    /// Starts its worker, which it has not now.
    pub fn start_worker(&mut self) {
        self.worker = Some(start("worker", &self.variables, self.folder.path()));
    }

    /// Kills its worker.
    ///
    /// # Panics
    /// When it has none.
    pub fn kill_worker(&mut self) {
        self.worker.take().expect("a worker").kill();
    }

    /// The usage of each of its programs.
    ///
    /// # Panics
    /// When one of them does not run.
    pub fn used(&self) -> Vec<(&'static str, Usage)> {
        let worker = self.worker.as_ref().expect("a worker");
        let pids = [&self.api, worker, &self.postgres.child, &self.redis.child].map(Child::pid);
        let of_family = |pid: u32| {
            let memory = memory(children(pid).into_iter().chain([pid]));
            Usage { cpu: family_cpu_time(pid), memory }
        };
        PROGRAMS.into_iter().zip(pids.map(of_family)).collect()
    }

    /// The customer's credits.
    ///
    /// # Panics
    /// When PostgreSQL does not answer.
    pub fn credits(&self) -> i64 {
        self.postgres.query("SELECT credits FROM accounts").parse().expect("a number")
    }
}

/// A simulator that reports to a URL, and the wire to it.
async fn simulate(callbacks: String) -> (Simulator, Wire) {
    let callbacks = CallbackSender::new(callbacks, &SecretString::from(APP_SECRET));
    let simulator = Simulator::new(callbacks, Clock::new(), ServiceWindow::Off);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let wire = Wire::start(WHATSAPP_CALL).await;
    wire.lead_to(&listener.local_addr().expect("an address").to_string());
    drop(simulator.serve(listener)); // it serves until the bench ends
    (simulator, wire)
}

fn seed(variables: &BTreeMap<&'static str, String>, webhook: &WebhookReceiver) {
    let number = DemoNumber::default();
    let customer = json!({
        "account": "acc_demo", "credits": CREDITS, "requestsPerMinute": REQUESTS_PER_MINUTE, "apiKey": API_KEY,
        "instance": INSTANCE, "numberId": number.id, "accessToken": number.access_token.expose_secret(),
        "webhook": { "id": "wh_demo", "url": webhook.url, "secret": webhook.secret.expose_secret() },
    });
    run(Command::new(node()).arg(script("seed")).arg(customer.to_string()).env_clear().envs(variables));
}

fn start(name: &'static str, variables: &BTreeMap<&'static str, String>, folder: &Path) -> Child {
    let (file, arguments, variables) = (node(), vec![script(name)], variables.clone());
    let (end, orphaned, privileges) = ("TERM", "KILL", Vec::new());
    Child::start(&Program { name, file: &file, arguments, variables, end, orphaned, privileges }, folder)
}

fn script(name: &str) -> String {
    home().join(format!("dist/server/src/{name}.js")).display().to_string()
}

fn node() -> PathBuf {
    let file = std::fs::read_to_string(home().join("node"));
    PathBuf::from(file.expect("the server is not there: benches/peers/build makes it").trim())
}

/// Where `benches/peers/build` puts the server.
pub fn home() -> PathBuf {
    built().join("server")
}
