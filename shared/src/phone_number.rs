//! A phone number in international form: digits only, as the contract writes it.

use std::fmt;
use std::str::FromStr;

use serde_with::{DeserializeFromStr, SerializeDisplay};

/// 7 to 15 digits, the first not 0 (ITU-T E.164: at most 15, the country code first; no country code begins with 0).
#[derive(Clone, DeserializeFromStr, Eq, Hash, Ord, PartialEq, PartialOrd, SerializeDisplay)]
pub struct PhoneNumber(String);

/// The most digits of a number within its country that people write often: area code and number in Brazil.
const LONGEST_WITHOUT_COUNTRY_CODE: usize = 11;

/// Why a text is not a phone number. Displays as the end of a sentence that begins with the field's name.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPhoneNumber {
    /// It has characters other than the digits 0 to 9, and without them it may be none or another one.
    #[error("must be digits only, the country code first, such as 5511999999999.")]
    NotDigits,
    /// It would be valid without its `+`, spaces and punctuation.
    #[error("must be digits only, without `+`, spaces or punctuation: try {0}.")]
    Punctuated(String),
    /// Too few or too many digits.
    #[error("must have 7 to 15 digits, country code first; this has {0}.")]
    Length(usize),
    /// It begins with 0, as no country code does.
    #[error("must begin with the country code, which never begins with 0.")]
    LeadingZero,
}

impl PhoneNumber {
    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether it is certainly one without its country code, although it has the form of one: eleven digits are a number of +1 only if the
    /// area code begins with 2 to 9 (North American Numbering Plan), and those of São Paulo begin with 11.
    pub fn lacks_country_code(&self) -> bool {
        self.0.len() == 11 && (self.0.starts_with("10") || self.0.starts_with("11"))
    }

    /// `+` and the digits. WhatsApp may otherwise prepend the sender's own country code (whatsapp-cloud-api, Send).
    pub fn with_plus(&self) -> String {
        format!("+{}", self.0)
    }
}

fn check(text: &str) -> Result<(), InvalidPhoneNumber> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(meant(text).map_or(InvalidPhoneNumber::NotDigits, InvalidPhoneNumber::Punctuated));
    }
    if !(7..=15).contains(&text.len()) {
        return Err(InvalidPhoneNumber::Length(text.len()));
    }
    if text.starts_with('0') {
        return Err(InvalidPhoneNumber::LeadingZero);
    }
    Ok(())
}

/// The number that a text with more than digits certainly means: without `+`, or digits enough for a country code, it may be one that lacks
/// it. Spreadsheets add `.0`.
fn meant(text: &str) -> Option<String> {
    let digits: String = text.strip_suffix(".0").unwrap_or(text).chars().filter(|c| !is_punctuation(*c)).collect();
    let is_whole = text.trim_start().starts_with('+') || digits.len() > LONGEST_WITHOUT_COUNTRY_CODE;
    let is_sure = is_whole && !text.contains("(0)"); // which is left out after the country code
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && check(&digits).is_ok();
    (is_sure && is_number && !PhoneNumber(digits.clone()).lacks_country_code()).then_some(digits)
}

/// Whether people write this character between the digits of a number.
fn is_punctuation(c: char) -> bool {
    c.is_whitespace() || matches!(c, '+' | '-' | '(' | ')' | '.' | '\u{2010}' | '\u{2011}')
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPhoneNumber> {
        check(text).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Without all but the last two digits, so that no log shows the number of a person by mistake.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(…{})", &self.0[self.0.len() - 2..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_with_punctuation_is_refused_with_a_hint() {
        for text in ["+5511999999999", "55 11 99999-9999", "+55 (11) 99999.9999", "5511999999999.0"] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Punctuated("5511999999999".to_owned())));
        }
    }

    #[test]
    fn what_is_logged_of_a_number_by_mistake_has_its_last_two_digits() {
        let number: PhoneNumber = "5511999999912".parse().expect("a number");
        assert_eq!(format!("{:?} {number}", Some(&number)), "Some(PhoneNumber(…12)) 5511999999912");
    }

    #[test]
    fn no_hint_leads_to_another_number() {
        for text in [
            "+44 (0)20 7946 0958",
            "+11 96666-0001",
            "(11) 96666-0001",
            "11 96666-0001",
            "00 55 11 96666-0001",
            "96666-0001.0",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(InvalidPhoneNumber::NotDigits), "{text}");
        }
        let lacks = |text: &str| text.parse::<PhoneNumber>().expect("its form is right").lacks_country_code();
        assert!(lacks("11966660001") && lacks("10966660001"));
        assert!(!lacks("12025550123") && !lacks("1196666000") && !lacks("5511966660001"));
    }

    #[test]
    fn other_invalid_numbers_are_refused_with_their_reason() {
        assert_eq!("".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(0)));
        assert_eq!("123456".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(6)));
        assert_eq!("1234567890123456".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(16)));
        assert_eq!("0511999999999".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::LeadingZero));
        assert_eq!("٥٥١١٩٩٩٩٩٩".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::NotDigits));
        assert_eq!("call me".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::NotDigits));
    }

    proptest! {
        #[test]
        fn seven_to_fifteen_digits_without_a_leading_zero_are_accepted(text in "[1-9][0-9]{6,14}") {
            let number: PhoneNumber = text.parse().expect("the rule holds");
            prop_assert_eq!(number.digits(), &text);
            prop_assert_eq!(number.with_plus(), format!("+{text}"));
        }

        #[test]
        fn only_digits_are_accepted(text in "\\PC*") {
            if let Ok(number) = text.parse::<PhoneNumber>() {
                prop_assert!(number.digits().bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
