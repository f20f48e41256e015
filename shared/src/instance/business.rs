//! Which numbers belong to a business account: found for callbacks that name only the account (the items `business#…`).
//!
//! A number is listed under a business account when WhatsApp has accepted, at its connect, the number's token for that
//! account: nobody is listed under somebody else's (docs/adr/0038). An entry counts only while the number's owner names the
//! same account.

use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::instance::record::NumberOwner;

/// A number in the list of its business account.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct BusinessNumber {
    number_id: String,
}

/// The write of an entry of the list.
pub(super) fn listing(number_id: &str) -> UpdateBuilder {
    UpdateBuilder::new().set("numberId", number_id)
}

impl AccountsTable {
    /// The numbers that are listed under a business account, by WhatsApp's ids.
    pub async fn business_numbers(&self, business_id: &str) -> Result<Vec<String>, TableError> {
        let listed: Vec<BusinessNumber> = self.query(&ItemKey::business_partition(business_id), "").await?;
        Ok(listed.into_iter().map(|listed| listed.number_id).collect())
    }

    /// Lists a number of an earlier version's connect. First the entry, which counts only with the owner's word.
    pub async fn list_business_number(
        &self,
        number_id: &str,
        owner: &NumberOwner,
        business_id: &str,
    ) -> Result<(), TableError> {
        self.update(ItemKey::business_number(business_id, number_id), &listing(number_id)).await?;
        let named = UpdateBuilder::new()
            .set("businessId", business_id)
            .when_equal("instanceId", &owner.instance_id)
            .when_absent("businessId");
        if let ConditionalWrite::Applied(_) = self.update(ItemKey::number(number_id), &named).await? {
            tracing::info!(instance_id = %owner.instance_id, "business_number.listed");
        }
        Ok(())
    }
}
