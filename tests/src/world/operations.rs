//! The operations of a world, as data: each is one line of JSON, so that a world can be shrunk, printed and replayed.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumIter, EnumString};

/// An operation. Accounts, instances, keys and webhooks are named by their place in the world.
#[derive(Clone, Debug, Deserialize, EnumDiscriminants, Eq, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
#[strum_discriminants(name(Kind), vis(pub), doc = "The kinds of operations.", allow(missing_docs))]
#[strum_discriminants(derive(Display, EnumIter, EnumString, Ord, PartialOrd), strum(serialize_all = "kebab-case"))]
pub enum Operation {
    /// Waits until nothing is in progress, and moves the clock.
    Pass {
        /// By how much.
        seconds: u64,
    },
    /// Sends a message.
    Send {
        /// Its name in this world.
        message: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// Which of its keys.
        key: usize,
        /// The recipient.
        to: String,
        /// The number of the Idempotency-Key, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<u32>,
        /// Seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_in: Option<u32>,
        /// What it is.
        content: Content,
    },
    /// Sends a template whose components parsers read differently.
    SendOdd {
        /// Its name in this world.
        message: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// The recipient.
        to: String,
        /// Which components.
        components: usize,
    },
    /// Makes the same request as an earlier operation again, if it has a key.
    Repeat {
        /// The message.
        message: u32,
    },
    /// Cancels a message, if it is known to be accepted.
    Cancel {
        /// The message.
        message: u32,
    },
    /// The operator erases a phone number's messages.
    Erase {
        /// The account.
        account: usize,
        /// The phone number.
        phone: String,
    },
    /// A person writes to an instance's number; the callback is repeated until it is acknowledged.
    Write {
        /// The message's name in this world.
        message: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// The writer.
        from: String,
    },
    /// A webhook is disabled or activated.
    Switch {
        /// The account.
        account: usize,
        /// Which of its webhooks.
        webhook: usize,
        /// Whether it is activated.
        active: bool,
    },
    /// A webhook gets another secret.
    Rotate {
        /// The account.
        account: usize,
        /// Which of its webhooks.
        webhook: usize,
    },
    /// The events of a message are replayed.
    Replay {
        /// The account.
        account: usize,
        /// Which of its webhooks.
        webhook: usize,
        /// The message.
        message: u32,
    },
    /// An instance is disconnected.
    Disconnect {
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
    },
    /// An instance is connected to a number.
    Connect {
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// The account and the instance that had the number first.
        number: (usize, usize),
    },
    /// An instance is deleted.
    Delete {
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
    },
    /// The operator revokes a key.
    Revoke {
        /// The account.
        account: usize,
        /// Which of its keys.
        key: usize,
    },
    /// A customer asks for the status of a message and cancels it, whoever's it is.
    Trespass {
        /// The account.
        account: usize,
        /// The message.
        message: u32,
    },
    /// A customer signs the report of a message with the secret of its own Meta app.
    Forge {
        /// The account whose secret it is.
        account: usize,
        /// The account and the instance that had the number first that reports.
        number: (usize, usize),
        /// The message.
        message: u32,
        /// The reported status.
        status: String,
        /// The reported time.
        timestamp: String,
    },
    /// A customer signs the text of a person with the secret of its own Meta app.
    ForgeText {
        /// The text's name in this world.
        message: u32,
        /// The account whose secret it is.
        account: usize,
        /// The account and the instance that had the number first that received it.
        number: (usize, usize),
        /// The reported time.
        timestamp: String,
        /// The length of the text.
        size: usize,
    },
    /// The number is booked ahead, as many charges would: what is sent now goes through the bulk lane.
    Busy {
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// How far.
        seconds: u64,
    },
    /// An endpoint changes its manner.
    Endpoint {
        /// The account.
        account: usize,
        /// Which of its webhooks.
        webhook: usize,
        /// Its manner.
        manner: Manner,
    },
    /// A call from now on has a fault.
    Fault {
        /// The call and its fault, as the sweep writes them: the number counts from now on.
        at: String,
    },
}

/// What a message is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A text.
    Text,
    /// A text that answers a message of WhatsApp's.
    Reply,
    /// A template that WhatsApp knows.
    Template,
    /// A template that WhatsApp does not know.
    UnknownTemplate,
}

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// It answers the next calls with this status.
    Answers {
        /// The status.
        status: u16,
        /// How many calls.
        calls: usize,
    },
    /// It answers nothing.
    Hangs,
    /// It answers all calls with 200.
    Recovers,
}
