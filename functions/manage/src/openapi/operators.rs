//! The calls that the admin key opens.

use serde_json::{Value, json};
use shared::api_error::ErrorCode;
use shared::openapi::Operation;

use super::{last_page, limited, numbered, only_row, text};
use crate::admin::{
    AccountFields, Credits, CreditsFields, Erased, KeyFields, NewAccountFields, OperatorWebhookFields, ShownAccount,
    ShownKey, ShownOperatorWebhook,
};
use crate::answer::{CursorPage, OffsetPage};
use crate::endpoint::Endpoint;

const AT: &str = "2026-02-03T12:00:00.000Z";

fn account() -> Value {
    json!({ "id": "acc_xyz789", "name": "Shop", "plan": "starter", "requestsPerMinute": 2000, "credits": 1000, "createdAt": AT })
}

/// Describes one.
pub fn describe(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    match endpoint {
        Endpoint::CreateAccount => call("createAccount", "Create an account")
            .body::<NewAccountFields>(
                true,
                &[("account", json!({ "name": "Shop", "plan": "starter", "credits": 1000 }))],
            )
            .answers_data::<ShownAccount>(201, account()),
        Endpoint::ListAccounts => limited(call("listAccounts", "Accounts, in the order of their ids"))
            .query("after", false, text(), "The nextCursor of the page before")
            .answers_page::<ShownAccount, CursorPage>(account(), last_page())
            .errors(&[ErrorCode::InvalidRequest]),
        Endpoint::GetAccount(_) => call("getAccount", "One account")
            .answers_data::<ShownAccount>(200, account())
            .errors(&[ErrorCode::AccountNotFound]),
        Endpoint::UpdateAccount(_) => call("updateAccount", "Change what is named, and leave the rest")
            .body::<AccountFields>(true, &[("plan", json!({ "plan": "enterprise", "requestsPerMinute": 50000 }))])
            .answers_data::<ShownAccount>(200, account())
            .errors(&[ErrorCode::AccountNotFound]),
        Endpoint::AddCredits(_) => call("addCredits", "Give credits, or take back what is left")
            .body::<CreditsFields>(true, &[("give", json!({ "amount": 500 })), ("take", json!({ "amount": -500 }))])
            .answers_data::<Credits>(200, json!({ "credits": 1500 }))
            .errors(&[ErrorCode::AccountNotFound]),
        Endpoint::ErasePhone(..) => call("erasePhone", "Forget all messages of an account with one phone number")
            .answers_data::<Erased>(200, json!({ "erased": 12, "remaining": 0 }))
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidPhoneNumber]),
        Endpoint::PutOperatorWebhook(_) | Endpoint::GetOperatorWebhook(_) | Endpoint::DeleteOperatorWebhook(_) => {
            of_webhook(endpoint, call)
        }
        _ => of_keys(endpoint, call),
    }
}

fn of_webhook(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    let webhook =
        json!({ "id": "wh_xyz789", "url": "https://example.com/operator", "status": "active", "createdAt": AT });
    match endpoint {
        Endpoint::PutOperatorWebhook(_) => {
            let mut set = webhook;
            set["secret"] = json!("whs_…");
            set["signingSecret"] = json!("whsec_…");
            call(
                "setOperatorWebhook",
                "Have webhook.exhausted and webhook.disabled of an account's webhooks told to you",
            )
            .body::<OperatorWebhookFields>(true, &[("webhook", json!({ "url": "https://example.com/operator" }))])
            .answers_data::<ShownOperatorWebhook>(200, set)
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidWebhookUrl])
        }
        Endpoint::GetOperatorWebhook(_) => call("getOperatorWebhook", "The operator's webhook of an account")
            .answers_data::<ShownOperatorWebhook>(200, webhook)
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::WebhookNotFound]),
        _ => call("deleteOperatorWebhook", "Have nothing of an account's webhooks told to you any more")
            .answers_nothing()
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::WebhookNotFound]),
    }
}

fn of_keys(endpoint: Endpoint<'_>, call: impl Fn(&str, &str) -> Operation) -> Operation {
    let key = json!({ "id": "key_xyz789", "name": "Server", "scopes": ["messages:write"], "expiresAt": null, "createdAt": AT });
    match endpoint {
        Endpoint::CreateKey(_) => {
            let mut created = key;
            created["key"] = json!("pombo_…");
            call("createKey", "Create an API key; shown now and never again")
                .body::<KeyFields>(true, &[("key", json!({ "name": "Server", "scopes": ["messages:write"] }))])
                .answers_data::<ShownKey>(201, created)
                .errors(&[ErrorCode::AccountNotFound])
        }
        Endpoint::ListKeys(_) => numbered(call("listKeys", "Keys without their secrets, oldest first"))
            .answers_page::<ShownKey, OffsetPage>(key, only_row())
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidRequest]),
        _ => call("revokeKey", "Revoke a key; it may work for a minute more")
            .answers_nothing()
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::KeyNotFound]),
    }
}
