//! The command line of `cargo run`: its options and subcommands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::dev_stack::demo::Demo;
use crate::dev_stack::restore::{self, TablePair};
use crate::dev_stack::seed::{self, Customer, DemoNumber};
use crate::dev_stack::state_file::{StateFile, phone_url};
use crate::dev_stack::{Options, Stack, WhatsApp};
use crate::lambda::bootstrap;
use crate::openapi;
use crate::simulator::{CallbackSender, ServiceWindow, Simulator};

/// Runs Pombo on this machine: the same functions as on AWS, without Docker and without an AWS account.
#[derive(Debug, Parser)]
#[command(name = "local", version)]
struct CommandLine {
    #[command(flatten)]
    run: Run,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Exit after the demo, with status 0 only if all four messages were read and all webhooks arrived
    #[arg(long, conflicts_with = "no_demo")]
    exit_after_demo: bool,
    /// Do not send the four examples
    #[arg(long)]
    no_demo: bool,
    /// Port of the API; 0 for a free port
    #[arg(long, default_value_t = 3000, value_name = "N")]
    port: u16,
    /// Folder in which the tables are kept; without it they are in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Base URL of a Cloud API to send to instead of the simulator
    #[arg(long, value_name = "URL", requires_all = ["whatsapp_app_secret", "whatsapp_verify_token"])]
    whatsapp_url: Option<String>,
    /// Meta app secret, with which callbacks are signed
    #[arg(long, value_name = "SECRET", requires = "whatsapp_url")]
    whatsapp_app_secret: Option<SecretString>,
    /// Verify token from Meta's webhook settings
    #[arg(long, value_name = "WORD", requires = "whatsapp_url")]
    whatsapp_verify_token: Option<SecretString>,
    /// WhatsApp's id of the phone number to send from; its access token is read from WHATSAPP_ACCESS_TOKEN
    #[arg(long, value_name = "ID", requires = "whatsapp_url")]
    whatsapp_number_id: Option<String>,
    /// Whether the simulator refuses what is not a template to people who have not written for 24 hours, as Meta does
    #[arg(
        long,
        default_value = "on",
        value_name = "on|off",
        hide_possible_values = true,
        conflicts_with = "whatsapp_url"
    )]
    window: ServiceWindow,
    /// File to which the stack writes its URLs, keys and process ids
    #[arg(long, default_value = ".local/stack.json", value_name = "PATH")]
    state_file: PathBuf,
    /// Template file
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"), hide_default_value = true)]
    template: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run one of the functions; the stack starts its processes with this command
    #[command(hide = true)]
    Function { name: String },
    /// Print the API's OpenAPI document
    Openapi,
    /// Run only the WhatsApp simulator
    Simulator {
        /// Port to listen on, on the loopback address
        #[arg(long, value_name = "N")]
        port: u16,
        /// URL that receives the callbacks
        #[arg(long, value_name = "URL")]
        callback_url: String,
        /// Meta app secret, with which callbacks are signed
        #[arg(long, value_name = "SECRET")]
        app_secret: SecretString,
        /// Whether it refuses what is not a template to people who have not written for 24 hours, as Meta does
        #[arg(long, default_value = "on", value_name = "on|off", hide_possible_values = true)]
        window: ServiceWindow,
    },
    /// Copy items that only restored tables have into a deployment's tables (docs/operating.md)
    Restore {
        /// The deployment's accounts table; RESTORED=LIVE also copies its items, including keys revoked since the backup
        #[arg(long, value_name = "[RESTORED=]LIVE")]
        accounts: TablePair,
        /// The restored messages table and the deployment's
        #[arg(long, value_name = "RESTORED=LIVE")]
        messages: TablePair,
    },
}

/// Runs the program.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match command_line.command {
        Some(Command::Function { name }) => bootstrap::run(&name),
        Some(Command::Openapi) => {
            println!("{}", openapi::document());
            ExitCode::SUCCESS
        }
        Some(Command::Simulator { port, callback_url, app_secret, window }) => run(async move {
            let bound = TcpListener::bind(("127.0.0.1", port)).await;
            let listener = bound.map_err(|error| format!("port {port}: {error}"))?;
            let simulator = Simulator::new(CallbackSender::new(callback_url, &app_secret), Clock::new(), window);
            println!("Phone  http://127.0.0.1:{}/phone", listener.local_addr().map_or(port, |address| address.port()));
            simulator.serve(listener).await.map(|()| true).map_err(|error| error.to_string())
        }),
        Some(Command::Restore { accounts, messages }) => {
            run(async move { restore::restore(&accounts, &messages).await.map(|()| true) })
        }
        None => run(serve(command_line.run)),
    }
}

/// Exits with status 0 if the work returns `true`.
fn run(work: impl Future<Output = Result<bool, String>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(work));
    let succeeded = result.unwrap_or_else(|problem| {
        eprintln!("local: {problem}");
        false
    });
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the stack until the demo has finished, with `--exit-after-demo`, or until a signal.
async fn serve(options: Run) -> Result<bool, String> {
    let mut shutdown = pin!(shutdown_signal()?);
    let interrupted = !options.exit_after_demo;
    let (stack, customer) = tokio::select! {
        () = &mut shutdown => return Ok(interrupted),
        started = start(&options) => started?,
    };
    let written = StateFile::write(&options.state_file, &stack, &customer);
    let _state = written.map_err(|error| format!("{}: can't be written: {error}", options.state_file.display()))?;
    let mut demo = Demo::set_up(&stack, &customer).await?;
    let result = tokio::select! {
        () = &mut shutdown => Ok(interrupted),
        result = run_demo(&options, &stack, &customer, &mut demo) => result,
    };
    demo.tear_down().await;
    result
}

async fn start(options: &Run) -> Result<(Stack, Customer), String> {
    println!("Starting DynamoDB, SQS, the functions and the WhatsApp simulator ...");
    let started = Instant::now();
    let stack = Stack::start(options.stack()?).await.map_err(|error| error.to_string())?;
    let customer = seed::customer(&stack, options.number()).await.map_err(|error| error.to_string())?;
    if let Some(simulator) = &stack.simulator {
        simulator.add_number(&customer.number_id);
    }
    stack.open_console(&customer.api_key);
    println!("Ready in {} ms.", started.elapsed().as_millis());
    Ok((stack, customer))
}

async fn run_demo(options: &Run, stack: &Stack, customer: &Customer, demo: &mut Demo<'_>) -> Result<bool, String> {
    if options.sends_examples() {
        let succeeded = demo.run().await?;
        if options.exit_after_demo {
            return Ok(succeeded);
        }
    }
    println!("{}", next_steps(stack, customer, options.window));
    demo.watch().await;
    Ok(true)
}

fn next_steps(stack: &Stack, customer: &Customer, window: ServiceWindow) -> String {
    let (api, key) = (&stack.addresses.api, customer.api_key.expose_secret());
    let (instance, to) = (&customer.instance_id, seed::RECIPIENT);
    let phone = phone_url(stack, customer).map_or_else(String::new, |url| format!("Phone     {url}\n"));
    let phones = match (&stack.simulator, window) {
        (None, _) => String::new(),
        (Some(_), ServiceWindow::Off) => {
            "A message to any number arrives, as if its owner had written before.\n\n".to_owned()
        }
        (Some(_), ServiceWindow::On) => format!(
            "As with WhatsApp, only a template arrives at a phone that has not written for 24 hours (--window off: everything).\n\
             To have a phone write:\n\n{}\n\nTo send it a message:\n\n",
            phone_writes(stack, customer)
        ),
    };
    format!(
        "API       {api}\nConsole   {api}/console\nReference {api}/docs\n{phone}Key       {key}\nInstance  {instance}\n\n{phones}\
         curl {api}/v1/messages/send -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \
         -d '{{\"instanceId\":\"{instance}\",\"to\":\"{to}\",\"message\":\"Hello from my laptop\"}}'\n\n\
         Webhooks are printed here as they arrive. Press Ctrl-C to stop.\n"
    )
}

/// The command that has the simulated phone write to the customer's number.
fn phone_writes(stack: &Stack, customer: &Customer) -> String {
    let (simulator, number, phone) = (&stack.addresses.whatsapp, &customer.number_id, seed::RECIPIENT);
    let message = json!({ "to": number, "type": "text", "text": { "body": "Hello" } });
    format!("curl {simulator}/people/{phone}/messages -d '{message}'")
}

impl Run {
    fn stack(&self) -> Result<Options, String> {
        let program =
            std::env::current_exe().map_err(|error| format!("the path of this program is unknown: {error}"))?;
        Ok(Options {
            port: self.port,
            template: self.template.clone(),
            program,
            data: self.data.clone(),
            logs: PathBuf::from(".local/logs"),
            whatsapp: self.whatsapp(),
            window: self.window,
            proxies: None,
            overtime: 1,
            loopback_endpoints: true,
            parameters: BTreeMap::new(),
            secrets: BTreeMap::new(),
            function_overrides: BTreeMap::new(),
        })
    }

    fn whatsapp(&self) -> Option<WhatsApp> {
        Some(WhatsApp {
            url: self.whatsapp_url.as_ref()?.trim_end_matches('/').to_owned(),
            app_secret: self.whatsapp_app_secret.clone()?,
            verify_token: self.whatsapp_verify_token.clone()?,
        })
    }

    fn number(&self) -> DemoNumber {
        let simulated = DemoNumber::default();
        let token = std::env::var("WHATSAPP_ACCESS_TOKEN").ok().map(SecretString::from);
        DemoNumber {
            id: self.whatsapp_number_id.clone().unwrap_or(simulated.id),
            access_token: token.filter(|_| self.whatsapp_url.is_some()).unwrap_or(simulated.access_token),
        }
    }

    /// The examples' recipient is somebody's real number, so they are sent to the real WhatsApp only on request.
    fn sends_examples(&self) -> bool {
        !self.no_demo && (self.whatsapp_url.is_none() || self.exit_after_demo)
    }
}

/// Listens for SIGINT (Ctrl-C) and SIGTERM from now on; the future ends at the first of them.
fn shutdown_signal() -> Result<impl Future<Output = ()>, String> {
    let listen = |kind| signal(kind).map_err(|error| format!("listening for signals failed: {error}"));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
