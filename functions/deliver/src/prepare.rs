//! What a claimed message needs before it is posted: its turn, WhatsApp's ids of what it replies or reacts to and of its file, its
//! slot, a number that answers, and time for the POST.

use std::time::Duration;

use shared::aws::TableError;
use shared::clock::{self, Timestamp};
use shared::instance::{Instance, Number};
use shared::message::{Earlier, Failure, FailureCode, Message, Quoted, State};
use shared::whatsapp::message_body::ProviderIds;
use tokio::time::timeout;

use crate::deliverer::{Deliverer, Next};
use crate::received_message::Received;
use crate::time_left::until_last_post;
use crate::uploaded_file::UploadedFile;

/// How long a claimed message waits for its slot: what is claimed when its process dies is of unknown outcome.
const MAX_CLAIMED_WAIT: Duration = Duration::from_secs(1);

/// Whether a claimed message may be posted.
pub enum Prepared {
    /// It may.
    Ready(ProviderIds),
    /// It has to wait, and this says when it is received again.
    Wait(Next),
    /// It gives up its place in its message group, because the message that it waits for is behind it.
    MoveBack,
    /// It can never be posted.
    Failed(Failure),
}

impl Deliverer {
    /// Prepares a message and waits for its slot, if that is near. If it missed its slot, it has a new one afterwards.
    pub async fn prepare(
        &self,
        message: &mut Message,
        received: &Received<'_>,
        (instance, number): (&Instance, &Number),
    ) -> Result<Prepared, TableError> {
        // Within a queue the message group keeps the order; messages that were accepted before the instance entered the
        // bulk lane are in the other queue (docs/adr/0015), and some may wait in the table (docs/adr/0033).
        let has_order = message.batch_row.is_none();
        if has_order && (message.bulk.is_some() || instance.may_have_waiting(clock::now())) {
            let time = until_last_post(message.lease, clock::now());
            let Ok(earlier) = timeout(time, self.messages.earlier_elsewhere(message)).await else {
                return Ok(Prepared::Wait(Next::SOON)); // the table is slow: it may answer sooner then
            };
            match earlier? {
                None => {}
                Some(Earlier::InExpress) => return Ok(Prepared::Wait(Next::SOON)),
                Some(Earlier::InTable(due)) => return Ok(Prepared::Wait(Next::Behind(due))),
            }
        }
        let quoted = match &message.quoted {
            None => None,
            Some(Quoted::Provider(id)) => Some(id.clone()),
            Some(Quoted::Message(id)) => match self.messages.get(id).await? {
                Some(quoted) if quoted.provider_id.is_some() => quoted.provider_id,
                Some(quoted) if is_waiting_elsewhere(&quoted, message) => return Ok(Prepared::Wait(Next::SOON)),
                Some(quoted) if is_behind(&quoted, message) => return Ok(Prepared::MoveBack),
                Some(quoted) if quoted.failed_at.is_none() => return Ok(Prepared::Wait(Next::SOON)), // not sent yet
                _ => return Ok(Prepared::Failed(quoted_never_sent())),
            },
        };
        if message.is_marketing && self.has_opted_out(message).await {
            return Ok(Prepared::Failed(opted_out()));
        }
        let file = match self.uploaded_file(message).await? {
            UploadedFile::Ready(file) => file,
            UploadedFile::OnItsWay => return Ok(Prepared::Wait(Next::SOON)),
            UploadedFile::Failed(failure) => return Ok(Prepared::Failed(failure)),
        };
        message.slot = self.slot(message, received, number).await?;
        if self.slot_waits.wait(message.slot, MAX_CLAIMED_WAIT).await.is_some() {
            return Ok(Prepared::Wait(Next::InSlot(message.slot)));
        }
        if !self.accounts.begin_probe(instance, clock::now()).await? {
            self.instances.invalidate(instance); // another process probes the number, or it answers again
            return Ok(Prepared::Wait(Next::SOON));
        }
        // The tables were slow. Or the process was frozen: to others this attempt is of unknown outcome, and later messages may
        // have left.
        if until_last_post(message.lease, clock::now()).is_zero() {
            return Ok(Prepared::Wait(Next::SOON));
        }
        Ok(Prepared::Ready(ProviderIds { quoted, file }))
    }

    /// When a claimed message may leave: in its slot or, if it missed that, in a new one.
    async fn slot(&self, message: &Message, received: &Received<'_>, number: &Number) -> Result<Timestamp, TableError> {
        let now = clock::now();
        if now <= message.slot.plus(received.slot_valid_for()) {
            return Ok(message.slot);
        }
        let instance = (&message.instance_id, message.batch_row.is_some());
        self.late_slots.book(&message.account_id, instance, number.slots(), now).await
    }
}

/// Whether a quoted message of another conversation waits in the table; one of its own is an earlier one.
fn is_waiting_elsewhere(quoted: &Message, message: &Message) -> bool {
    quoted.waits.is_some() && quoted.conversation != message.conversation
}

/// Whether a queued message is behind this one, which is the first of its message group. It was recorded before this one and
/// enqueued after it, or will be.
fn is_behind(quoted: &Message, message: &Message) -> bool {
    let is_same_group = quoted.message_group() == message.message_group() && quoted.lane() == message.lane();
    quoted.status == State::Queued && is_same_group
}

/// The recipient opted out of marketing while the message waited.
fn opted_out() -> Failure {
    Failure::new(FailureCode::RecipientOptedOut, "The recipient has opted out of marketing messages of this instance.")
}

fn quoted_never_sent() -> Failure {
    Failure::new(FailureCode::ProviderError, "The message that it replies or reacts to was never sent.")
}
