//! Which function answers a request: a full match before a greedy one before the default route, as API Gateway has it.

use axum::http::Method;

use crate::lambda::Function;

/// The routes of an API, or the one route of a function URL.
#[derive(Debug, Default)]
pub struct Routes(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    method: Option<String>,
    path: Option<String>,
    function: Function,
}

/// The route of one request.
#[derive(Debug)]
pub struct Route {
    /// The function that answers.
    pub function: Function,
    /// The route as API Gateway names it, such as `GET /v1/messages/{id}`.
    pub key: String,
    /// What stood in the places of the path's `{names}`.
    pub parameters: Vec<(String, String)>,
}

impl Routes {
    /// A function that answers every request.
    pub fn all_to(function: Function) -> Self {
        Self(vec![Entry { method: None, path: None, function }])
    }

    /// Adds a route; without a path it is the default.
    pub fn add(&mut self, method: Option<&str>, path: Option<&str>, function: Function) {
        let entry = Entry { method: method.map(str::to_owned), path: path.map(str::to_owned), function };
        self.0.push(entry);
        self.0.sort_by_key(Entry::generality);
    }

    /// The route of a request, if there is any.
    pub fn find(&self, method: &Method, path: &str) -> Option<Route> {
        self.0.iter().find_map(|entry| {
            let right_method = entry.method.as_deref().is_none_or(|own| own == method.as_str());
            let parameters = entry.parameters(path).filter(|_| right_method)?;
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

    fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        let Some(pattern) = &self.path else {
            return Some(Vec::new());
        };
        let mut parameters = Vec::new();
        let mut parts = path.split('/');
        for expected in pattern.split('/') {
            if let Some(name) = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix("+}")) {
                let rest: Vec<&str> = parts.by_ref().collect();
                parameters.push((name.to_owned(), rest.join("/")));
                return (!rest.is_empty()).then_some(parameters);
            }
            let part = parts.next()?;
            match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if !part.is_empty() => parameters.push((name.to_owned(), part.to_owned())),
                None if expected == part => {}
                _ => return None,
            }
        }
        parts.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::lambda::Launch;

    fn function(name: &str) -> Function {
        Function::new(Launch {
            name: name.to_owned(),
            arn: String::new(),
            program: PathBuf::new(),
            arguments: Vec::new(),
            variables: Default::default(),
            log: PathBuf::new(),
            timeout: Duration::ZERO,
        })
    }

    #[test]
    fn the_most_specific_route_answers() {
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
        assert_eq!(route.parameters, [("id".to_owned(), "msg_1".to_owned())]);
    }

    #[test]
    fn without_a_default_route_a_strange_path_has_none() {
        let mut routes = Routes::default();
        routes.add(Some("GET"), Some("/a"), function("a"));
        assert!(routes.find(&Method::GET, "/b").is_none());
        assert!(routes.find(&Method::POST, "/a").is_none());
    }
}
