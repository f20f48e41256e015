//! What a message is checked for once its instance is known, alone or in a batch.

use shared::account::Caller;
use shared::clock::Timestamp;
use shared::http::ApiError;
use shared::instance::{Instance, Number};

use crate::send_request::SendRequest;
use crate::sender::Sender;

impl Sender {
    /// Checks a message to one recipient, and completes its content. Returns whether it is for marketing.
    pub async fn check_recipient(
        &self,
        caller: &Caller,
        (instance, number): (&Instance, &Number),
        request: &mut SendRequest,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        let (account, key) = (caller.account(), caller.limited_key());
        self.check_quoted(account, request).await?;
        self.find_uploaded_file(account, request, now).await?;
        self.refuse_outside_window(instance, request, now).await?;
        let is_marketing = self.check_template(key, (instance, number), &request.content, now).await?;
        self.refuse_opted_out(&instance.id, &request.to, is_marketing).await?;
        Ok(is_marketing)
    }
}
