//! Numbers that are in use in WhatsApp's app as well: WhatsApp accepts fewer messages of them, so they are paced more slowly.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::aws::TableError;

use crate::app_secrets::Owners;
use crate::receiver::Receiver;
use crate::store_error::StoreError;

/// How long a number's rate is not checked again: WhatsApp reports each message that somebody writes in the app.
const NOTED: Duration = Duration::from_secs(10 * 60);

impl Receiver {
    /// Notes the numbers of a callback that are in use in WhatsApp's app.
    pub async fn note_shared_with_app(
        &self,
        numbers: &BTreeSet<String>,
        owners: Option<&Owners>,
    ) -> Result<(), StoreError> {
        for number in numbers {
            self.note_number_shared_with_app(number, owners).await?;
        }
        Ok(())
    }

    async fn note_number_shared_with_app(&self, number_id: &String, owners: Option<&Owners>) -> Result<(), TableError> {
        let (accounts, noted) = (&self.accounts, &self.shared_with_app);
        if noted.get(number_id).is_some() {
            return Ok(());
        }
        let owner = match owners {
            Some(owners) => owners.get(number_id).cloned(),
            None => accounts.number_owner(number_id).await?,
        };
        if let Some(owner) = owner
            && let Some(instance) = accounts.instance(&owner.account_id, &owner.instance_id).await?
            && let Some(number) = instance.number.as_ref().filter(|number| number.id == *number_id)
        {
            accounts.note_shared_with_app(&instance, number).await?;
        }
        noted.put(number_id.clone(), (), NOTED);
        Ok(())
    }
}
