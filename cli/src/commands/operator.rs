//! `accounts`, `keys`, `callbacks` and `dead-letters`: the operator's.

use reqwest::Method;
use serde_json::Value;

use crate::arguments::{Accounts, Callbacks, Cursor, Keys, Terms};
use crate::output::Columns;
use crate::prepared::{Fields, Prepared};

const ACCOUNTS: Columns = &["id", "name", "status", "plan", "requestsPerMinute", "credits", "createdAt"];
const CALLBACKS: Columns = &["id", "receivedAt", "reasons", "numberIds", "size", "ownApp"];
const DEAD_LETTERS: Columns =
    &["timestamp", "kind", "accountId", "messageId|instanceId", "webhookId|queue", "event", "reason"];
const KEYS: Columns = &["id", "name", "lastUsedAt", "expiresAt", "createdAt", "scopes"];

/// The call of a command for accounts.
pub fn accounts(command: &Accounts) -> Prepared {
    let operator = |method, path: &[&str]| Prepared::operator(method, &[&["admin", "accounts"], path].concat());
    match command {
        Accounts::List(page) => operator(Method::GET, &[]).columns(ACCOUNTS).page(page),
        Accounts::Get { id } => operator(Method::GET, &[id]),
        Accounts::Create { name, terms, credits } => {
            operator(Method::POST, &[]).body(agreed(terms).with("name", Some(name.as_str())).with("credits", *credits))
        }
        Accounts::Update { id, name, terms } => {
            operator(Method::PATCH, &[id]).body(agreed(terms).with("name", name.as_deref()))
        }
        Accounts::Erase { id, person } => {
            let list = if person.contains('.') { "users" } else { "phones" }; // a user id has a country and a dot
            operator(Method::DELETE, &[id, list, person])
        }
        Accounts::Close { id, name } => operator(Method::DELETE, &[id]).parameter("name", Some(name)),
        Accounts::Credits { id, amount, idempotency_key } => operator(Method::POST, &[id, "credits"])
            .body(Fields::default().with("amount", Some(*amount)))
            .once(idempotency_key.as_ref()),
    }
}

/// The call of a command for callbacks.
pub fn callbacks(command: &Callbacks) -> Prepared {
    match command {
        Callbacks::List(page) => Prepared::operator(Method::GET, &["admin", "callbacks"]).columns(CALLBACKS).page(page),
        Callbacks::Replay { id } => Prepared::operator(Method::POST, &["admin", "callbacks", id, "replay"]),
    }
}

/// The call that lists dead letters.
pub fn dead_letters(page: &Cursor) -> Prepared {
    Prepared::operator(Method::GET, &["admin", "dead-letters"]).columns(DEAD_LETTERS).page(page)
}

/// The call of a command for keys.
pub fn keys(command: &Keys) -> Prepared {
    let operator = |method, account: &str, path: &[&str]| {
        Prepared::operator(method, &[&["admin", "accounts", account, "keys"], path].concat())
    };
    match command {
        Keys::List { account, page } => operator(Method::GET, account, &[])
            .columns(KEYS)
            .parameter("limit", page.limit)
            .parameter("offset", page.offset),
        Keys::Create { account, name, scopes, expires_at, idempotency_key } => {
            let scopes = (!scopes.is_empty()).then(|| Value::from(scopes.clone()));
            let body = Fields::default().with("name", Some(name.as_str())).with("scopes", scopes);
            let body = body.with("expiresAt", expires_at.as_deref());
            operator(Method::POST, account, &[]).body(body).once(idempotency_key.as_ref())
        }
        Keys::Revoke { account, key_id } => operator(Method::DELETE, account, &[key_id]),
    }
}

fn agreed(terms: &Terms) -> Fields {
    Fields::default()
        .with("plan", terms.plan.as_deref())
        .with("requestsPerMinute", terms.requests_per_minute)
        .with("trustOwnApp", terms.trust_own_app)
}
