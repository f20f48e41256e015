//! The app secrets of callbacks: the deployment's, or that of a number whose token belongs to another Meta app, which came
//! with the connect.

use std::collections::BTreeMap;

use shared::aws::TableError;
use shared::instance::NumberOwner;
use shared::whatsapp::{AppSecret, CallbackSignature, number_ids};

use crate::receiver::Receiver;

/// The current owners of numbers, by WhatsApp's ids of these.
pub type Owners = BTreeMap<String, NumberOwner>;

/// Whose app signed a callback.
pub enum Signer {
    /// The deployment's: it may report about every number.
    Deployment,
    /// The app of these numbers, which belong to these owners; it may report about no other.
    Numbers(Owners),
    /// No known app, although the callback is about a number that is connected here.
    Forger,
    /// No known app, about no number that is connected here.
    Stranger,
}

impl Receiver {
    /// Finds whose app signed a callback, and reads nothing of it but the numbers that it is about. One app may have several
    /// of them, and others that are not connected here.
    pub async fn signer(&self, signature: &CallbackSignature, body: &[u8]) -> Result<Signer, TableError> {
        if self.app_secret.verifies(signature, body) {
            return Ok(Signer::Deployment);
        }
        let (mut signed, mut is_ours) = (Owners::new(), false);
        for number in number_ids(body) {
            let Some(cached) = self.number_owners.get(&number).await? else { continue };
            is_ours = true;
            let is_signed = |owner: &NumberOwner| self.is_signed_by(owner, &number, signature, body);
            if !is_signed(&cached) {
                continue;
            }
            // The number may have moved since: its previous owner's app must not report to the next one.
            if let Some(owner) = self.accounts.number_owner(&number).await?.filter(is_signed) {
                signed.insert(number, owner);
            }
        }
        Ok(match (signed.is_empty(), is_ours) {
            (false, _) => Signer::Numbers(signed),
            (true, true) => Signer::Forger,
            (true, false) => Signer::Stranger,
        })
    }

    fn is_signed_by(&self, owner: &NumberOwner, number_id: &str, signature: &CallbackSignature, body: &[u8]) -> bool {
        let aad = NumberOwner::app_secret_aad(number_id);
        let secret = owner.app_secret.as_ref().and_then(|secret| self.cipher.decrypt(secret, &aad).ok());
        secret.is_some_and(|secret| AppSecret::stored(&secret).verifies(signature, body))
    }
}
