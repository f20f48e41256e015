//! Numbers whose tokens belong to another Meta app than the deployment's: their callbacks are signed with that app's
//! secret, which came with the connect.

use shared::instance::NumberOwner;
use shared::sealed::Sealer;

use crate::signature::AppSecret;

/// Whether the app of this number has signed these bytes. It speaks for this number only.
pub fn verifies(sealer: &Sealer, owner: &NumberOwner, number_id: &str, signature: &str, body: &[u8]) -> bool {
    let place = NumberOwner::app_secret_place(number_id);
    let secret = owner.app_secret.as_ref().and_then(|sealed| sealer.open(sealed, &place).ok());
    secret.is_some_and(|secret| AppSecret::new(&secret).verifies(signature, body))
}
