//! The state file: addresses, keys and process ids of a running stack, for scripts and tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use futures::future::select_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::seed::{self, Customer};
use super::stack::Stack;
use crate::files::{self, write_private};

/// A state file. It is kept up to date until it is dropped, which removes the file.
#[derive(Debug)]
pub struct StateFile {
    file: PathBuf,
    writer: JoinHandle<()>,
}

impl StateFile {
    /// Writes the file, and rewrites it whenever a function's process changes.
    pub fn write(file: &Path, stack: &Stack, customer: &Customer) -> io::Result<Self> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let state = state(stack, customer);
        let pids: BTreeMap<String, _> =
            stack.functions.iter().map(|(name, function)| (name.clone(), function.pids())).collect();
        write(file, &state, &pids)?;
        let writer = tokio::spawn(keep_up_to_date(file.to_owned(), state, pids));
        Ok(Self { file: file.to_owned(), writer })
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        self.writer.abort();
        drop(std::fs::remove_file(&self.file));
    }
}

/// The page with the phone of the examples' recipient, in the conversation with the customer's number.
pub fn phone_url(stack: &Stack, customer: &Customer) -> Option<String> {
    let simulator = stack.simulator.as_ref().map(|_| &stack.addresses.whatsapp)?;
    Some(format!("{simulator}/phone#{}/{}", seed::RECIPIENT, customer.number_id))
}

type Pids = BTreeMap<String, watch::Receiver<Vec<u32>>>;

fn state(stack: &Stack, customer: &Customer) -> Value {
    let secret = |id: &str| stack.secrets.text(id).unwrap_or_default();
    let app: Value = serde_json::from_str(&secret("WhatsAppApp")).unwrap_or_default();
    json!({
        "apiUrl": stack.addresses.api,
        "apiKey": customer.api_key.expose_secret(),
        "adminKey": secret("AdminKey"),
        "accountId": customer.account_id,
        "instanceId": customer.instance_id,
        "phoneNumberId": customer.number_id,
        "callbackUrl": stack.addresses.callback,
        "appSecret": app["appSecret"],
        "verifyToken": app["verifyToken"],
        "phoneUrl": phone_url(stack, customer),
        "simulatorUrl": stack.simulator.as_ref().map(|_| &stack.addresses.whatsapp),
        "dynamodbUrl": stack.addresses.dynamodb,
        "sqsUrl": stack.addresses.sqs,
    })
}

async fn keep_up_to_date(file: PathBuf, state: Value, mut pids: Pids) {
    while select_all(pids.values_mut().map(|pids| Box::pin(pids.changed()))).await.0.is_ok() {
        if let Err(error) = write(&file, &state, &pids) {
            eprintln!("{}: writing failed: {error}", file.display());
        }
    }
}

/// Writes the state with one process id for each function: the oldest process, which receives the next event if the
/// function has no other.
fn write(file: &Path, state: &Value, pids: &Pids) -> io::Result<()> {
    let mut state = state.clone();
    let oldest = pids.iter().filter_map(|(name, pids)| Some((name.clone(), json!(pids.borrow().first()?))));
    state["pids"] = Value::Object(oldest.collect());
    files::replace(file, |next| write_private(next, &format!("{state:#}\n")))
}
