//! The functions and mechanisms that the models name exist: when one is removed or changes, its model has to follow.

use models::code::{Code, source};
use models::delivery::record::Status;
use models::{charge, delivery, erasure, lanes, ownership, waiting};
use mutations::lookup;
use strum::VariantArray;

fn wrong(references: impl Iterator<Item = (String, Code)>) -> Vec<String> {
    references.filter_map(|(name, code)| code.check().err().map(|error| format!("{name}: {error}"))).collect()
}

#[test]
fn every_function_that_a_model_names_is_in_the_code() {
    let delivery = delivery::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let charge = charge::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let lanes = lanes::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let ownership = ownership::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let erasure = erasure::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let waiting = waiting::part::Part::VARIANTS.iter().map(|part| (format!("{part:?}"), part.code()));
    let wrong = wrong(delivery.chain(charge).chain(lanes).chain(ownership).chain(erasure).chain(waiting));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_mechanism_of_a_model_is_in_the_code() {
    use charge::mechanism::Mechanism as Charge;
    use delivery::mechanism::Mechanism as Delivery;
    use erasure::mechanism::Mechanism as Erasure;
    use lanes::mechanism::Mechanism as Lanes;
    use ownership::mechanism::Mechanism as Ownership;
    use waiting::mechanism::Mechanism as Waiting;
    let delivery = Delivery::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let charge = Charge::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let lanes = Lanes::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let ownership = Ownership::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let erasure = Erasure::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let waiting = Waiting::VARIANTS.iter().map(|mechanism| (format!("{mechanism:?}"), mechanism.code()));
    let wrong = wrong(delivery.chain(charge).chain(lanes).chain(ownership).chain(erasure).chain(waiting));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ranks_are_those_of_the_code() {
    let rank = lookup::function(&source("shared"), "State::rank").expect("the ranks");
    let tokens: Vec<&str> = rank.tokens.iter().map(|token| token.text.as_str()).collect();
    let (mut states, mut ranks) = (Vec::new(), Vec::new());
    for window in tokens.windows(4) {
        match window {
            ["Self", ":", ":", state] => states.push(*state),
            ["=", ">", rank, ..] => ranks.extend(states.drain(..).map(|state| (state, rank.parse().ok()))),
            _ => {}
        }
    }
    let names: Vec<(String, u8)> = Status::ALL.iter().map(|status| (format!("{status:?}"), status.rank())).collect();
    let names: Vec<(&str, Option<u8>)> = names.iter().map(|(name, rank)| (name.as_str(), Some(*rank))).collect();
    assert_eq!(ranks, names);
}
