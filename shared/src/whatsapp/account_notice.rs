//! What a callback says about a business account: WhatsApp restricts or disables it, or takes that back.

use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::whatsapp::pause_reason::PauseReason;
use crate::whatsapp::raw_json::{field, for_each, parse, time_of, word};

/// Something that happened to a business account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountNotice {
    /// WhatsApp's word for it.
    pub event: String,
    /// WhatsApp's words for the details.
    pub reason: Option<String>,
    /// What follows for its numbers.
    pub effect: AccountEffect,
    /// Whether it has words whose meaning is not known.
    pub is_partial: bool,
}

/// What follows from an event of a business account for its numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccountEffect {
    /// Nothing.
    None,
    /// They can send nothing until a time, or until further notice.
    Pause(PauseReason, Option<Timestamp>),
    /// They can send again.
    Resume,
    /// The account, and its numbers with it, does not exist any more.
    Delete,
}

/// Events that change nothing for the account's numbers and are shown.
const SHOWN: [&str; 7] = [
    "ACCOUNT_VIOLATION",
    "ACCOUNT_OFFBOARDED",
    "ACCOUNT_RECONNECTED",
    "PARTNER_ADDED",
    "PARTNER_REMOVED",
    "PARTNER_APP_INSTALLED",
    "PARTNER_APP_UNINSTALLED",
];
/// Events that are known and not used.
const UNUSED: [&str; 6] = [
    "AD_ACCOUNT_LINKED",
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
    "MM_LITE_TERMS_SIGNED",
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
    "VOLUME_BASED_PRICING_TIER_UPDATE",
];
/// The restrictions of what an account may send: of what it begins, and of what it answers.
const RESTRICTED_MESSAGING: [&str; 2] =
    ["RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"];
/// Restrictions of something else.
const OTHER_RESTRICTIONS: [&str; 4] = [
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
    "RESTRICTED_UTILITY_TEMPLATES",
    "RESTRICTED_BIZ_INITIATED_CALLING",
    "RESTRICTED_CUSTOMER_INITIATED_CALLING",
];

impl AccountNotice {
    /// Reads an `account_update`; none when its event is not known.
    pub(super) fn read(value: &RawValue) -> Option<Self> {
        let event = word(value, "event")?;
        let mut notice = Self { event, reason: None, effect: AccountEffect::None, is_partial: false };
        match notice.event.as_str() {
            "ACCOUNT_DELETED" => notice.effect = AccountEffect::Delete,
            "ACCOUNT_RESTRICTION" => notice.read_restrictions(value),
            "DISABLED_UPDATE" => {
                let state = field(value, "ban_info").and_then(|info| word(info, "waba_ban_state"))?;
                notice.effect = match state.as_str() {
                    "DISABLE" => AccountEffect::Pause(PauseReason::AccountDisabled, None),
                    "REINSTATE" => AccountEffect::Resume,
                    "SCHEDULE_FOR_DISABLE" => AccountEffect::None,
                    _ => return None,
                };
                notice.reason = Some(state);
            }
            known if SHOWN.contains(&known) => {
                let violation = field(value, "violation_info").and_then(|info| word(info, "violation_type"));
                let disconnection = field(value, "disconnection_info").and_then(|info| word(info, "reason"));
                notice.reason = violation.or(disconnection);
            }
            known if UNUSED.contains(&known) => {}
            _ => return None,
        }
        Some(notice)
    }

    /// Whether it is of no use to anybody here.
    pub(super) fn is_unused(&self) -> bool {
        UNUSED.contains(&self.event.as_str())
    }

    /// The messaging of an account is restricted until the last of its restrictions ends; one of them may have no end.
    fn read_restrictions(&mut self, value: &RawValue) {
        let (mut kinds, mut ends, mut is_known) = (Vec::new(), Vec::new(), false);
        for_each(field(value, "restriction_info").unwrap_or(RawValue::NULL), &mut |restriction| {
            let kind = word(restriction, "restriction_type").unwrap_or_default();
            let is_of_messaging = RESTRICTED_MESSAGING.contains(&kind.as_str());
            is_known = is_known || is_of_messaging || OTHER_RESTRICTIONS.contains(&kind.as_str());
            self.is_partial |= !is_of_messaging && !OTHER_RESTRICTIONS.contains(&kind.as_str());
            if is_of_messaging {
                ends.push(field(restriction, "expiration").and_then(expiration));
            }
            if kinds.len() < 8 && !kind.is_empty() {
                kinds.push(kind);
            }
        });
        if !ends.is_empty() {
            let last = ends.into_iter().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
            self.effect = AccountEffect::Pause(PauseReason::AccountRestricted, last);
        }
        self.is_partial |= !is_known;
        self.reason = Some(kinds.join(", ")).filter(|kinds| !kinds.is_empty());
    }
}

/// The end of a restriction: seconds, or a time whose offset may lack its colon.
fn expiration(json: &RawValue) -> Option<Timestamp> {
    time_of(json).or_else(|| {
        let text: String = parse(json)?;
        let with_colon =
            || Some(format!("{}:{}", text.get(..text.len().checked_sub(2)?)?, text.get(text.len() - 2..)?));
        text.parse().ok().or_else(|| with_colon()?.parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<AccountNotice> {
        AccountNotice::read(serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn messaging_is_restricted_until_the_last_restriction_of_it_ends() {
        let json = r#"{"event":"ACCOUNT_RESTRICTION","restriction_info":[
            {"restriction_type":"RESTRICTED_ADD_PHONE_NUMBER_ACTION","expiration":"2027-04-19T13:59:20+0000"},
            {"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":"2026-04-19T13:59:20+0000"},
            {"restriction_type":"RESTRICTED_CUSTOMER_INITIATED_MESSAGING","expiration":1760000002}]}"#;
        let notice = read(json).expect("a notice");
        let until = "2026-04-19T13:59:20.000Z".parse().expect("a time");
        assert_eq!(notice.effect, AccountEffect::Pause(PauseReason::AccountRestricted, Some(until)));
        assert!(!notice.is_partial && notice.reason.is_some_and(|reason| reason.contains("BIZ_INITIATED")));
        let endless = read(&json.replace(r#","expiration":"2026-04-19T13:59:20+0000""#, "")).expect("a notice");
        assert_eq!(endless.effect, AccountEffect::Pause(PauseReason::AccountRestricted, None), "one has no end");
    }

    #[test]
    fn words_that_are_not_known_are_kept() {
        for json in [
            r#"{"event":"ACCOUNT_TELEPORTED"}"#,
            r#"{"event":"DISABLED_UPDATE"}"#,
            r#"{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"MAYBE"}}"#,
            r#"{"event":null}"#,
        ] {
            assert!(read(json).is_none(), "{json}");
        }
        let restriction = r#"{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"NEW"}]}"#;
        assert!(read(restriction).is_some_and(|notice| notice.is_partial && notice.effect == AccountEffect::None));
        assert!(read(r#"{"event":"MM_LITE_TERMS_SIGNED"}"#).is_some_and(|notice| notice.is_unused()));
    }
}
