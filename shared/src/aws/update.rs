//! Builds a conditional update of one item from names and values instead of DynamoDB's expression text.
//!
//! An attribute is named, or an entry of a map: `map.entry`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use serde::Serialize;

/// An item, or its key.
pub type Item = HashMap<String, AttributeValue>;

/// What an update sets and removes, and under which conditions.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateBuilder {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
}

impl UpdateBuilder {
    /// An update that changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it sets and removes nothing.
    pub const fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.removes.is_empty()
    }

    /// Sets an attribute.
    pub fn set(self, attribute: &str, value: impl Serialize) -> Self {
        self.set_value(attribute, attribute_value(value))
    }

    /// Sets an attribute if there is a value.
    pub fn set_some(self, attribute: &str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value { self.set(attribute, value) } else { self }
    }

    /// Sets an attribute, or removes it if there is no value.
    pub fn set_or_remove(self, attribute: &str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value { self.set(attribute, value) } else { self.remove(attribute) }
    }

    /// Sets an attribute to a DynamoDB value.
    pub fn set_value(mut self, attribute: &str, value: AttributeValue) -> Self {
        let clause = format!("{} = {}", self.name(attribute), self.value(value));
        self.sets.push(clause);
        self
    }

    /// Sets an attribute unless it exists.
    pub fn set_once(mut self, attribute: &str, value: impl Serialize) -> Self {
        let name = self.name(attribute);
        let clause = format!("{name} = if_not_exists({name}, {})", self.value(attribute_value(value)));
        self.sets.push(clause);
        self
    }

    /// Sets an attribute unless it exists, if there is a value.
    pub fn set_some_once(self, attribute: &str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value { self.set_once(attribute, value) } else { self }
    }

    /// Adds to a number; an absent one counts as 0.
    pub fn add(mut self, attribute: &str, by: i64) -> Self {
        let name = self.name(attribute);
        let (zero, by) = (self.value(attribute_value(0)), self.value(attribute_value(by)));
        self.sets.push(format!("{name} = if_not_exists({name}, {zero}) + {by}"));
        self
    }

    /// Removes an attribute.
    pub fn remove(mut self, attribute: &str) -> Self {
        let name = self.name(attribute);
        self.removes.push(name);
        self
    }

    /// Requires the attribute to equal a value.
    pub fn when_equal(self, attribute: &str, value: impl Serialize) -> Self {
        self.when(attribute, "=", value)
    }

    /// Requires the attribute to equal a value, if there is one.
    pub fn when_some_equal(self, attribute: &str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value { self.when_equal(attribute, value) } else { self }
    }

    /// Requires the attribute to be a smaller number.
    pub fn when_below(self, attribute: &str, value: impl Serialize) -> Self {
        self.when(attribute, "<", value)
    }

    /// Requires the attribute to be this number or a smaller one.
    pub fn when_at_most(self, attribute: &str, value: impl Serialize) -> Self {
        self.when(attribute, "<=", value)
    }

    /// Requires the attribute to be this number or a greater one.
    pub fn when_at_least(self, attribute: &str, value: impl Serialize) -> Self {
        self.when(attribute, ">=", value)
    }

    /// Requires the attribute to be a greater number.
    pub fn when_above(self, attribute: &str, value: impl Serialize) -> Self {
        self.when(attribute, ">", value)
    }

    /// Requires the attribute to exist.
    pub fn when_present(mut self, attribute: &str) -> Self {
        let condition = format!("attribute_exists({})", self.name(attribute));
        self.conditions.push(condition);
        self
    }

    /// Requires the attribute to be absent.
    pub fn when_absent(mut self, attribute: &str) -> Self {
        let condition = format!("attribute_not_exists({})", self.name(attribute));
        self.conditions.push(condition);
        self
    }

    /// Requires the attribute to be absent or to equal a value.
    pub fn when_absent_or_equal(mut self, attribute: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(attribute), self.value(attribute_value(value)));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} = {value})"));
        self
    }

    /// Requires the attribute to be absent, or to be this number or a smaller one.
    pub fn when_absent_or_at_most(mut self, attribute: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(attribute), self.value(attribute_value(value)));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} <= {value})"));
        self
    }

    /// Requires the attribute to be absent, or to be this number or a greater one.
    pub fn when_absent_or_at_least(mut self, attribute: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(attribute), self.value(attribute_value(value)));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} >= {value})"));
        self
    }

    /// Requires the attribute to be a map of fewer entries.
    pub fn when_fewer(mut self, attribute: &str, entries: usize) -> Self {
        let condition = format!("size({}) < {}", self.name(attribute), self.value(attribute_value(entries)));
        self.conditions.push(condition);
        self
    }

    fn when(mut self, attribute: &str, operator: &str, value: impl Serialize) -> Self {
        let condition = format!("{} {operator} {}", self.name(attribute), self.value(attribute_value(value)));
        self.conditions.push(condition);
        self
    }

    /// DynamoDB's `UpdateExpression`.
    pub fn update_expression(&self) -> String {
        let clauses = [("SET", &self.sets), ("REMOVE", &self.removes)].into_iter().filter(|(_, list)| !list.is_empty());
        clauses.map(|(verb, list)| format!("{verb} {}", list.join(", "))).collect::<Vec<_>>().join(" ")
    }

    /// DynamoDB's `ConditionExpression`, if there is any condition.
    pub fn condition_expression(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// DynamoDB's `ExpressionAttributeNames`.
    pub fn names(&self) -> HashMap<String, String> {
        self.names.iter().map(|(attribute, placeholder)| (placeholder.clone(), attribute.clone())).collect()
    }

    /// DynamoDB's `ExpressionAttributeValues`, absent when there are none, as it demands.
    pub fn values(&self) -> Option<Item> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// The update as part of a transaction, which returns the item when a condition does not hold.
    pub fn in_transaction(&self, table: &str, key: Item) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key))
            .update_expression(self.update_expression())
            .set_condition_expression(self.condition_expression())
            .set_expression_attribute_names(Some(self.names()))
            .set_expression_attribute_values(self.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .expect("table, key and expression are set");
        TransactWriteItem::builder().update(update).build()
    }

    /// A deletion under this builder's conditions as part of a transaction. What the builder sets does not matter.
    pub fn deletion_in_transaction(&self, table: &str, key: Item) -> TransactWriteItem {
        let names = self.names();
        let delete = Delete::builder()
            .table_name(table)
            .set_key(Some(key))
            .set_condition_expression(self.condition_expression())
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values(self.values())
            .build()
            .expect("table and key are set");
        TransactWriteItem::builder().delete(delete).build()
    }

    fn name(&mut self, path: &str) -> String {
        let placeholder = |part: &str| {
            let next = format!("#n{}", self.names.len());
            self.names.entry(part.to_owned()).or_insert(next).clone()
        };
        path.split('.').map(placeholder).collect::<Vec<_>>().join(".")
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

fn attribute_value(value: impl Serialize) -> AttributeValue {
    serde_dynamo::to_attribute_value(value).expect("our own values serialize")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_becomes_dynamodb_expressions() {
        let update = UpdateBuilder::new()
            .set("status", "sent")
            .add("attempt", 1)
            .remove("ev")
            .when_below("rank", 4)
            .when_absent("sentAt")
            .when_absent_or_at_most("rank", 7);
        assert_eq!(update.update_expression(), "SET #n0 = :v0, #n1 = if_not_exists(#n1, :v1) + :v2 REMOVE #n2");
        assert_eq!(
            update.condition_expression().as_deref(),
            Some("#n3 < :v3 AND attribute_not_exists(#n4) AND (attribute_not_exists(#n3) OR #n3 <= :v4)")
        );
        let names = update.names();
        assert_eq!((names.len(), names["#n3"].as_str(), names["#n4"].as_str()), (5, "rank", "sentAt"));
        assert_eq!(update.values().map(|values| values.len()), Some(5));
    }

    #[test]
    fn an_entry_of_a_map_is_named_by_its_path() {
        let update = UpdateBuilder::new().set("open.a", 1).remove("open.b").when_fewer("open", 9);
        assert_eq!(update.update_expression(), "SET #n0.#n1 = :v0 REMOVE #n0.#n2");
        assert_eq!(update.condition_expression().as_deref(), Some("size(#n0) < :v1"));
    }

    #[test]
    fn an_update_without_values_or_conditions_has_none() {
        let update = UpdateBuilder::new().remove("ev");
        assert_eq!(update.update_expression(), "REMOVE #n0");
        assert!(update.condition_expression().is_none() && update.values().is_none());
    }
}
