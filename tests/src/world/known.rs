//! What the parties outside the stack have done and heard, for the evidence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use secrecy::SecretString;
use shared::clock::Timestamp;

use super::aliases::People;
use super::callbacks::Report;
use super::credentials::{Credential, OpenedUrl};
use super::manners::Keys;
use crate::sweep::batches::BatchRequest;
use crate::sweep::checker::Violation;
use crate::sweep::evidence::{ErasureEvidence, Evidence, InboundEvidence};
use crate::sweep::scenario::Request;

/// A webhook, by the account and its place among the account's.
pub type WebhookPlace = (usize, usize);

/// What the parties have done and heard.
#[derive(Default)]
pub struct Known {
    /// The requests, in the order in which they were first made, and the message that each is for.
    pub requests: Vec<(u32, Request)>,
    /// The requests for batches, and the batch that each is for.
    pub batches: Vec<(u32, BatchRequest)>,
    /// The bodies of these requests.
    pub batch_bodies: HashMap<u32, String>,
    /// The callbacks that are not acknowledged yet.
    pub unacknowledged: Vec<Report>,
    /// The callbacks of people, by the name of the message.
    pub reported: HashMap<u32, Report>,
    /// The templates whose updates were acknowledged.
    pub templates: BTreeSet<String>,
    /// The inbound messages that were acknowledged.
    pub inbound: Vec<InboundEvidence>,
    /// The accounts and aliases that were erased.
    pub erased: Vec<(usize, String)>,
    /// The erasures that were answered.
    pub erasures: Vec<ErasureEvidence>,
    /// The inbound URLs that were opened, by name.
    pub urls: BTreeMap<u32, OpenedUrl>,
    /// When keys, instances and URLs were ended.
    pub ended: BTreeMap<Credential, Timestamp>,
    /// When keys of the stack were rotated last.
    pub rotated: BTreeMap<Keys, Timestamp>,
    /// Further words that no log may contain.
    pub private: Vec<String>,
    /// What broke a promise in the eyes of the parties.
    pub noticed: Vec<Violation>,
    /// The further secrets of webhooks.
    pub secrets: Vec<(WebhookPlace, SecretString)>,
    /// From which write to which a webhook may have been disabled.
    pub disabled: Vec<(WebhookPlace, usize, usize)>,
    /// The webhooks that the operations of this group have activated.
    pub activated: Vec<WebhookPlace>,
    /// The webhooks that may be disabled, and since which write.
    pub disabled_since: BTreeMap<WebhookPlace, usize>,
    /// The messages that their customers reported as failed.
    pub forged: Vec<String>,
    /// The messages of polite customers that were held up.
    pub held_up: BTreeSet<String>,
    /// The files that were uploaded, by the messages that send them.
    pub files: BTreeMap<u32, String>,
    /// What a customer was allowed that concerns another's.
    pub trespasses: Vec<String>,
    /// The connects, disconnects and deletions that are in progress.
    pub moving: usize,
    /// Those that were begun.
    pub moves: usize,
}

impl Known {
    /// The id of a message that was accepted, and its account.
    pub fn accepted(&self, message: u32) -> Option<(usize, String)> {
        let mut own = self.requests.iter().filter(|(name, _)| *name == message);
        own.find_map(|(_, request)| Some((request.tenant, request.accepted()?.to_owned())))
    }

    /// Adds what only the parties know to the evidence.
    pub fn complete(&self, evidence: &mut Evidence, people: &People) {
        evidence.leaps = true;
        for (account, alias) in &self.erased {
            evidence.tenants[*account].erased_aliases.extend(people.aliases(alias));
        }
        for ((account, webhook), from, to) in &self.disabled {
            evidence.tenants[*account].webhooks[*webhook].disabled.push(*from..*to);
        }
        for ((account, webhook), since) in &self.disabled_since {
            evidence.tenants[*account].webhooks[*webhook].disabled.push(*since..usize::MAX);
        }
        for ((account, webhook), secret) in &self.secrets {
            for (call, verified) in &mut evidence.tenants[*account].webhooks[*webhook].calls {
                *verified |= call.is_signed_with(secret);
            }
        }
        evidence.inbound.clone_from(&self.inbound);
        evidence.erasures.clone_from(&self.erasures);
        evidence.private.extend(self.private.iter().cloned());
        evidence.forged.extend(self.forged.iter().cloned());
        evidence.held_up.extend(self.held_up.iter().cloned());
        evidence.trespasses.clone_from(&self.trespasses);
    }
}
