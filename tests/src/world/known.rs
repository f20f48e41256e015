//! What the parties outside the stack have done and heard, for the evidence.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

use crate::sweep::evidence::{Evidence, InboundEvidence};
use crate::sweep::scenario::Request;

/// A webhook, by the account and its place among the account's.
pub type WebhookPlace = (usize, usize);

/// What the parties have done and heard.
#[derive(Default)]
pub struct Known {
    /// The requests, in the order in which they were first made, and the message that each is for.
    pub requests: Vec<(u32, Request)>,
    /// The callbacks that are not acknowledged yet: WhatsApp's id of the message, the number, and the body.
    pub unacknowledged: Vec<(String, String, String)>,
    /// The inbound messages that were acknowledged.
    pub inbound: Vec<InboundEvidence>,
    /// The accounts and phone numbers that were erased.
    pub erased: Vec<(usize, String)>,
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
    pub fn complete(&self, evidence: &mut Evidence) {
        for (account, phone) in &self.erased {
            evidence.tenants[*account].erased_phones.insert(phone.clone());
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
        evidence.forged.extend(self.forged.iter().cloned());
        evidence.held_up.extend(self.held_up.iter().cloned());
        evidence.trespasses.clone_from(&self.trespasses);
    }
}
