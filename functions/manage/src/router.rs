//! Routing of requests to handlers: route -> caller -> limit -> scope -> handler. A request that is refused counts as well.
//!
//! The admin key may call what reads an account too, and names the account in the query. No limit counts its requests.

use lambda_http::http::{HeaderMap, HeaderValue, header};
use lambda_http::{Body, Request, Response};
use shared::account::authentication::bearer;
use shared::account::{Authenticator, Caller, Scope};
use shared::clock;
use shared::http::{Allowance, ApiError, ErrorCode};
use shared::ids::{AccountId, RequestId};
use shared::ledger::{EndpointClass, KeyLimiter};
use shared::observability::{Metric, metrics, request_log};

use crate::api_request::ApiRequest;
use crate::app_state::AppState;
use crate::endpoint::{ApiResult, Handler, Route};
use crate::{console, endpoints, lookup, reference, static_file};

/// What is known of the caller with a valid API key, also when its request is refused.
#[derive(Default)]
struct Seen {
    account: Option<AccountId>,
    allowance: Option<Allowance>,
}

/// Routes requests to handlers.
pub struct Router {
    /// Authenticates customers.
    pub authenticator: Authenticator,
    /// Limits their requests.
    pub limiter: KeyLimiter,
    /// The handlers' state.
    pub state: AppState,
}

impl Router {
    /// Answers one request. Every response to a valid API key has the rate-limit headers. None may be stored on its way:
    /// some show keys, secrets or inbound URLs, and all are private.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let id = RequestId::generate();
        request_log::answer(&id, self.answer(request, &id)).await
    }

    async fn answer(&self, request: &Request, id: &RequestId) -> Response<Body> {
        let mut seen = Seen::default();
        let files: Vec<_> = reference::FILES.iter().chain(&console::FILES).collect();
        let result = match static_file::answer(&files, request, &self.state.bucket).await {
            Some(Ok(response)) => return response,
            Some(Err(error)) => Err(error),
            None => self.route(request, &mut seen).await,
        };
        let mut response = match result {
            Ok(response) => response.into_response(id),
            Err(error) => error.into_response(id),
        };
        if let Some(allowance) = seen.allowance {
            allowance.write_to(&mut response);
        }
        if let Some(account) = seen.account {
            response.extensions_mut().insert(account); // for the log
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if response.status().is_success() {
            tracing::info!(method = %request.method(), status = response.status().as_u16(), "request.answered");
        }
        response
    }

    /// Finds a request's handler and calls it.
    async fn route(&self, request: &Request, seen: &mut Seen) -> ApiResult {
        let route = endpoints::find(request.method(), request.uri().path())?;
        let api_request = ApiRequest::new(request, route.path);
        let (scope, handler) = match route.handler {
            Handler::Customer(scope, handler) => (scope, handler),
            Handler::Operator(handler) => {
                self.check_admin_key(request.headers()).await?;
                api_request.check_query(route.query)?;
                return handler(&self.state, api_request).await;
            }
        };
        let Some(caller) = self.customer(route, api_request, request.headers()).await? else {
            api_request.check_query(&[route.query, &[lookup::ACCOUNT]].concat())?;
            let account = lookup::account_in_query(&self.state, api_request).await?;
            tracing::info!(account_id = %account.id, "operator.read");
            return handler(&self.state, &Caller::operator(&account), api_request).await;
        };
        // One time for the whole request: a refusal and the rate-limit headers must not disagree.
        let (now, class) = (clock::now(), endpoint_class(scope));
        seen.account = Some(caller.account().clone());
        let allowed = self.limiter.count(caller.limited_key(), class, now).await;
        seen.allowance = Some(self.limiter.allowance(caller.limited_key(), class, now));
        allowed?;
        scope.map_or(Ok(()), |scope| caller.require(scope))?;
        api_request.check_query(route.query)?;
        handler(&self.state, &caller, api_request).await
    }

    /// The customer whose key a request has, or none if it is the admin key, where that is allowed. Its latest value, which may
    /// cost a read of the secret, is looked at only if no customer has the key.
    async fn customer(
        &self,
        route: &Route,
        request: ApiRequest<'_>,
        headers: &HeaderMap,
    ) -> Result<Option<Caller>, ApiError> {
        let given = bearer(headers)?;
        let is_open = route.is_open_to_operator();
        if is_open && self.state.secrets.get().admin_key.is(given) {
            return Ok(None);
        }
        match self.authenticator.authenticate(headers).await {
            Err(error) if is_open && error.code == ErrorCode::InvalidApiKey => match self.is_admin_key(given).await {
                true => Ok(None),
                false if request.query(lookup::ACCOUNT).is_some() => Err(admin_key_refused()),
                false => Err(error),
            },
            Err(error) if error.code == ErrorCode::InvalidApiKey && self.state.secrets.get().admin_key.is(given) => {
                let message = "The admin key changes nothing of a customer's: use an API key of the account.";
                Err(ApiError::new(ErrorCode::InvalidApiKey, message))
            }
            caller => caller.map(Some),
        }
    }

    /// Whether a key is the admin key, also if that was changed a moment ago.
    async fn is_admin_key(&self, given: &str) -> bool {
        self.state.secrets.with_latest(|secrets| secrets.admin_key.is(given), |is_right| !is_right).await
    }

    async fn check_admin_key(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.is_admin_key(bearer(headers)?).await {
            return Ok(());
        }
        Err(admin_key_refused())
    }
}

/// The error of somebody who is no operator.
fn admin_key_refused() -> ApiError {
    metrics::count(Metric::AdminKeysRefused);
    tracing::warn!("admin_key.refused");
    let message =
        "This is not the deployment's admin key, which operator endpoints and `accountId` in a query require.";
    ApiError::new(ErrorCode::InvalidApiKey, message)
}

/// The class in which an endpoint that requires this scope is limited.
const fn endpoint_class(scope: Option<Scope>) -> EndpointClass {
    match scope {
        Some(Scope::MessagesRead | Scope::MessagesWrite) => EndpointClass::Messages,
        Some(Scope::InstancesRead | Scope::InstancesWrite) | None => EndpointClass::Instances,
        Some(Scope::WebhooksRead | Scope::WebhooksWrite) => EndpointClass::Webhooks,
    }
}
