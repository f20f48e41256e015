//! The operations of a world, as data: each is one line of JSON, so that a world can be shrunk, printed and replayed.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumIter, EnumString};

use super::manners::{Condition, Content, Keys, Manner, Shown};

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
        /// The inbound URL that it goes through, which was opened with the key; none if it goes through the API.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<u32>,
        /// The recipient: a phone number or a user id.
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
    /// Sends a batch.
    SendBatch {
        /// Its name in this world.
        batch: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// Which of its keys.
        key: usize,
        /// The recipients, each a phone number or a user id; some are no recipients.
        recipients: Vec<String>,
        /// Whether it has an Idempotency-Key.
        has_order: bool,
        /// In how many seconds it is to begin, if not at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begins_in: Option<u64>,
    },
    /// Makes the same request for a batch again, if it has a key.
    RepeatBatch {
        /// The batch.
        batch: u32,
    },
    /// Cancels a batch, if it is known to be accepted.
    CancelBatch {
        /// The batch.
        batch: u32,
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
    /// The operator erases a person's messages.
    Erase {
        /// The account.
        account: usize,
        /// One of the person's aliases: a phone number or a user id.
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
        /// The writer's phone number.
        from: String,
        /// What the callback says of the writer.
        #[serde(default, skip_serializing_if = "Shown::is_phone")]
        shown: Shown,
        /// Whether it is a picture.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        picture: bool,
    },
    /// WhatsApp repeats a callback that was acknowledged.
    Rewrite {
        /// The message.
        message: u32,
    },
    /// A person has another phone number; the callback is repeated until it is acknowledged.
    Renumber {
        /// The system message's name in this world.
        message: u32,
        /// The account.
        account: usize,
        /// Which of its instances is told.
        instance: usize,
        /// The former number.
        from: String,
        /// The new one.
        to: String,
    },
    /// A person writes several messages with large objects, which come in one callback.
    Flood {
        /// The first message's name in this world.
        message: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// The writer's phone number.
        from: String,
        /// How many messages.
        count: u32,
        /// Lines of an order in each, of about a hundred bytes.
        lines: usize,
    },
    /// A customer creates an inbound URL.
    OpenUrl {
        /// Its name in this world.
        url: u32,
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// Which of its keys.
        key: usize,
    },
    /// A customer deletes an inbound URL.
    CloseUrl {
        /// The account.
        account: usize,
        /// The URL.
        url: u32,
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
    /// The events of the last minutes are replayed.
    ReplayPeriod {
        /// The account.
        account: usize,
        /// Which of its webhooks.
        webhook: usize,
        /// How many minutes.
        minutes: u64,
    },
    /// A customer creates many webhooks side by side.
    Crowd {
        /// The account.
        account: usize,
        /// Which of its instances.
        instance: usize,
        /// How many.
        count: usize,
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
    /// WhatsApp reports that something happened to an account's business account.
    Condition {
        /// The account.
        account: usize,
        /// What happened.
        condition: Condition,
    },
    /// An update of a template is reported to a business account.
    Template {
        /// The update's name in this world.
        message: u32,
        /// The account whose business account it is.
        account: usize,
        /// The account that signs it with the secret of its own Meta app; WhatsApp itself without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signer: Option<usize>,
    },
    /// The operator puts a new key before the others. Processes use those that they have read until they read them again.
    RotateKeys {
        /// The secret.
        keys: Keys,
        /// The function whose processes cannot read the new value until the next rotation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        behind: Option<String>,
    },
    /// The number is booked ahead, as many charges would: what is sent now goes through the bulk lane, or waits in the table.
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

impl Operation {
    /// Whether something does not work by it that would work otherwise.
    pub const fn is_fault(&self) -> bool {
        matches!(self, Self::Fault { .. } | Self::RotateKeys { behind: Some(_), .. })
    }
}
