//! API keys and the tokens of inbound URLs: shown once, kept as a hash, each with its scopes.

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use strum::VariantArray;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::ids::{self, AccountId, InstanceId, KeyId};

/// Prefix of every key, by which scanners for leaked secrets recognize it.
const PREFIX: &str = "pombo_";

/// The SHA-256 of a key, in hex. A key has 256 random bits, so its hash cannot be brute-forced and needs no salt, and the
/// time of a lookup by hash reveals nothing about the key.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct KeyHash(String);

impl KeyHash {
    /// The hash of a key that a client sent.
    pub fn new(key: &str) -> Self {
        Self(hex::encode(digest::digest(&digest::SHA256, key.as_bytes())))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Generates an API key and its hash.
pub fn generate() -> (SecretString, KeyHash) {
    generate_with(PREFIX)
}

/// Generates the token of an inbound URL and its hash.
pub fn generate_inbound() -> (SecretString, KeyHash) {
    generate_with("in_")
}

fn generate_with(prefix: &str) -> (SecretString, KeyHash) {
    let key = SecretString::from(format!("{prefix}{}", bs58::encode(ids::random::<32>()).into_string()));
    let hash = KeyHash::new(key.expose_secret());
    (key, hash)
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema, VariantArray)]
pub enum Scope {
    /// Read status and history.
    #[serde(rename = "messages:read")]
    MessagesRead,
    /// Send and cancel.
    #[serde(rename = "messages:write")]
    MessagesWrite,
    /// Read instances.
    #[serde(rename = "instances:read")]
    InstancesRead,
    /// Create, connect and change instances.
    #[serde(rename = "instances:write")]
    InstancesWrite,
    /// Read webhooks and their logs.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Create and change webhooks.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
}

impl Scope {
    /// Every scope: a key's scopes unless some are named.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The scopes that change nothing.
    pub const READING: &[Self] = &[Self::MessagesRead, Self::InstancesRead, Self::WebhooksRead];

    /// The scope's name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessagesRead => "messages:read",
            Self::MessagesWrite => "messages:write",
            Self::InstancesRead => "instances:read",
            Self::InstancesWrite => "instances:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
        }
    }
}

/// An API key, as the table holds it under the key's hash.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its public id.
    pub id: KeyId,
    /// The account that it gives access to.
    pub account_id: AccountId,
    /// The operator's name for it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The only instance that the token of an inbound URL may send from.
    pub instance_id: Option<InstanceId>,
    /// The API key that created an inbound URL, which acts for it. Absent in inbound URLs of earlier versions.
    pub created_by: Option<KeyId>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A key in its account's list: what the operator sees, and the hash that the key is stored under.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyListing {
    /// The key.
    pub key: ApiKey,
    /// Its hash.
    pub hash: String,
    /// When it was last used, to within an hour. Earlier versions did not note it.
    pub last_used_at: Option<Timestamp>,
}
