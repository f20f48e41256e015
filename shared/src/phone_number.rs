//! A phone number in international form: digits only, as the contract writes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 7 to 15 digits, the first not 0 (ITU-T E.164: at most 15, the country code first; no country code begins with 0).
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// A text that is not a phone number in the contract's form.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPhoneNumber {
    /// It holds something other than the digits 0 to 9, and would not be right without it either.
    #[error("must be digits only, in international format, such as 5511999999999")]
    NotDigits,
    /// It would be right without its `+`, spaces and punctuation.
    #[error("must be digits only, without `+`, spaces or punctuation: try {0}")]
    Decorated(String),
    /// Too few or too many digits.
    #[error("must have 7 to 15 digits, country code first; this has {0}")]
    Length(usize),
    /// It begins with 0, as no country code does.
    #[error("must begin with the country code, which never begins with 0")]
    LeadingZero,
}

impl PhoneNumber {
    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// `+` and the digits. WhatsApp may otherwise prepend the sender's own country code (whatsapp-cloud-api, Send).
    pub fn with_plus(&self) -> String {
        format!("+{}", self.0)
    }

    /// The last four digits, which is all that a log may show.
    pub fn masked(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 4..])
    }
}

fn check(text: &str) -> Result<(), InvalidPhoneNumber> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits: String = text.chars().filter(|c| !is_decoration(*c)).collect();
        let right = text != digits && check(&digits).is_ok();
        return Err(if right { InvalidPhoneNumber::Decorated(digits) } else { InvalidPhoneNumber::NotDigits });
    }
    if !(7..=15).contains(&text.len()) {
        return Err(InvalidPhoneNumber::Length(text.len()));
    }
    if text.starts_with('0') {
        return Err(InvalidPhoneNumber::LeadingZero);
    }
    Ok(())
}

/// What people write around the digits of a number.
fn is_decoration(c: char) -> bool {
    c.is_whitespace() || matches!(c, '+' | '-' | '(' | ')' | '.' | '\u{2010}' | '\u{2011}')
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPhoneNumber> {
        check(text).map(|()| Self(text.to_owned()))
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, InvalidPhoneNumber> {
        check(&text).map(|()| Self(text))
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_that_would_be_right_without_its_decoration_is_refused_with_a_hint() {
        for text in ["+5511999999999", "55 11 99999-9999", "+55 (11) 99999.9999"] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Decorated("5511999999999".to_owned())));
        }
    }

    #[test]
    fn what_no_decoration_explains_is_refused_for_its_own_reason() {
        assert_eq!("".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(0)));
        assert_eq!("123456".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(6)));
        assert_eq!("1234567890123456".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::Length(16)));
        assert_eq!("0511999999999".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::LeadingZero));
        assert_eq!("٥٥١١٩٩٩٩٩٩".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::NotDigits));
        assert_eq!("call me".parse::<PhoneNumber>(), Err(InvalidPhoneNumber::NotDigits));
    }

    proptest! {
        #[test]
        fn seven_to_fifteen_digits_without_a_leading_zero_are_taken_as_they_are(text in "[1-9][0-9]{6,14}") {
            let number: PhoneNumber = text.parse().expect("the rule holds");
            prop_assert_eq!(number.digits(), &text);
            prop_assert_eq!(number.with_plus(), format!("+{text}"));
        }

        #[test]
        fn nothing_but_digits_is_ever_taken(text in "\\PC*") {
            if let Ok(number) = text.parse::<PhoneNumber>() {
                prop_assert!(number.digits().bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
