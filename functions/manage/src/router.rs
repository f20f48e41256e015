//! From a request to what answers it: endpoint -> caller -> limit -> scope -> answer.

use std::time::Duration;

use lambda_http::{Body, Request, Response};
use shared::account::Scope;
use shared::api_error::{ApiError, tell_allowance};
use shared::authentication::{Authenticator, Caller};
use shared::books::Books;
use shared::clock::{self, Timestamp};
use shared::ids::RequestId;
use shared::key_limit::{Class, KeyLimiter};
use shared::sealed::Sealer;
use shared::webhook_endpoint::Endpoints;
use shared::webhook_queue::WebhookQueue;

use crate::admin::{self, AdminKey};
use crate::answer::Answer;
use crate::endpoint::{Access, Endpoint};
use crate::instances;
use crate::messages;
use crate::webhooks;
use crate::whatsapp::WhatsApp;

/// Answers requests.
pub struct Manager {
    /// Finds out who asks.
    pub authenticator: Authenticator,
    /// Counts what they ask.
    pub limiter: KeyLimiter,
    /// The records and the accounts.
    pub books: Books,
    /// Seals tokens and secrets.
    pub sealer: Sealer,
    /// Asks WhatsApp about numbers.
    pub whatsapp: WhatsApp,
    /// Calls webhooks.
    pub endpoints: Endpoints,
    /// Where replays go.
    pub webhooks: WebhookQueue,
    /// Lets the operator in.
    pub admin_key: AdminKey,
    /// How long rows of a log are kept.
    pub retention: Duration,
}

impl Manager {
    /// Answers one request.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let id = RequestId::generate();
        let endpoint = match Endpoint::find(request.method(), request.uri().path()) {
            Ok(endpoint) => endpoint,
            Err(error) => return error.into_response(&id),
        };
        match endpoint.access() {
            Access::Key(class, scope) => self.handle_customer(class, scope, endpoint, request, &id).await,
            Access::Admin => {
                let answered = match self.admin_key.check(request.headers()) {
                    Ok(()) => admin::answer(self, endpoint, request).await,
                    Err(error) => Err(error),
                };
                into_response(answered, &id)
            }
        }
    }

    /// Every answer to a key that is valid says what its limit still allows.
    async fn handle_customer(
        &self,
        class: Class,
        scope: Scope,
        endpoint: Endpoint<'_>,
        request: &Request,
        id: &RequestId,
    ) -> Response<Body> {
        let caller = match self.authenticator.authenticate(request.headers()).await {
            Ok(caller) => caller,
            Err(error) => return error.into_response(id),
        };
        let now = clock::now();
        let answered = match caller.require(scope) {
            Ok(()) => self.answer_customer(&caller, class, endpoint, request, now).await,
            Err(error) => Err(error),
        };
        let mut response = into_response(answered, id);
        tell_allowance(&mut response, self.limiter.allowance(&caller, class, now));
        response
    }

    async fn answer_customer(
        &self,
        caller: &Caller,
        class: Class,
        endpoint: Endpoint<'_>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Answer, ApiError> {
        self.limiter.pass(caller, class, now).await?;
        match class {
            Class::Messages => messages::answer(self, caller, endpoint, request).await,
            Class::Instances => instances::answer(self, caller, endpoint, request).await,
            Class::Webhooks => webhooks::answer(self, caller, endpoint, request).await,
        }
    }
}

fn into_response(answered: Result<Answer, ApiError>, id: &RequestId) -> Response<Body> {
    match answered {
        Ok(answer) => answer.into_response(id),
        Err(error) => error.into_response(id),
    }
}
