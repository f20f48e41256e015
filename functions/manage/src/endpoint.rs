//! The endpoints: which method and path means which, and what it takes to be let in.

use lambda_http::http::Method;
use shared::account::Scope;
use shared::api_error::{ApiError, ErrorCode};
use shared::key_limit::Class;

/// What a request asks for, with the ids of its path as they were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Endpoint<'a> {
    ListMessages,
    MessageStatus(&'a str),
    CancelMessage(&'a str),
    CreateInstance,
    ListInstances,
    GetInstance(&'a str),
    UpdateInstance(&'a str),
    DeleteInstance(&'a str),
    ConnectInstance(&'a str),
    DisconnectInstance(&'a str),
    InstanceStatus(&'a str),
    CreateWebhook,
    ListWebhooks,
    CreateInbound,
    GetWebhook(&'a str),
    UpdateWebhook(&'a str),
    DeleteWebhook(&'a str),
    RotateSecret(&'a str),
    TestWebhook(&'a str),
    WebhookLogs(&'a str),
    ReplayWebhook(&'a str),
    GetReplay(&'a str, &'a str),
    CreateAccount,
    ListAccounts,
    GetAccount(&'a str),
    UpdateAccount(&'a str),
    AddCredits(&'a str),
    CreateKey(&'a str),
    ListKeys(&'a str),
    RevokeKey(&'a str, &'a str),
    ErasePhone(&'a str, &'a str),
    PutOperatorWebhook(&'a str),
    GetOperatorWebhook(&'a str),
    DeleteOperatorWebhook(&'a str),
    /// Another function's: here only by a wrong method.
    Elsewhere,
}

/// What lets a caller in.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// A customer's key with a scope; it counts against the key's limit of a class.
    Key(Class, Scope),
    /// The deployment's admin key.
    Admin,
}

impl<'a> Endpoint<'a> {
    /// What a method and a path mean.
    pub fn find(method: &Method, path: &'a str) -> Result<Self, ApiError> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let known = Self::at(&parts);
        if known.is_empty() {
            return Err(ApiError::new(ErrorCode::RouteNotFound, "there is nothing at this path"));
        }
        let found = known.iter().find(|(own, endpoint)| own == method && *endpoint != Self::Elsewhere);
        found.map(|(_, endpoint)| *endpoint).ok_or_else(|| {
            let methods: Vec<&str> = known.iter().map(|(method, _)| method.as_str()).collect();
            ApiError::new(ErrorCode::MethodNotAllowed, format!("this path takes {}", methods.join(", ")))
        })
    }

    /// The methods of a path.
    fn at(parts: &[&'a str]) -> Vec<(Method, Self)> {
        use Method as M;
        match *parts {
            ["v1", "messages"] => vec![(M::GET, Self::ListMessages)],
            ["v1", "messages", "send"] | ["webhook", _] => vec![(M::POST, Self::Elsewhere)],
            ["v1", "messages", id] => vec![(M::DELETE, Self::CancelMessage(id))],
            ["v1", "messages", id, "status"] => vec![(M::GET, Self::MessageStatus(id))],
            ["v1", "instances", ref rest @ ..] => Self::at_instances(rest),
            ["v1", "webhooks", ref rest @ ..] => Self::at_webhooks(rest),
            ["v1", "admin", "accounts", ref rest @ ..] => Self::at_accounts(rest),
            _ => Vec::new(),
        }
    }

    fn at_instances(parts: &[&'a str]) -> Vec<(Method, Self)> {
        use Method as M;
        match *parts {
            [] => vec![(M::POST, Self::CreateInstance), (M::GET, Self::ListInstances)],
            [id] => vec![
                (M::GET, Self::GetInstance(id)),
                (M::PATCH, Self::UpdateInstance(id)),
                (M::DELETE, Self::DeleteInstance(id)),
            ],
            [id, "connect"] => vec![(M::POST, Self::ConnectInstance(id))],
            [id, "disconnect"] => vec![(M::POST, Self::DisconnectInstance(id))],
            [id, "status"] => vec![(M::GET, Self::InstanceStatus(id))],
            _ => Vec::new(),
        }
    }

    fn at_webhooks(parts: &[&'a str]) -> Vec<(Method, Self)> {
        use Method as M;
        match *parts {
            [] => vec![(M::POST, Self::CreateWebhook), (M::GET, Self::ListWebhooks)],
            ["inbound"] => vec![(M::POST, Self::CreateInbound)],
            [id] => vec![
                (M::GET, Self::GetWebhook(id)),
                (M::PUT, Self::UpdateWebhook(id)),
                (M::DELETE, Self::DeleteWebhook(id)),
            ],
            [id, "rotate"] => vec![(M::POST, Self::RotateSecret(id))],
            [id, "test"] => vec![(M::POST, Self::TestWebhook(id))],
            [id, "logs"] => vec![(M::GET, Self::WebhookLogs(id))],
            [id, "replay"] => vec![(M::POST, Self::ReplayWebhook(id))],
            [id, "replays", replay] => vec![(M::GET, Self::GetReplay(id, replay))],
            _ => Vec::new(),
        }
    }

    fn at_accounts(parts: &[&'a str]) -> Vec<(Method, Self)> {
        use Method as M;
        match *parts {
            [] => vec![(M::POST, Self::CreateAccount), (M::GET, Self::ListAccounts)],
            [id] => vec![(M::GET, Self::GetAccount(id)), (M::PATCH, Self::UpdateAccount(id))],
            [id, "webhook"] => vec![
                (M::GET, Self::GetOperatorWebhook(id)),
                (M::PUT, Self::PutOperatorWebhook(id)),
                (M::DELETE, Self::DeleteOperatorWebhook(id)),
            ],
            [id, "credits"] => vec![(M::POST, Self::AddCredits(id))],
            [id, "keys"] => vec![(M::POST, Self::CreateKey(id)), (M::GET, Self::ListKeys(id))],
            [id, "keys", key] => vec![(M::DELETE, Self::RevokeKey(id, key))],
            [id, "phones", phone] => vec![(M::DELETE, Self::ErasePhone(id, phone))],
            _ => Vec::new(),
        }
    }

    /// What it takes to be let in.
    pub const fn access(self) -> Access {
        use Endpoint as E;
        match self {
            E::ListMessages | E::MessageStatus(_) | E::Elsewhere => Access::Key(Class::Messages, Scope::MessagesRead),
            E::CancelMessage(_) => Access::Key(Class::Messages, Scope::MessagesWrite),
            E::ListInstances | E::GetInstance(_) | E::InstanceStatus(_) => {
                Access::Key(Class::Instances, Scope::InstancesRead)
            }
            E::CreateInstance
            | E::UpdateInstance(_)
            | E::DeleteInstance(_)
            | E::ConnectInstance(_)
            | E::DisconnectInstance(_) => Access::Key(Class::Instances, Scope::InstancesWrite),
            E::ListWebhooks | E::GetWebhook(_) | E::WebhookLogs(_) | E::GetReplay(..) => {
                Access::Key(Class::Webhooks, Scope::WebhooksRead)
            }
            E::CreateWebhook
            | E::CreateInbound
            | E::UpdateWebhook(_)
            | E::DeleteWebhook(_)
            | E::RotateSecret(_)
            | E::ReplayWebhook(_)
            | E::TestWebhook(_) => Access::Key(Class::Webhooks, Scope::WebhooksWrite),
            E::CreateAccount
            | E::ListAccounts
            | E::GetAccount(_)
            | E::UpdateAccount(_)
            | E::AddCredits(_)
            | E::CreateKey(_)
            | E::ListKeys(_)
            | E::RevokeKey(..)
            | E::PutOperatorWebhook(_)
            | E::GetOperatorWebhook(_)
            | E::DeleteOperatorWebhook(_)
            | E::ErasePhone(..) => Access::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_thing_for_each_method_that_it_takes() {
        for (method, path, endpoint) in [
            (Method::GET, "/v1/messages", Endpoint::ListMessages),
            (Method::DELETE, "/v1/messages/msg_1", Endpoint::CancelMessage("msg_1")),
            (Method::POST, "/v1/instances/inst_1/connect", Endpoint::ConnectInstance("inst_1")),
            (Method::POST, "/v1/webhooks/inbound", Endpoint::CreateInbound),
            (Method::DELETE, "/v1/admin/accounts/acc_1/keys/key_1", Endpoint::RevokeKey("acc_1", "key_1")),
        ] {
            assert_eq!(Endpoint::find(&method, path).ok(), Some(endpoint), "{method} {path}");
        }
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones_and_a_wrong_path_nothing() {
        let refusal = |method: Method, path| {
            let error = Endpoint::find(&method, path).expect_err("wrong");
            (error.code(), error.message().to_owned())
        };
        let (code, message) = refusal(Method::PUT, "/v1/instances/inst_1");
        assert_eq!((code, message.as_str()), (ErrorCode::MethodNotAllowed, "this path takes GET, PATCH, DELETE"));
        assert_eq!(refusal(Method::POST, "/v1/messages/send").0, ErrorCode::MethodNotAllowed);
        assert_eq!(refusal(Method::GET, "/v1/nothing").0, ErrorCode::RouteNotFound);
        assert_eq!(refusal(Method::GET, "/").0, ErrorCode::RouteNotFound);
    }
}
