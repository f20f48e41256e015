//! The OpenAPI description of `manage`, derived from the list of endpoints.

use serde_json::json;
use shared::http::{Credential, ErrorCode, Operation};

use crate::endpoint::{Endpoint, Handler};
use crate::endpoints::ENDPOINTS;
use crate::lookup;

/// The operations.
pub fn operations() -> Vec<Operation> {
    ENDPOINTS.iter().map(operation).collect()
}

fn operation(endpoint: &Endpoint) -> Operation {
    let route = endpoint.route;
    let credential = match route.handler {
        Handler::Customer(Some(scope), _) => Credential::Key(scope.name()),
        Handler::Customer(None, _) => Credential::AnyKey,
        Handler::Operator(_) => Credential::Admin,
    };
    let operation = Operation::new(route.method, route.path.0, endpoint.id, credential, endpoint.summary);
    let described = (endpoint.describe)(operation);
    if !route.is_open_to_operator() {
        return described;
    }
    let account = "The account to read: required with the admin key, and refused with an API key";
    described
        .query(lookup::ACCOUNT, false, json!({ "type": "string" }), account)
        .or_with_admin_key()
        .errors(&[ErrorCode::InvalidRequest, ErrorCode::AccountNotFound])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_query_takes_the_parameters_that_are_described() {
        for endpoint in &ENDPOINTS {
            let described = operation(endpoint).json["parameters"].take();
            let in_query = described.as_array().expect("a list").iter().filter(|parameter| parameter["in"] == "query");
            let described: BTreeSet<_> = in_query.map(|parameter| parameter["name"].as_str().expect("text")).collect();
            let account = endpoint.route.is_open_to_operator().then_some(lookup::ACCOUNT);
            let known: BTreeSet<_> = endpoint.route.query.iter().copied().chain(account).collect();
            assert_eq!(known, described, "{}", endpoint.id);
        }
    }

    #[test]
    fn every_endpoint_has_an_id_of_its_own_and_a_successful_response() {
        let operations = operations();
        let ids: BTreeSet<_> = operations.iter().map(|operation| operation.json["operationId"].as_str()).collect();
        assert_eq!(ids.len(), ENDPOINTS.len());
        for operation in &operations {
            let responses = operation.json["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{operation:?}");
        }
    }
}
