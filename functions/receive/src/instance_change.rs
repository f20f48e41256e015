//! What an update about a number or its business account changes of an instance.

use std::time::Duration;

use shared::aws::TableError;
use shared::clock::Timestamp;
use shared::instance::{AccountReport, AccountState, Consequence, NumberOwner, Pause};
use shared::whatsapp::number_notice::digits;
use shared::whatsapp::{AccountEffect, AccountNotice, AccountUpdate, GraphError, Notice, NumberNotice, Reaction};

use crate::receiver::Receiver;

/// How long a number is paused whose account is stopped until further notice. Then one message shows whether it still is.
const UNTIL_FURTHER_NOTICE: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest pause that is believed: WhatsApp's restrictions last 30 days at most, or until further notice.
const LONGEST_PAUSE: Duration = Duration::from_secs(31 * 24 * 60 * 60);

impl Receiver {
    /// Changes the instance of a number. Returns whether the update is about it; none if it names the digits of its number, and those of this
    /// one are not known. What a customer's own app signed raises no limit that holds for that app, unless the operator trusts it: the
    /// next connect asks WhatsApp.
    pub async fn change_instance(
        &self,
        update: &AccountUpdate,
        (number_id, owner): (&str, &NumberOwner),
        is_own_app: bool,
        now: Timestamp,
    ) -> Result<Option<bool>, TableError> {
        let found = self.accounts.instance(&owner.account_id, &owner.instance_id).await?;
        let Some(instance) = found else { return Ok(Some(false)) };
        let Some(number) = instance.number.as_ref().filter(|number| number.id == number_id) else {
            return Ok(Some(false));
        };
        let at = update.time.filter(|at| *at <= now).unwrap_or(now);
        let about_account = match &update.notice {
            Notice::Number(notice) => {
                let is_about = is_about(notice, number.phone.as_deref());
                if is_about == Some(true) {
                    let mut notice = notice.clone();
                    if notice.is_upgraded && is_own_app {
                        notice.is_upgraded = self.trusts_own_app(&owner.account_id).await?;
                    }
                    self.accounts.note_limits(&instance, number, &notice, at).await?;
                }
                return Ok(is_about);
            }
            Notice::Account(notice) => of_notice(notice, at, now),
            Notice::Error(error) => of_error(error, at, now),
            Notice::Template(_) | Notice::Preference(_) | Notice::UserId(_) => return Ok(Some(false)),
        };
        let (state, consequence) = about_account;
        let report = AccountReport { id: &update.id, at, state, consequence };
        self.accounts.note_account(&instance, number, &report).await.map(|()| Some(true))
    }
}

/// Whether a notice is about the number with this `phone`; none if its digits are not known.
fn is_about(notice: &NumberNotice, phone: Option<&str>) -> Option<bool> {
    let Some(named) = &notice.phone else { return Some(true) };
    Some(*named == phone.and_then(digits)?)
}

fn of_notice(notice: &AccountNotice, at: Timestamp, now: Timestamp) -> (AccountState, Consequence) {
    let (event, reason) = (notice.event.clone(), notice.reason.clone());
    let state = AccountState { event, reason, timestamp: at.to_string() };
    let consequence = match notice.effect {
        AccountEffect::None => Consequence::None,
        AccountEffect::Resume => Consequence::Resume,
        AccountEffect::Delete => Consequence::Disconnect,
        // One that is over by now must not end another one.
        AccountEffect::Pause(_, Some(until)) if until <= now => Consequence::None,
        AccountEffect::Pause(reason, until) => {
            let until = until.unwrap_or_else(|| now.plus(UNTIL_FURTHER_NOTICE)).min(now.plus(LONGEST_PAUSE));
            Consequence::Pause(Pause { until, reason: Some(reason), code: None })
        }
    };
    (state, consequence)
}

/// An error about no message has the effect that it would have on the instance of one.
fn of_error(error: &GraphError, at: Timestamp, now: Timestamp) -> (AccountState, Consequence) {
    let reason = format!("{} {}", error.code, error.explanation).trim_end().to_owned();
    let state = AccountState { event: "ERROR".to_owned(), reason: Some(reason), timestamp: at.to_string() };
    let meaning = error.meaning();
    let consequence = match (meaning.reaction, meaning.instance_pause(1, None)) {
        (Reaction::DisconnectInstance, _) => Consequence::Disconnect,
        // It counts from the error, which may be reported days later.
        (_, Some(pause)) if now < at.plus(pause) => Consequence::Pause(Pause::new(at.plus(pause), error)),
        _ => Consequence::None,
    };
    (state, consequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_about_the_number_that_it_names_if_that_is_known() {
        let of = |phone: Option<&str>| NumberNotice { phone: phone.map(str::to_owned), ..NumberNotice::default() };
        let named = of(Some("551140000000"));
        assert_eq!(is_about(&named, Some("+55 11 4000-0000")), Some(true));
        assert_eq!(is_about(&named, Some("+55 11 4000-0001")), Some(false));
        assert_eq!((is_about(&named, None), is_about(&named, Some("a name"))), (None, None));
        assert_eq!(is_about(&of(None), None), Some(true));
    }
}
