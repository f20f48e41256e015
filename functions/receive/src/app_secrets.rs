//! The app secrets of callbacks: the deployment's, or that of a number whose token belongs to another Meta app, which came
//! with the connect.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use shared::aws::TableError;
use shared::clock;
use shared::ids::AccountId;
use shared::instance::NumberOwner;
use shared::security::SecretCipher;
use shared::whatsapp::{AppSecret, CallbackIds, CallbackSignature};

use crate::receiver::{MAX_CONCURRENCY, Receiver};
use crate::secrets::ReceiveSecrets;
use crate::store_error::StoreError;

/// The current owners of numbers, by WhatsApp's ids of these.
pub type Owners = BTreeMap<String, NumberOwner>;

/// Whose app signed a callback.
pub enum Signer {
    /// The deployment's: it may report about every number.
    Deployment,
    /// The app of these numbers, which belong to these owners; it may report about no other.
    Numbers(Owners),
    /// No known app, although the callback is about a number or a business account that is connected here.
    Forger {
        /// Whether a number that it is about has had no other callback for an hour: the app secret may be wrong.
        is_number_silent: bool,
    },
    /// No known app, about nothing that is connected here.
    Stranger,
}

/// How long a number without a callback counts as silent when one that is not signed comes.
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// The secrets that are tried on one callback: each costs a pass over its bytes, and nobody has signed it yet.
const MAX_SECRETS: usize = 40;

/// A callback whose signature is being verified with the secrets of numbers.
struct Verification<'a> {
    cipher: &'a SecretCipher,
    signature: &'a CallbackSignature,
    body: &'a [u8],
    /// The secrets that were tried, and whether they sign: numbers of one app share theirs.
    tried: Vec<(SecretString, bool)>,
    /// The numbers whose secret signs.
    signed: Owners,
    /// Whether it is about a number, or a business account, that is connected here.
    is_ours: bool,
    /// Whether such a number has had no callback for a while.
    is_number_silent: bool,
    /// Whether a secret that may sign cannot be decrypted, because this process does not have its key.
    has_unknown_key: bool,
}

impl Receiver {
    /// Finds whose app signed a callback, and reads nothing of it but the numbers and business accounts that it is about. One
    /// app may have several of them, and others that are not connected here. Before it refuses one, it reads the secrets again.
    pub async fn signer(&self, signature: &CallbackSignature, body: &[u8]) -> Result<Signer, StoreError> {
        let secrets = self.secrets.get();
        let signer = self.signer_by(&secrets, signature, body).await;
        if !matches!(signer, Ok(Signer::Forger { .. } | Signer::Stranger) | Err(StoreError::UnknownSecretKey)) {
            return signer;
        }
        match self.secrets.newer_than(&secrets).await {
            Some(newer) => self.signer_by(&newer, signature, body).await,
            None => signer,
        }
    }

    async fn signer_by(
        &self,
        secrets: &ReceiveSecrets,
        signature: &CallbackSignature,
        body: &[u8],
    ) -> Result<Signer, StoreError> {
        if secrets.app.app_secret.verifies(signature, body) {
            return Ok(Signer::Deployment);
        }
        let (cipher, tried, signed) = (&secrets.cipher, Vec::new(), Owners::new());
        let [is_ours, is_number_silent, has_unknown_key] = [false; 3];
        let mut verification =
            Verification { cipher, signature, body, tried, signed, is_ours, is_number_silent, has_unknown_key };
        let ids = CallbackIds::read(body);
        let is_full = ids.is_full();
        self.try_secrets(&mut verification, ids).await?;
        if is_full && !verification.signed.is_empty() {
            self.try_secrets(&mut verification, CallbackIds::read_verified(body)).await?;
        }
        let Verification { signed, is_ours, is_number_silent, has_unknown_key, .. } = verification;
        if has_unknown_key {
            return Err(StoreError::UnknownSecretKey);
        }
        Ok(match (signed.is_empty(), is_ours) {
            (false, _) => Signer::Numbers(signed),
            (true, true) => Signer::Forger { is_number_silent },
            (true, false) => Signer::Stranger,
        })
    }

    /// Tries the secrets of numbers and, if that is not enough, of those of business accounts.
    async fn try_secrets(&self, verification: &mut Verification<'_>, ids: CallbackIds) -> Result<(), TableError> {
        // At once, into the cache: a customer's own app may name a thousand, one after the other.
        let read = stream::iter(ids.numbers.clone())
            .map(|number| async move { self.number_owners.get(&number).await.map(drop) });
        read.buffer_unordered(MAX_CONCURRENCY).try_collect::<()>().await?;
        for number in &ids.numbers {
            self.try_secret(verification, number.clone(), None).await?;
        }
        self.try_current_secrets(verification, &ids.numbers).await?;
        if verification.signed.is_empty() || ids.has_changes_without_number {
            for business in ids.businesses {
                for number in self.business_numbers.get(&business).await? {
                    self.try_secret(verification, number, Some(&business)).await?;
                }
            }
        }
        Ok(())
    }

    /// Tries the current secrets of numbers whose cached one does not sign, if the app of another number has signed: what is about
    /// them would be dropped, and WhatsApp would not repeat it. Not of numbers of other accounts than that app's.
    async fn try_current_secrets(
        &self,
        verification: &mut Verification<'_>,
        numbers: &[String],
    ) -> Result<(), TableError> {
        if verification.signed.is_empty() {
            return Ok(());
        }
        let signers: BTreeSet<AccountId> = verification.signed.values().map(|owner| owner.account_id.clone()).collect();
        let mut unsigned = Vec::new();
        for number in numbers.iter().filter(|number| !verification.signed.contains_key(*number)) {
            let cached = self.number_owners.get(number).await?;
            if cached.is_none_or(|owner| signers.contains(&owner.account_id)) {
                unsigned.push(number.clone());
            }
        }
        let read = stream::iter(unsigned).map(|number| async move {
            let owner = self.accounts.number_owner(&number).await?;
            Ok::<_, TableError>(owner.map(|owner| (number, owner)))
        });
        let current: Vec<_> = read.buffer_unordered(MAX_CONCURRENCY).try_collect().await?;
        for (number, owner) in current.into_iter().flatten() {
            if verification.is_signed_by_app_of(&owner, &number) {
                verification.signed.insert(number, owner);
            }
        }
        Ok(())
    }

    /// Tries the secret of a number, of this business account if one is given.
    async fn try_secret(
        &self,
        verification: &mut Verification<'_>,
        number: String,
        business: Option<&str>,
    ) -> Result<(), TableError> {
        if verification.signed.contains_key(&number) {
            return Ok(());
        }
        let is_candidate = |owner: &NumberOwner| business.is_none_or(|business| owner.belongs_to(business));
        let Some(cached) = self.number_owners.get(&number).await?.filter(is_candidate) else { return Ok(()) };
        verification.is_ours = true;
        if !verification.is_signed_by_app_of(&cached, &number) {
            // A connect may have brought another secret since. Not for a business account, which may have a thousand numbers.
            let again = if business.is_none() { self.number_owners.get_again(&number).await? } else { None };
            let is_silent = |owner: &NumberOwner| owner.is_silent_since(clock::now().minus(SILENCE));
            verification.is_number_silent |= again.as_ref().is_some_and(is_silent);
            if !again.is_some_and(|owner| verification.is_signed_by_app_of(&owner, &number)) {
                return Ok(());
            }
        }
        // The number may have moved since: its previous owner's app must not report to the next one.
        let current = self.accounts.number_owner(&number).await?.filter(is_candidate);
        if let Some(owner) = current
            && verification.is_signed_by_app_of(&owner, &number)
        {
            verification.signed.insert(number, owner);
        }
        Ok(())
    }
}

impl Verification<'_> {
    /// Whether the app whose secret came with the number's connect signed the callback.
    fn is_signed_by_app_of(&mut self, owner: &NumberOwner, number_id: &str) -> bool {
        let Some(secret) = &owner.app_secret else { return false };
        match self.cipher.decrypt(secret, &NumberOwner::app_secret_aad(number_id)) {
            Ok(secret) => self.is_signed_by(&secret),
            Err(error) => {
                self.has_unknown_key |= error.is_unknown_key();
                false
            }
        }
    }

    fn is_signed_by(&mut self, secret: &SecretString) -> bool {
        let is_same = |(tried, _): &&(SecretString, bool)| tried.expose_secret() == secret.expose_secret();
        if let Some((_, signs)) = self.tried.iter().find(is_same) {
            return *signs;
        }
        if self.tried.len() >= MAX_SECRETS {
            return false;
        }
        let signs = AppSecret::stored(secret).verifies(self.signature, self.body);
        self.tried.push((secret.clone(), signs));
        signs
    }
}
