//! `cargo run`: what its options mean, and the way from a start to an end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};

use crate::demo::Demo;
use crate::functions;
use crate::lone_simulator::LoneSimulator;
use crate::openapi;
use crate::restore::{self, Tables};
use crate::seed::{self, Customer, DemoNumber};
use crate::stack::{Options, Stack, WhatsApp};
use crate::state_file::StateFile;

/// Pombo on this machine: the same functions as on AWS, without Docker and without an account.
#[derive(Debug, Parser)]
#[command(name = "pombo", version)]
struct CommandLine {
    #[command(flatten)]
    run: Run,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, clap::Args)]
struct Run {
    /// End after the demo; 0 only when all four messages were read and told
    #[arg(long, conflicts_with = "no_demo")]
    exit_after_demo: bool,
    /// Start without sending the four examples
    #[arg(long)]
    no_demo: bool,
    /// The API's port; 0 for a free one
    #[arg(long, default_value_t = 3000, value_name = "N")]
    port: u16,
    /// Keep the tables in this folder over restarts; in memory otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Send to this Cloud API instead of the simulator
    #[arg(long, value_name = "URL", requires_all = ["whatsapp_app_secret", "whatsapp_verify_token"])]
    whatsapp_url: Option<String>,
    /// The secret of the Meta app, which signs its callbacks
    #[arg(long, value_name = "SECRET", requires = "whatsapp_url")]
    whatsapp_app_secret: Option<SecretString>,
    /// The word that you typed into Meta's webhook settings
    #[arg(long, value_name = "WORD", requires = "whatsapp_url")]
    whatsapp_verify_token: Option<SecretString>,
    /// WhatsApp's id of the number to send from (its token: WHATSAPP_ACCESS_TOKEN in the environment)
    #[arg(long, value_name = "ID", requires = "whatsapp_url")]
    whatsapp_number_id: Option<String>,
    /// Where the stack says where everything is
    #[arg(long, default_value = ".local/stack.json", value_name = "PATH")]
    state_file: PathBuf,
    /// The template to follow
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"), hide_default_value = true)]
    template: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum Role {
    /// Be one of the functions: how the stack starts its own processes
    #[command(hide = true)]
    Function { name: String },
    /// Print the API's OpenAPI document
    Openapi,
    /// Serve the WhatsApp simulator alone
    Simulator(LoneSimulator),
    /// Put back into a deployment's tables what only restored ones have (docs/operating.md)
    Restore {
        /// The deployment's table of accounts; RESTORED=LIVE puts its items back too, keys that were revoked since included
        #[arg(long, value_name = "[RESTORED=]LIVE")]
        accounts: Tables,
        /// The restored table of messages and the deployment's
        #[arg(long, value_name = "RESTORED=LIVE")]
        messages: Tables,
    },
}

/// The program.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match command_line.role {
        Some(Role::Function { name }) => functions::run(&name),
        Some(Role::Openapi) => {
            println!("{}", openapi::document());
            ExitCode::SUCCESS
        }
        Some(Role::Simulator(simulator)) => run(async { simulator.serve().await.map(|()| ExitCode::SUCCESS) }),
        Some(Role::Restore { accounts, messages }) => {
            run(async move { restore::restore(&accounts, &messages).await.map(|()| ExitCode::SUCCESS) })
        }
        None => run(serve(command_line.run)),
    }
}

fn run(work: impl Future<Output = Result<ExitCode, String>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(work));
    match result {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("pombo: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs until the demo is over, if that is all that was asked for, or until somebody ends it.
async fn serve(options: Run) -> Result<ExitCode, String> {
    let mut end = End::listen()?;
    let ended_early = if options.exit_after_demo { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    let (stack, customer) = tokio::select! {
        () = end.asked_for() => return Ok(ended_early),
        started = start(&options) => started?,
    };
    let written = StateFile::write(&options.state_file, &stack, &customer);
    let _state = written.map_err(|error| format!("{}: can't be written: {error}", options.state_file.display()))?;
    let mut demo = Demo::set_up(&stack, &customer).await.map_err(|error| error.to_string())?;
    let result = tokio::select! {
        () = end.asked_for() => Ok(ended_early),
        result = show(&options, &stack, &customer, &mut demo) => result,
    };
    demo.tear_down().await;
    result
}

async fn start(options: &Run) -> Result<(Stack, Customer), String> {
    println!("Starting DynamoDB, SQS, the six functions and the WhatsApp simulator ...");
    let begun = Instant::now();
    let stack = Stack::start(options.stack()?).await.map_err(|error| error.to_string())?;
    let customer = seed::customer(&stack, options.number()).await.map_err(|error| error.to_string())?;
    println!("Ready in {} ms.", begun.elapsed().as_millis());
    Ok((stack, customer))
}

async fn show(options: &Run, stack: &Stack, customer: &Customer, demo: &mut Demo<'_>) -> Result<ExitCode, String> {
    if options.sends_the_examples() {
        let went_well = demo.run().await.map_err(|error| error.to_string())?;
        if options.exit_after_demo {
            return Ok(if went_well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    println!("{}", how_to_go_on(stack, customer));
    demo.watch().await;
    Ok(ExitCode::SUCCESS)
}

fn how_to_go_on(stack: &Stack, customer: &Customer) -> String {
    let (api, key) = (&stack.addresses.api, customer.api_key.expose_secret());
    let (instance, to) = (&customer.instance_id, seed::RECIPIENT);
    format!(
        "API       {api}\nKey       {key}\nInstance  {instance}\n\n\
         curl {api}/v1/messages/send -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \
         -d '{{\"instanceId\":\"{instance}\",\"to\":\"{to}\",\"message\":\"Hello from my laptop\"}}'\n\n\
         Webhooks show up here as they arrive. Ctrl-C ends everything.\n"
    )
}

impl Run {
    fn stack(&self) -> Result<Options, String> {
        let program = std::env::current_exe().map_err(|error| format!("this program can't be found: {error}"))?;
        Ok(Options {
            port: self.port,
            template: self.template.clone(),
            program,
            data: self.data.clone(),
            logs: PathBuf::from(".local/logs"),
            whatsapp: self.whatsapp(),
            in_between: None,
            loopback_endpoints: true,
            stand_ins: BTreeMap::new(),
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

    /// The page's examples go to a stranger's number: to a WhatsApp that is not the simulator only when asked for.
    fn sends_the_examples(&self) -> bool {
        !self.no_demo && (self.whatsapp_url.is_none() || self.exit_after_demo)
    }
}

/// Ctrl-C, or SIGTERM.
struct End {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl End {
    fn listen() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("signals can't be heard: {error}"));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn asked_for(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
