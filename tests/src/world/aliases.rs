//! Who is who: the aliases of each person of a world, whether WhatsApp names them to anybody or not.

use std::collections::BTreeSet;

use local::simulator::Person;

use super::operations::Operation;
use super::plan::Plan;
use crate::sweep::batches::REJECTED;

/// The people of a world.
#[derive(Debug)]
pub struct People {
    people: Vec<BTreeSet<String>>,
    /// The changes of numbers: the former and the new one.
    pub changes: Vec<(String, String)>,
}

impl People {
    /// The people whom the operations name.
    pub fn of(plan: &Plan) -> Self {
        let mut all = Self { people: Vec::new(), changes: Vec::new() };
        for step in &plan.steps {
            match &step.operation {
                Operation::Renumber { from, to, .. } => {
                    all.add(from);
                    all.add(to);
                    all.join(from, to);
                    all.changes.push((from.clone(), to.clone()));
                }
                Operation::SendBatch { recipients, .. } => {
                    recipients.iter().filter(|to| *to != REJECTED).for_each(|to| all.add(to));
                }
                operation => phone(operation).into_iter().for_each(|phone| all.add(phone)),
            }
        }
        all
    }

    /// All aliases of the person with one of them.
    pub fn aliases(&self, alias: &str) -> BTreeSet<String> {
        let person = self.people.iter().find(|person| person.contains(alias));
        person.cloned().unwrap_or_else(|| BTreeSet::from([alias.to_owned()]))
    }

    /// Every alias of everybody.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.people.iter().flatten()
    }

    fn add(&mut self, alias: &str) {
        let Person { wa_id, user_id } = Person::from_recipient(alias);
        self.people.push(wa_id.into_iter().chain([user_id, alias.to_owned()]).collect());
        self.join(alias, alias);
    }

    /// Makes one person of all who have one of two aliases.
    fn join(&mut self, one: &str, other: &str) {
        let named = &self.aliases(one) | &self.aliases(other);
        let (joined, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.people).into_iter().partition(|person| !person.is_disjoint(&named));
        self.people = others;
        self.people.push(joined.into_iter().flatten().collect());
    }
}

/// The person whom an operation names.
fn phone(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::Send { to: phone, .. }
        | Operation::SendOdd { to: phone, .. }
        | Operation::Write { from: phone, .. }
        | Operation::Flood { from: phone, .. }
        | Operation::Erase { phone, .. } => Some(phone),
        _ => None,
    }
}
