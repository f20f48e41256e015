//! The spellings under which WhatsApp may know a phone number that people write in another one (whatsapp-cloud-api-2026, section 2).
//!
//! Which one it is cannot be computed, so nobody is joined by these. They only say that two numbers may be one person's.

use crate::phone_number::PhoneNumber;

/// Brazil has a 9 after the area code, Mexico a 1 and Argentina a 9 after the country code, or not: the country code, the place
/// of that digit, the digit, and the length of a number with it.
const ADDED: [(&str, usize, char, usize); 3] = [("55", 4, '9', 13), ("52", 2, '1', 13), ("54", 2, '9', 13)];

/// The other spelling of a phone number, if it may have one.
pub fn other_spelling(phone: &PhoneNumber) -> Option<PhoneNumber> {
    let digits = phone.digits();
    let (_, place, added, length) = ADDED.into_iter().find(|(country, ..)| digits.starts_with(country))?;
    let other = if digits.len() == length && digits[place..].starts_with(added) {
        format!("{}{}", &digits[..place], &digits[place + 1..])
    } else if digits.len() + 1 == length {
        format!("{}{added}{}", &digits[..place], &digits[place..])
    } else {
        return None;
    };
    other.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_brazil_mexico_or_argentina_has_another_spelling_and_no_other_has() {
        for (one, other) in
            [("5531987650001", "553187650001"), ("525512345678", "5215512345678"), ("541123456789", "5491123456789")]
        {
            for (from, to) in [(one, other), (other, one)] {
                let found = other_spelling(&from.parse().expect("a number"));
                assert_eq!(found.as_ref().map(PhoneNumber::digits), Some(to), "{from}");
            }
        }
        for none in ["14155550123", "55119999", "5531287650001", "52155123456789", "4915112345678"] {
            assert_eq!(other_spelling(&none.parse().expect("a number")), None, "{none}");
        }
    }
}
