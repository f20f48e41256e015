//! The check of each recipient of a batch by itself: what a request to send one message would be refused for.

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;
use lambda_http::http::StatusCode;
use shared::account::Caller;
use shared::batch::Rejection;
use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode};
use shared::instance::{Instance, Number};

use super::request::{BatchRequest, REACTION};
use crate::send_request::{SendRequest, check_country_code};
use crate::sender::Sender;

/// Recipients that are checked at the same time.
const MAX_CONCURRENCY: usize = 32;

/// A recipient's position, and its message if that could be parsed.
type Parsed = (u16, Result<SendRequest, ApiError>);

/// A recipient that is acceptable.
pub struct Row {
    /// Its position in the request.
    pub index: u16,
    /// Its message.
    pub request: SendRequest,
    /// Whether the message is for marketing.
    pub is_marketing: bool,
}

/// Recipients that were checked.
pub struct Rows {
    /// Those that are acceptable.
    pub accepted: Vec<Row>,
    /// Those that are not.
    pub rejected: Vec<Rejection>,
}

impl Sender {
    /// Checks the recipients, but not those whose messages are recorded already: these are sent in any case. Refused when none is
    /// acceptable, and for what is no recipient's own: credits, the key's limit, a table that does not answer.
    pub async fn check_rows(
        &self,
        caller: &Caller,
        (instance, number): (&Instance, &Number),
        (request, recorded): (&BatchRequest, &HashSet<u16>),
        now: Timestamp,
    ) -> Result<Rows, ApiError> {
        let mut parsed: Vec<Parsed> = (0..).zip(request.rows()).collect();
        if let Some(first) = parsed.iter_mut().find_map(|(_, row)| row.as_mut().ok()) {
            // The first one's check fetches what the others need, such as the copy of a template.
            let _ = self.check_row(caller, (instance, number), first, now).await;
        }
        let refused_file = &self.refusal_of_common_file(caller, (request, &parsed), now).await?;
        let checks = parsed.into_iter().map(|(index, row)| async move {
            let checked = async {
                let mut message = row?;
                if recorded.contains(&index) {
                    return Ok(Row { index, request: message, is_marketing: false });
                }
                if let Some(error) = refused_file.as_ref().filter(|_| request.has_common_file(index)) {
                    return Err(error.clone());
                }
                let is_marketing = self.check_row(caller, (instance, number), &mut message, now).await?;
                Ok::<_, ApiError>(Row { index, request: message, is_marketing })
            };
            (index, checked.await)
        });
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        let mut checked = stream::iter(checks).buffered(MAX_CONCURRENCY);
        while let Some((index, row)) = checked.next().await {
            match row {
                Ok(row) => accepted.push(row),
                Err(error) if is_of_all(&error) => return Err(error),
                Err(error) => refused.push((index, error)),
            }
        }
        if accepted.is_empty() {
            return Err(request.none_acceptable(refused));
        }
        let rejected = refused.into_iter().map(|(index, error)| Rejection::new(index, error)).collect();
        Ok(Rows { accepted, rejected })
    }

    /// Checks one recipient. Returns whether its message is for marketing.
    async fn check_row(
        &self,
        caller: &Caller,
        (instance, number): (&Instance, &Number),
        request: &mut SendRequest,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        check_country_code(&request.to)?;
        if request.content.is_reaction() {
            return Err(ApiError::field(
                ErrorCode::InvalidRequest,
                REACTION,
                format!("`{REACTION}` cannot be sent in a batch."),
            ));
        }
        self.preflight.file(caller.account(), &request.content)?;
        self.check_recipient(caller, (instance, number), request, now).await
    }

    /// The refusal of the file that recipients share, if some get it: WhatsApp decides about those of single recipients.
    async fn refusal_of_common_file(
        &self,
        caller: &Caller,
        (request, parsed): (&BatchRequest, &[Parsed]),
        now: Timestamp,
    ) -> Result<Option<ApiError>, ApiError> {
        let first = parsed.iter().find(|(index, row)| row.is_ok() && request.has_common_file(*index));
        let Some((_, Ok(first))) = first else { return Ok(None) };
        match self.check_common_file(caller, first, now).await {
            Err(error) if is_of_all(&error) => Err(error),
            checked => Ok(checked.err()),
        }
    }

    /// Asks the file's host, once.
    async fn check_common_file(&self, caller: &Caller, first: &SendRequest, now: Timestamp) -> Result<(), ApiError> {
        if let Some(file) = self.preflight.file(caller.account(), &first.content)? {
            self.charger.refuse_before_call(caller.limited_key(), now).await?;
            self.preflight.check(caller.account(), &file).await?;
        }
        Ok(())
    }
}

/// Whether an error is none of a recipient: the account has no credits, its key is over its limit, or nothing is certain.
fn is_of_all(error: &ApiError) -> bool {
    let status = error.code.status();
    status.is_server_error() || [StatusCode::PAYMENT_REQUIRED, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}
