//! The list of endpoints, from which routing, authorization and the OpenAPI document are derived.

use lambda_http::http::Method;
use shared::http::{ApiError, ErrorCode};

use crate::endpoint::{Endpoint, Route};
use crate::path_template::PathTemplate;
use crate::{
    account, batches, chats, instances, listeners, media, messages, operator, statistics, templates, webhooks,
};

/// All endpoints. A path without parameters is listed before one that matches it as well.
pub const ENDPOINTS: [Endpoint; 61] = [
    messages::history::LIST,
    messages::get::GET,
    messages::cancel::CANCEL,
    messages::status::GET,
    messages::details::GET,
    messages::timeline::GET,
    messages::media::GET,
    messages::read::READ,
    batches::list::LIST,
    batches::get::GET,
    batches::cancel::CANCEL,
    chats::list::LIST,
    chats::get::GET,
    media::create::CREATE,
    media::get::GET,
    templates::list::LIST,
    templates::list::GET,
    templates::create::CREATE,
    templates::delete::DELETE,
    account::GET,
    statistics::get::GET,
    instances::create::CREATE,
    instances::list::LIST,
    instances::list::GET,
    instances::update::UPDATE,
    instances::delete::DELETE,
    instances::connect::CONNECT,
    instances::disconnect::DISCONNECT,
    instances::status::GET,
    webhooks::create::CREATE,
    webhooks::list::LIST,
    webhooks::inbound_url::CREATE,
    webhooks::inbound_url::LIST,
    webhooks::list::GET,
    webhooks::update::UPDATE,
    webhooks::delete::DELETE,
    webhooks::rotate_secret::ROTATE,
    webhooks::test::TEST,
    webhooks::delivery_log::LIST,
    webhooks::replay::START,
    webhooks::replay::GET,
    listeners::create::CREATE,
    listeners::events::LIST,
    listeners::delete::DELETE,
    operator::accounts::CREATE,
    operator::accounts::LIST,
    operator::accounts::GET,
    operator::accounts::UPDATE,
    operator::close_account::CLOSE,
    operator::credits::GRANT,
    operator::operator_webhook::GET,
    operator::operator_webhook::SET,
    operator::operator_webhook::DELETE,
    operator::api_keys::CREATE,
    operator::api_keys::LIST,
    operator::api_keys::REVOKE,
    operator::erasure::ERASE_PHONE,
    operator::erasure::ERASE_USER,
    operator::unread_callbacks::LIST,
    operator::unread_callbacks::REPLAY,
    operator::dead_letters::LIST,
];

/// The endpoints' routes alone: the function's binary does not contain their descriptions.
static ROUTES: [Route; ENDPOINTS.len()] = {
    let mut routes = [ENDPOINTS[0].route; ENDPOINTS.len()];
    let mut index = 1;
    while index < routes.len() {
        routes[index] = ENDPOINTS[index].route;
        index += 1;
    }
    routes
};

/// The paths of `send`, which accepts only POST: API Gateway routes their other methods here.
const SEND_PATHS: [PathTemplate; 3] =
    [PathTemplate("/v1/messages/send"), PathTemplate("/v1/messages/batch"), PathTemplate("/webhook/{token}")];

/// The route of a method and a path.
pub fn find(method: &Method, path: &str) -> Result<&'static Route, ApiError> {
    if SEND_PATHS.iter().any(|template| template.matches(path)) {
        return Err(method_not_allowed(&["POST"]));
    }
    let first = ROUTES.iter().find(|route| route.path.matches(path)).ok_or(ErrorCode::RouteNotFound)?;
    let routes: Vec<&Route> = ROUTES.iter().filter(|route| route.path == first.path).collect();
    let found = routes.iter().find(|route| route.method == method.as_str()).copied();
    found.ok_or_else(|| method_not_allowed(&routes.iter().map(|route| route.method).collect::<Vec<_>>()))
}

fn method_not_allowed(methods: &[&str]) -> ApiError {
    let message = format!("This path supports only {}.", methods.join(", "));
    ApiError::new(ErrorCode::MethodNotAllowed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(method: Method, path: &str) -> (ErrorCode, String) {
        let error = find(&method, path).err().expect("no route");
        (error.code, error.message)
    }

    #[test]
    fn every_route_is_found_by_its_own_path() {
        for route in &ROUTES {
            let method = route.method.parse().expect("a method");
            let found = find(&method, route.path.0).expect("the route");
            assert_eq!((found.method, found.path), (route.method, route.path));
        }
    }

    #[test]
    fn a_wrong_method_is_refused_with_the_methods_of_the_path() {
        let (code, message) = refusal(Method::PUT, "/v1/instances/inst_1");
        assert_eq!(
            (code, message.as_str()),
            (ErrorCode::MethodNotAllowed, "This path supports only GET, PATCH, DELETE.")
        );
        for path in ["/v1/messages/send", "/webhook/in_token"] {
            let only_post = (ErrorCode::MethodNotAllowed, "This path supports only POST.".to_owned());
            assert_eq!(refusal(Method::DELETE, path), only_post, "{path}");
        }
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in ["/", "/v1", "/v1/nothing", "/v1/webhooks/wh_1/nothing"] {
            assert_eq!(refusal(Method::GET, path).0, ErrorCode::RouteNotFound, "{path}");
        }
    }
}
