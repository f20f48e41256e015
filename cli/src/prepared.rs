//! What a command becomes: a call, whose key it is made with, and how its answer is shown.

use std::io;

use reqwest::Method;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::Call;
use crate::arguments::{AccountToRead, Cursor};
use crate::output::{self, Columns};
use crate::settings::{Key, SettingsError};
use crate::timeline;

/// A call, and how its answer is shown.
pub struct Prepared {
    /// Whose key it is made with.
    pub key: Key,
    /// The call.
    pub call: Call,
    /// How its answer is shown without `--json`.
    pub shown: Shown,
}

/// How an answer is shown as text.
#[derive(Debug)]
pub enum Shown {
    /// A list as a table with these columns; anything else as a line for each field.
    Answer(Columns),
    /// What happened to a message.
    Timeline,
    /// Counts: lists within the answer, each as a table.
    Tables(&'static [(&'static str, Columns)]),
}

impl Shown {
    /// The answer as text.
    pub fn text(&self, answer: &Value) -> String {
        match self {
            Self::Answer(columns) => output::text(answer, columns),
            Self::Timeline => timeline::text(answer),
            Self::Tables(lists) => output::tables(answer, lists),
        }
    }
}

/// Arguments of which no call can be made.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting is missing.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, io::Error),
    /// A file is no JSON object.
    #[error("{0} is not a JSON object")]
    NotAnObject(String),
    /// A command that makes more than one call.
    #[error("this command is not one call")]
    NotOneCall,
    /// A secret that only the environment may have is not there.
    #[error("{0} is missing from the environment: {1}")]
    NoSecret(&'static str, &'static str),
}

impl Prepared {
    fn new(key: Key, method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|segment| (*segment).to_owned()).collect();
        let call = Call { method, path, query: Vec::new(), body: None, idempotency_key: None };
        Self { key, call, shown: Shown::Answer(&[]) }
    }

    /// A call with a customer's key.
    pub fn customer(method: Method, path: &[&str]) -> Self {
        Self::new(Key::Customer, method, path)
    }

    /// A call with the admin key.
    pub fn operator(method: Method, path: &[&str]) -> Self {
        Self::new(Key::Admin, method, path)
    }

    /// Reads what an account has: a named one with the admin key, else that of the customer's key.
    pub fn read(path: &[&str], of: &AccountToRead) -> Self {
        let key = if of.account.is_some() { Key::Admin } else { Key::Customer };
        Self::new(key, Method::GET, path).parameter("accountId", of.account.as_ref())
    }

    /// Shows a list with these columns.
    pub fn columns(self, columns: Columns) -> Self {
        Self { shown: Shown::Answer(columns), ..self }
    }

    /// Sends these fields.
    pub fn body(mut self, fields: Fields) -> Self {
        self.call.body = Some(Value::Object(fields.0));
        self
    }

    /// Does it once for a key, which repeated attempts of one command share; without one, once for each run of the command.
    pub fn once(mut self, key: Option<&String>) -> Self {
        self.call.idempotency_key = Some(key.cloned().unwrap_or_else(|| Uuid::new_v4().to_string()));
        self
    }

    /// Asks for a page behind a cursor.
    pub fn page(self, page: &Cursor) -> Self {
        self.parameter("limit", page.limit).parameter("after", page.cursor.as_ref())
    }

    /// Adds a parameter of the query, if it is there.
    pub fn parameter(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.call.query.extend(value.map(|value| (name, value.to_string())));
        self
    }
}

/// The fields of a body.
#[derive(Default)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// Adds a field, if it is there.
    pub fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        self.0.extend(value.map(|value| (name.to_owned(), value.into())));
        self
    }
}
