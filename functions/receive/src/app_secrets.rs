//! The app secrets of callbacks: the deployment's, or that of a number whose token belongs to another Meta app, which came
//! with the connect.

use shared::aws::TableError;
use shared::instance::NumberOwner;
use shared::whatsapp::{AppSecret, Callback};

use crate::receiver::Receiver;

/// Whose app signed a callback.
pub enum Signer {
    /// The deployment's: it may report about every number.
    Deployment,
    /// The app of this number, which belongs to this owner and may report about no other.
    Number(String, NumberOwner),
    /// No known app.
    Unknown,
}

impl Receiver {
    /// Finds whose app signed a callback. Meta puts numbers of one business account, and so of one app, into a callback:
    /// the first number decides.
    pub async fn signer(&self, callback: &Callback, signature: &str, body: &[u8]) -> Result<Signer, TableError> {
        if self.app_secret.verifies(signature, body) {
            return Ok(Signer::Deployment);
        }
        let Some(number) = callback.numbers().next().map(str::to_owned) else {
            return Ok(Signer::Unknown);
        };
        let is_signed = |owner: &NumberOwner| self.is_signed_by(owner, &number, signature, body);
        if !self.number_owners.get(&number).await?.is_some_and(|cached| is_signed(&cached)) {
            return Ok(Signer::Unknown);
        }
        // The number may have moved since: its previous owner's app must not report to the next one.
        let owner = self.accounts.number_owner(&number).await?.filter(is_signed);
        Ok(owner.map_or(Signer::Unknown, |owner| Signer::Number(number, owner)))
    }

    fn is_signed_by(&self, owner: &NumberOwner, number_id: &str, signature: &str, body: &[u8]) -> bool {
        let aad = NumberOwner::app_secret_aad(number_id);
        let secret = owner.app_secret.as_ref().and_then(|secret| self.cipher.decrypt(secret, &aad).ok());
        secret.is_some_and(|secret| AppSecret::new(&secret).verifies(signature, body))
    }
}
