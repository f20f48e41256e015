//! The recipients of a batch that were rejected, as its record keeps them: a thousand may have the same reason, which is kept
//! once.

use serde::{Deserialize, Serialize};
use strum::VariantArray;
use utoipa::ToSchema;

use crate::http::{ApiError, ErrorCode};
use crate::text::truncated;

/// The longest reasons that a record keeps, in bytes: an item has at most 400 KB, and a reason may quote the request. Beyond them it
/// keeps as much again of the fields alone.
const MAX_BYTES: usize = 32 * 1024;
/// Characters of a reason's sentence: a name that the request invented may be of any length.
const MAX_MESSAGE: usize = 1000;
/// Characters of a field, which may be such a name.
const MAX_FIELD: usize = 200;

/// A recipient that was rejected. It costs nothing.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The position in `recipients`, from 0.
    pub index: u16,
    /// Why: a code as errors have it.
    pub code: String,
    /// A sentence that says what is wrong and how to fix it.
    pub message: String,
    /// The field of the recipient, or of the message, that it is about.
    pub field: Option<String>,
}

impl Rejection {
    /// The rejection of a recipient, by what a request to send to it alone would be refused for.
    pub fn new(index: u16, error: ApiError) -> Self {
        let code: &str = error.code.into();
        let (message, field) = (truncated(error.message, MAX_MESSAGE), error.field);
        Self { index, code: code.to_owned(), message, field: field.map(|field| truncated(field, MAX_FIELD)) }
    }

    /// The rejection of a recipient whose message is not recorded, for no reason of its own.
    pub fn not_recorded(index: u16) -> Self {
        let message = "The message could not be stored. Send it again.";
        Self::new(index, ApiError::new(ErrorCode::ServiceUnavailable, message))
    }
}

/// Rejected recipients by their reasons.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Rejections(Vec<Reason>);

/// A reason, and whom it concerns.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Reason {
    code: String,
    message: String,
    field: Option<String>,
    indices: Vec<u16>,
}

impl FromIterator<Rejection> for Rejections {
    /// Of more reasons than a record keeps, the message is the code's meaning, and in the end no field is named.
    fn from_iter<I: IntoIterator<Item = Rejection>>(rejections: I) -> Self {
        let (mut reasons, mut bytes) = (Vec::<Reason>::new(), 0);
        for Rejection { index, code, mut message, mut field } in rejections {
            if bytes > MAX_BYTES {
                meaning_of(&code).clone_into(&mut message);
                field = field.filter(|_| bytes <= 2 * MAX_BYTES);
            }
            let same = |reason: &&mut Reason| reason.code == code && reason.message == message && reason.field == field;
            match reasons.iter_mut().find(same) {
                Some(reason) => reason.indices.push(index),
                None => {
                    bytes += message.len() + field.as_ref().map_or(0, String::len);
                    reasons.push(Reason { code, message, field, indices: vec![index] });
                }
            }
        }
        Self(reasons)
    }
}

/// What a code says by itself; the code, of one that an earlier version had.
fn meaning_of(code: &str) -> &str {
    ErrorCode::VARIANTS.iter().find(|known| <&str>::from(**known) == code).map_or(code, |known| known.meaning())
}

impl Rejections {
    /// The recipients in the order of the request.
    pub fn list(&self) -> Vec<Rejection> {
        let each = |reason: &Reason| {
            let Reason { code, message, field, indices } = reason.clone();
            indices.into_iter().map(move |index| Rejection {
                index,
                code: code.clone(),
                message: message.clone(),
                field: field.clone(),
            })
        };
        let mut list: Vec<_> = self.0.iter().flat_map(each).collect();
        list.sort_unstable_by_key(|rejection| rejection.index);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(index: u16, message: &str) -> Rejection {
        Rejection { index, code: "invalid_request".to_owned(), message: message.to_owned(), field: None }
    }

    #[test]
    fn a_reason_is_kept_once_and_each_recipient_has_its_own() {
        let all = vec![rejection(0, "a"), rejection(1, "b"), rejection(2, "a")];
        let kept: Rejections = all.iter().cloned().collect();
        assert_eq!(kept.0.len(), 2);
        assert_eq!(kept.list(), all);
    }

    #[test]
    fn a_thousand_long_reasons_fit_into_an_item() {
        let all = (0..1000).map(|index| rejection(index, &format!("{index}{}", "x".repeat(1000))));
        let kept: Rejections = all.collect();
        let json = serde_json::to_string(&kept).expect("JSON");
        assert!(json.len() < 100_000 && kept.list().len() == 1000, "{}", json.len());
    }

    #[test]
    fn a_thousand_fields_that_the_request_invented_fit_into_an_item() {
        for (recipients, length) in [(1000, 900), (3, 100_000)] {
            let all = (0..recipients).map(|index| {
                let field = format!("{index}{}", "\u{1f54a}".repeat(length));
                let message = format!("`{field}` is not a field of this request: remove it.");
                Rejection::new(index, ApiError::invalid(&field, message))
            });
            let kept: Rejections = all.collect();
            let json = serde_json::to_string(&kept).expect("JSON");
            let list = kept.list();
            assert!(json.len() < 200_000 && list.len() == usize::from(recipients), "{}", json.len());
            let meanings = list.iter().filter(|rejection| rejection.message == ErrorCode::InvalidRequest.meaning());
            assert_eq!(meanings.count() > 0, recipients == 1000, "beyond what is kept, a code says what it means");
            assert!(list[0].field.as_ref().is_some_and(|field| field.starts_with('0')), "the first names its field");
        }
    }
}
