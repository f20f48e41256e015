//! Paths of routes, such as `/v1/webhooks/{webhookId}`.

/// A path whose segments in braces are parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PathTemplate(pub &'static str);

impl PathTemplate {
    /// Whether a path has the template's segments. A parameter matches any segment.
    pub fn matches(self, path: &str) -> bool {
        let mut segments = split(path);
        let is_matched = |own: &str| segments.next().is_some_and(|segment| own == segment || own.starts_with('{'));
        split(self.0).all(is_matched) && segments.next().is_none()
    }

    /// The value of a parameter in a path that matches; empty when the template has no such parameter.
    pub fn parameter<'a>(self, name: &str, path: &'a str) -> &'a str {
        let is_named = |own: &str| own.strip_prefix('{').and_then(|own| own.strip_suffix('}')) == Some(name);
        split(self.0).zip(split(path)).find(|(own, _)| is_named(own)).map(|(_, value)| value).unwrap_or_default()
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment_and_yields_its_parameters() {
        let template = PathTemplate("/v1/accounts/{accountId}/keys/{keyId}");
        let path = "/v1/accounts/acc_1/keys/key_1";
        assert!(template.matches(path));
        let values = ["accountId", "keyId", "webhookId"].map(|name| template.parameter(name, path));
        assert_eq!(values, ["acc_1", "key_1", ""]);
        for other in ["/", "/v1/accounts/acc_1/keys", "/v1/accounts/acc_1/keys/key_1/", "/v1/accounts/acc_1/phones/1"] {
            assert!(!template.matches(other), "{other}");
        }
    }
}
