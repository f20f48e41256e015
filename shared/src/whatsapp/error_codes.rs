//! WhatsApp's error codes: one table of what each means, what it is about, what customers see, and what happens next
//! (whatsapp-cloud-api, Errors; whatsapp-cloud-api-2026, section 13).

use std::time::Duration;

use crate::message::failure::FailureCode::{self, *};
use crate::whatsapp::pause_reason::PauseReason::{self, AccountRestricted, Policy};
use crate::whatsapp::retry_policy::{Backoff, FEW_ATTEMPTS, HOURLY, MANY_ATTEMPTS, PAIR_ATTEMPTS, SYNCING, retry};

/// How long a number is paused that a condition of its account stops, unless WhatsApp says how long. Afterwards one message
/// is attempted, which shows whether the number is still stopped.
pub const POLICY_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What is known of an error code, or of a range of codes.
#[derive(Debug)]
pub struct ErrorMeaning {
    /// The first and the last code.
    pub codes: (i64, i64),
    /// Meta's title of it; empty where Meta's text is specific to the request.
    pub title: &'static str,
    /// What it is about.
    pub scope: ErrorScope,
    /// What happens next.
    pub reaction: Reaction,
    /// The code that customers see when the message fails.
    pub failure: FailureCode,
}

/// What an error is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorScope {
    /// The access token is invalid.
    Token,
    /// The access token lacks a permission.
    Permission,
    /// The sending number.
    Number,
    /// The business account, or the app.
    Account,
    /// The recipient.
    Recipient,
    /// This message.
    Message,
    /// WhatsApp itself.
    Service,
}

/// What happens after an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reaction {
    /// The message fails.
    Fail,
    /// The message is retried.
    Retry(Backoff),
    /// The message is retried, and its instance is paused as long.
    RetryAndPause(Backoff),
    /// The instance is paused, since every message of it would be refused alike; this one waits with the others. If a
    /// callback reports the error, the message has failed.
    PauseInstance(PauseReason),
    /// The message fails, and its instance is disconnected: nothing more can be sent with this token or from this number.
    DisconnectInstance,
}

macro_rules! codes {
    ($($first:literal $(..= $last:literal)?, $scope:ident, $reaction:expr, $failure:ident, $title:literal;)*) => {
        &[$(ErrorMeaning {
            codes: ($first, codes!(@last $first $($last)?)),
            title: $title,
            scope: ErrorScope::$scope,
            reaction: $reaction,
            failure: $failure,
        }),*]
    };
    (@last $first:literal) => { $first };
    (@last $first:literal $last:literal) => { $last };
}

use Reaction::{DisconnectInstance, Fail, PauseInstance, Retry, RetryAndPause};

/// The table. 130497 pauses nothing: it blocks the way to one country (docs/adr/0013). 131063 and 131064 concern templates of
/// some categories only (docs/adr/0038).
static CODES: &[ErrorMeaning] = codes! {
    0, Token, DisconnectInstance, InstanceDisconnected, "AuthException";
    190, Token, DisconnectInstance, InstanceDisconnected, "Invalid OAuth access token.";
    3, Permission, DisconnectInstance, InstanceDisconnected, "API method";
    10, Permission, DisconnectInstance, InstanceDisconnected, "Permission denied";
    200..=299, Permission, DisconnectInstance, InstanceDisconnected, "API permission";
    131_005, Permission, DisconnectInstance, InstanceDisconnected, "Access denied";
    33, Number, DisconnectInstance, InstanceDisconnected, "Parameter value is not valid: the number was deleted";
    131_045, Number, DisconnectInstance, InstanceDisconnected, "Incorrect certificate";
    133_010, Number, DisconnectInstance, InstanceDisconnected, "Phone number not registered";
    130_429, Number, RetryAndPause(retry(MANY_ATTEMPTS, 3, 3)), ProviderError, "Rate limit hit";
    131_048, Number, PauseInstance(Policy), BlockedByPolicy, "Spam rate limit hit";
    131_037, Number, Fail, ProviderError, "Display name not approved";
    133_000..=133_003, Number, Fail, ProviderError, "Registration";
    133_005..=133_009, Number, Fail, ProviderError, "Two-step verification PIN";
    133_015..=133_016, Number, Fail, ProviderError, "Registration";
    4, Account, RetryAndPause(HOURLY), ProviderError, "Application request limit reached";
    80_007, Account, RetryAndPause(HOURLY), ProviderError, "Rate limit issues";
    368, Account, PauseInstance(Policy), BlockedByPolicy, "Temporarily blocked for policies violations";
    131_031, Account, PauseInstance(AccountRestricted), BlockedByPolicy, "Account has been locked";
    131_042, Account, PauseInstance(PauseReason::PaymentRequired), PaymentRequired, "Business eligibility payment issue";
    134_011, Account, PauseInstance(PauseReason::PaymentRequired), PaymentRequired, "Payments terms not accepted";
    131_063, Account, Fail, TemplateRejected, "Marketing templates are switched off";
    131_064, Account, Fail, TemplateRejected, "Template misclassification limit";
    131_056, Recipient, Retry(retry(PAIR_ATTEMPTS, 4, 4)), ProviderError, "(Business Account, Consumer Account) pair rate limit hit";
    131_021, Recipient, Fail, RecipientUnreachable, "Recipient cannot be sender";
    131_026, Recipient, Fail, RecipientUnreachable, "Message undeliverable";
    131_047, Recipient, Fail, OutsideWindow, "Re-engagement message";
    131_049, Recipient, Fail, BlockedByPolicy, "Meta chose not to deliver";
    131_050, Recipient, Fail, RecipientOptedOut, "User has stopped marketing messages";
    130_403, Recipient, Fail, RecipientUnreachable, "The business has blocked this user";
    131_030, Recipient, Fail, RecipientUnreachable, "Recipient phone number not in allowed list";
    137_000, Recipient, Fail, ProviderError, "Identity key hash does not match";
    130_472, Recipient, Fail, BlockedByPolicy, "User's number is part of an experiment";
    130_497, Recipient, Fail, BlockedByPolicy, "Business account is restricted from messaging users in this country";
    100, Message, Fail, ProviderError, ""; // the text names the parameter
    131_008, Message, Fail, ProviderError, "Required parameter is missing";
    131_009, Message, Fail, ProviderError, "Parameter value is not valid";
    131_062, Message, Fail, PhoneNumberRequired, "Not possible for a business-scoped user id";
    131_051, Message, Fail, UnsupportedMediaType, "Unsupported message type";
    131_052, Message, Fail, UnsupportedMediaType, "Media download error";
    131_053, Message, Fail, UnsupportedMediaType, "Media upload error";
    131_020, Message, Fail, ProviderError, "Group";
    131_041, Message, Fail, ProviderError, "Group";
    131_059, Message, Fail, ProviderError, "Group";
    131_055, Message, Fail, TemplateRejected, "Method not allowed";
    131_061, Message, Fail, TemplateRejected, "Template with a maximum price";
    132_000, Message, Fail, TemplateRejected, "Number of parameters does not match the expected number of params";
    132_001, Message, Fail, TemplateRejected, "Template name does not exist in the translation";
    132_002..=132_018, Message, Fail, TemplateRejected, "Template rejected";
    132_068, Message, Fail, ProviderError, "Flow is blocked";
    132_069, Message, Fail, ProviderError, "Flow is throttled";
    134_100, Message, Fail, TemplateRejected, "Only marketing messages are supported";
    134_101, Message, Retry(SYNCING), TemplateRejected, "Template is still syncing";
    134_102, Message, Fail, TemplateRejected, "Template is unavailable";
    135_000, Message, Fail, ProviderError, "Generic user error";
    1, Message, Retry(retry(FEW_ATTEMPTS, 2, 2)), ProviderError, "API unknown";
    131_000, Message, Retry(retry(FEW_ATTEMPTS, 2, 2)), ProviderError, "Something went wrong";
    2, Service, Retry(retry(MANY_ATTEMPTS, 2, 2)), ProviderError, "API service";
    131_016, Service, Retry(retry(MANY_ATTEMPTS, 2, 2)), ProviderError, "Service unavailable";
    131_057, Service, Retry(retry(MANY_ATTEMPTS, 2, 2)), ProviderError, "Account in maintenance mode";
    133_004, Service, Retry(retry(MANY_ATTEMPTS, 2, 2)), ProviderError, "Server temporarily unavailable";
    2_494_100, Service, Retry(retry(MANY_ATTEMPTS, 2, 2)), ProviderError, "Account in maintenance mode";
};

/// Every code that is not in the table.
static UNKNOWN: ErrorMeaning = ErrorMeaning {
    codes: (i64::MIN, i64::MAX),
    title: "",
    scope: ErrorScope::Message,
    reaction: Fail,
    failure: ProviderError,
};

impl ErrorMeaning {
    /// What is known of a code.
    pub fn find(code: i64) -> &'static Self {
        CODES.iter().find(|row| (row.codes.0..=row.codes.1).contains(&code)).unwrap_or(&UNKNOWN)
    }

    /// The label of a code in metrics, which must be bounded: the code itself where the table has it, and in the range of
    /// the Cloud API's own codes, so that an operator sees one that is not in the table yet.
    pub fn metric_label(code: i64) -> String {
        match Self::find(code) {
            _ if (131_000..=131_064).contains(&code) => code.to_string(),
            row if std::ptr::eq(row, &raw const UNKNOWN) => "other".to_owned(),
            Self { scope: ErrorScope::Permission, codes: (first, last), .. } if first < last => {
                format!("{first}-{last}")
            }
            _ => code.to_string(),
        }
    }

    /// How long to wait after the `attempt`th attempt, the first being 1, before jitter; `None` when no attempt follows.
    ///
    /// `requested` is what WhatsApp's headers ask for.
    pub fn retry_wait(&self, attempt: u32, requested: Option<Duration>) -> Option<Duration> {
        let (Retry(backoff) | RetryAndPause(backoff)) = self.reaction else {
            return None;
        };
        (attempt < backoff.attempts).then(|| backoff.wait(attempt).max(requested.unwrap_or_default()))
    }

    /// The condition of the number or its account that the error reports, if it does.
    pub const fn pause_reason(&self) -> Option<PauseReason> {
        match self.reaction {
            PauseInstance(reason) => Some(reason),
            _ => None,
        }
    }

    /// How long the instance is paused; `None` when only the message is concerned.
    pub fn instance_pause(&self, attempt: u32, requested: Option<Duration>) -> Option<Duration> {
        let wait = match self.reaction {
            RetryAndPause(backoff) => backoff.wait(attempt),
            PauseInstance(_) => POLICY_PAUSE,
            Fail | Retry(_) | DisconnectInstance => return None,
        };
        Some(wait.max(requested.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(code: i64, attempt: u32, requested: Option<Duration>) -> Option<Duration> {
        ErrorMeaning::find(code).retry_wait(attempt, requested)
    }

    #[test]
    fn a_pair_rate_error_waits_four_to_the_nth_seconds() {
        let waits: Vec<_> = (1..4).map(|attempt| wait(131_056, attempt, None)).collect();
        assert_eq!(waits, [4, 16, 64].map(|secs| Some(Duration::from_secs(secs))));
        assert_eq!(ErrorMeaning::find(131_056).instance_pause(1, None), None, "that conversation only");
    }

    #[test]
    fn a_requested_wait_is_honoured_when_it_is_longer() {
        let requested = Some(Duration::from_secs(90));
        assert_eq!(wait(130_429, 1, requested), requested);
        assert_eq!(ErrorMeaning::find(130_429).instance_pause(1, requested), requested);
        assert_eq!(wait(4, 3, requested), Some(Duration::from_secs(240)));
    }

    #[test]
    fn attempts_end_and_final_errors_are_not_retried() {
        assert_eq!(wait(131_016, MANY_ATTEMPTS, None), None);
        assert_eq!(wait(1, FEW_ATTEMPTS, None), None);
        for code in [0, 100, 190, 131_042, 131_047, 131_048, 132_001, 999_999] {
            assert_eq!(wait(code, 1, None), None, "{code}");
        }
    }

    #[test]
    fn no_code_is_in_two_rows_and_labels_are_bounded() {
        for (position, row) in CODES.iter().enumerate() {
            let is_apart = |other: &ErrorMeaning| other.codes.1 < row.codes.0 || row.codes.1 < other.codes.0;
            assert!(CODES[position + 1..].iter().all(is_apart), "{:?}", row.codes);
        }
        let labels = [190, 250, 131_030, 132_007, 999_999].map(ErrorMeaning::metric_label);
        assert_eq!(labels, ["190", "200-299", "131030", "132007", "other"]);
    }
}
