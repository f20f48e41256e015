//! `POST /v1/admin/accounts/{id}/credits`: gives credits, or takes them back.

use serde::{Deserialize, Serialize};
use shared::account::Account;
use shared::account_key::ItemKey;
use shared::api_error::ApiError;
use shared::change::Change;
use shared::conditional_write::Transacted;
use shared::request_body::{self, required};
use utoipa::ToSchema;

use super::accounts::MAX_CREDITS;
use super::unavailable;
use crate::answer::Answer;
use crate::router::Manager;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreditsBody)]
pub struct Fields {
    #[schema(required = true, value_type = i64)]
    amount: Option<i64>,
}

/// What is answered.
#[derive(Serialize, ToSchema)]
pub struct Credits {
    credits: i64,
}

/// Adds to an account's credits; a negative amount takes back, never below 0.
///
/// A transaction of one write, since an addition must not be applied twice when its answer is lost and the SDK asks
/// again: DynamoDB knows the transaction by its token.
pub async fn add(manager: &Manager, account: &Account, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(body)?;
    let amount = required(fields.amount, "amount", "credits to give, or a negative number to take back")?;
    if amount == 0 || !(-MAX_CREDITS..=MAX_CREDITS).contains(&amount) {
        return Err(ApiError::invalid("amount", format!("must be from -{MAX_CREDITS} to {MAX_CREDITS}, and not 0")));
    }
    let change = Change::new().add("credits", amount);
    let change = if amount < 0 { change.when_at_least("credits", -amount) } else { change.when_present("credits") };
    let accounts = &manager.books.accounts;
    let writes = vec![accounts.change_in_transaction(ItemKey::meter(&account.id), &change)];
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => {}
        Transacted::Refused(..) => return Err(ApiError::invalid("amount", "is more than the account has left")),
    }
    tracing::info!(account_id = %account.id, amount, "credits.added");
    let meter = accounts.meter(&account.id).await.map_err(unavailable)?;
    Answer::ok(&Credits { credits: meter.map_or(0, |meter| meter.credits) })
}
