//! The check of each recipient of a batch by itself: what a request to send one message would be refused for.

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;
use shared::account::Caller;
use shared::batch::Rejection;
use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode};
use shared::instance::{Instance, Number};
use shared::message::Content;

use super::request::BatchRequest;
use crate::send_request::{SendRequest, check_country_code};
use crate::sender::Sender;

/// Recipients that are checked at the same time.
const MAX_CONCURRENCY: usize = 32;

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
    /// acceptable, or when a table does not answer: then nothing is certain.
    pub async fn check_rows(
        &self,
        caller: &Caller,
        (instance, number): (&Instance, &Number),
        (request, recorded): (&BatchRequest, &HashSet<u16>),
        now: Timestamp,
    ) -> Result<Rows, ApiError> {
        let mut parsed: Vec<(u16, Result<SendRequest, ApiError>)> = (0..).zip(request.rows()).collect();
        let first = parsed.iter_mut().find_map(|(_, row)| row.as_mut().ok());
        if let Some(first) = first {
            self.check_common_file(caller, request, first, now).await?;
            // The first one's check fetches what the others need, such as the copy of a template.
            let _ = self.check_row(caller, (instance, number), first, now).await;
        }
        let checks = parsed.into_iter().map(|(index, row)| async move {
            let checked = async {
                let mut request = row?;
                if recorded.contains(&index) {
                    return Ok(Row { index, request, is_marketing: false });
                }
                let is_marketing = self.check_row(caller, (instance, number), &mut request, now).await?;
                Ok::<_, ApiError>(Row { index, request, is_marketing })
            };
            (index, checked.await)
        });
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        let mut checked = stream::iter(checks).buffered(MAX_CONCURRENCY);
        while let Some((index, row)) = checked.next().await {
            match row {
                Ok(row) => accepted.push(row),
                Err(error) if error.code.status().is_server_error() => return Err(error),
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
        let (account, key) = (caller.account(), caller.limited_key());
        check_country_code(&request.to)?;
        if request.content.is_reaction() {
            return Err(ApiError::field(
                ErrorCode::InvalidRequest,
                "reaction",
                "`reaction` cannot be sent in a batch.",
            ));
        }
        self.preflight.file(account, &request.content)?;
        self.check_quoted(account, request).await?;
        self.find_uploaded_file(account, request, now).await?;
        self.refuse_outside_window(instance, request, now).await?;
        let is_marketing = self.check_template(key, (instance, number), &request.content, now).await?;
        self.refuse_opted_out(&instance.id, &request.to, is_marketing).await?;
        Ok(is_marketing)
    }

    /// Asks the host of a file that all recipients get, once. WhatsApp decides about those of single recipients.
    async fn check_common_file(
        &self,
        caller: &Caller,
        request: &BatchRequest,
        first: &SendRequest,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let is_common = |url: &str| request.common_file().is_some_and(|common| common == url);
        let Content::Media { url, .. } = &first.content else { return Ok(()) };
        if !is_common(url) {
            return Ok(());
        }
        if let Some(file) = self.preflight.file(caller.account(), &first.content)? {
            self.charger.refuse_before_call(caller.limited_key(), now).await?;
            self.preflight.check(caller.account(), &file).await?;
        }
        Ok(())
    }
}
