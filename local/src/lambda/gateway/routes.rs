//! Routing, by API Gateway's precedence: a full match, then a greedy match, then the default route.

use std::collections::BTreeMap;

use axum::http::Method;

use crate::lambda::function::Function;

/// The routes of an API, or the only route of a function URL.
#[derive(Debug, Default)]
pub struct Routes(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    method: Option<String>,
    path: Option<String>,
    function: Function,
}

/// The route of a request.
#[derive(Debug)]
pub struct Route {
    pub function: Function,
    /// The route key, such as `GET /v1/messages/{id}`.
    pub key: String,
    pub parameters: BTreeMap<String, String>,
}

impl Routes {
    /// Adds a route; without a path it is the default route.
    pub fn add(&mut self, method: Option<&str>, path: Option<&str>, function: Function) {
        self.0.push(Entry { method: method.map(str::to_owned), path: path.map(str::to_owned), function });
        self.0.sort_by_key(Entry::generality);
    }

    /// Finds the route of a request.
    pub fn find(&self, method: &Method, path: &str) -> Option<Route> {
        self.0.iter().find_map(|entry| {
            let matches_method = entry.method.as_deref().is_none_or(|own| own == method.as_str());
            let parameters = entry.parameters(path).filter(|_| matches_method)?;
            Some(Route { function: entry.function.clone(), key: entry.key(), parameters })
        })
    }
}

impl Entry {
    fn generality(&self) -> (u8, usize, bool) {
        let path = self.path.as_deref().unwrap_or_default();
        let kind = if self.path.is_none() { 2 } else { u8::from(path.contains("+}")) };
        (kind, path.matches('{').count(), self.method.is_none())
    }

    fn key(&self) -> String {
        match &self.path {
            Some(path) => format!("{} {path}", self.method.as_deref().unwrap_or("ANY")),
            None => "$default".to_owned(),
        }
    }

    fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let Some(pattern) = &self.path else {
            return Some(BTreeMap::new());
        };
        let mut parameters = BTreeMap::new();
        let mut parts = path.split('/');
        for expected in pattern.split('/') {
            if let Some(name) = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix("+}")) {
                let rest: Vec<&str> = parts.by_ref().collect();
                parameters.insert(name.to_owned(), rest.join("/"));
                return (!rest.is_empty()).then_some(parameters);
            }
            let part = parts.next()?;
            match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if !part.is_empty() => drop(parameters.insert(name.to_owned(), part.to_owned())),
                None if expected == part => {}
                _ => return None,
            }
        }
        parts.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::execution_environment::FunctionConfig;

    fn function(name: &str) -> Function {
        Function::new(FunctionConfig { name: name.to_owned(), ..FunctionConfig::default() })
    }

    #[test]
    fn the_most_specific_route_is_used() {
        let mut routes = Routes::default();
        routes.add(None, None, function("default"));
        routes.add(None, Some("/v1/{proxy+}"), function("greedy"));
        routes.add(Some("GET"), Some("/v1/messages/{id}/status"), function("status"));
        routes.add(Some("POST"), Some("/v1/messages/send"), function("send"));
        for (method, path, expected, key) in [
            (Method::POST, "/v1/messages/send", "send", "POST /v1/messages/send"),
            (Method::GET, "/v1/messages/send", "greedy", "ANY /v1/{proxy+}"),
            (Method::GET, "/v1/messages/msg_1/status", "status", "GET /v1/messages/{id}/status"),
            (Method::GET, "/v1/messages//status", "greedy", "ANY /v1/{proxy+}"),
            (Method::GET, "/", "default", "$default"),
        ] {
            let route = routes.find(&method, path).expect(path);
            assert_eq!((route.function.name(), route.key.as_str()), (expected, key), "{method} {path}");
        }
        let route = routes.find(&Method::GET, "/v1/messages/msg_1/status").expect("a route");
        assert_eq!(route.parameters, [("id".to_owned(), "msg_1".to_owned())].into());
    }

    #[test]
    fn without_a_default_route_an_unknown_path_has_no_route() {
        let mut routes = Routes::default();
        routes.add(Some("GET"), Some("/a"), function("a"));
        assert!(routes.find(&Method::GET, "/b").is_none());
        assert!(routes.find(&Method::POST, "/a").is_none());
    }
}
