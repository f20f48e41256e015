//! The type of endpoints: route, handler, what authorizes the caller, and OpenAPI description in one constant.

use futures::future::BoxFuture;
use shared::account::{Caller, Scope};
use shared::http::{ApiError, Operation};

use crate::api_request::ApiRequest;
use crate::api_response::ApiResponse;
use crate::app_state::AppState;
use crate::path_template::PathTemplate;

/// An endpoint. Each is a constant beside its handler, documented by its summary.
pub struct Endpoint {
    /// Its route.
    pub route: Route,
    /// Its operation id in the OpenAPI document.
    pub id: &'static str,
    /// Its summary in the OpenAPI document: an imperative sentence without a full stop.
    pub summary: &'static str,
    /// Adds its parameters, bodies, responses and errors to the OpenAPI document.
    pub describe: fn(Operation) -> Operation,
}

/// A method and a path, and what handles them.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: PathTemplate,
    /// The parameters of its query; any other is refused.
    pub query: &'static [&'static str],
    /// The handler.
    pub handler: Handler,
    /// Whether the admin key may not call it, although it is a GET.
    customers_only: bool,
}

/// A handler, by what authorizes its caller.
#[derive(Clone, Copy)]
pub enum Handler {
    /// An API key with this scope, or any.
    Customer(Option<Scope>, for<'a> fn(&'a AppState, &'a Caller, ApiRequest<'a>) -> HandlerFuture<'a>),
    /// The admin key.
    Operator(for<'a> fn(&'a AppState, ApiRequest<'a>) -> HandlerFuture<'a>),
}

/// What a handler returns.
pub type HandlerFuture<'a> = BoxFuture<'a, ApiResult>;

/// A response or an error.
pub type ApiResult = Result<ApiResponse, ApiError>;

/// A customer's handler: the scope that it requires, if it requires one, and its function.
macro_rules! customer {
    ($scope:ident, $function:ident) => {
        $crate::endpoint::Handler::Customer(
            Some(::shared::account::api_key::Scope::$scope),
            |state, caller, request| Box::pin($function(state, caller, request)),
        )
    };
    ($function:ident) => {
        $crate::endpoint::Handler::Customer(None, |state, caller, request| Box::pin($function(state, caller, request)))
    };
}

/// An operator's handler: its function.
macro_rules! operator {
    ($function:ident) => {
        $crate::endpoint::Handler::Operator(|state, request| Box::pin($function(state, request)))
    };
}

pub(crate) use {customer, operator};

impl Route {
    /// A route for a method and a path, without a query.
    pub const fn new(method: &'static str, path: &'static str, handler: Handler) -> Self {
        Self { method, path: PathTemplate(path), query: &[], handler, customers_only: false }
    }

    /// Whether the admin key may call it too, for the account that the query names: it reads what a customer has.
    pub fn is_open_to_operator(&self) -> bool {
        self.method == "GET" && matches!(self.handler, Handler::Customer(..)) && !self.customers_only
    }

    /// The same for customers alone: such a GET changes something of theirs.
    pub const fn for_customers_only(self) -> Self {
        Self { customers_only: true, ..self }
    }

    /// The same with parameters of the query.
    pub const fn with_query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }
}
