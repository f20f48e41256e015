//! The models name what they stand for: when a function goes or a mechanism's line changes, a model has to follow.

use models::code::{Code, source};
use models::delivery::record::Status;
use models::{charge, delivery};
use strum::VariantArray;

#[test]
fn every_function_that_a_model_stands_for_is_in_the_code() {
    let delivery = delivery::part::Part::VARIANTS.iter().map(|part| part.code());
    let charge = charge::part::Part::VARIANTS.iter().map(|part| part.code());
    let gone: Vec<Code> = delivery.chain(charge).filter(|code| !code.stands()).collect();
    assert!(gone.is_empty(), "{gone:#?}");
}

#[test]
fn every_mechanism_of_a_model_is_a_line_of_the_code() {
    use charge::mechanism::Mechanism as Charge;
    use delivery::mechanism::Mechanism as Delivery;
    let delivery = Delivery::VARIANTS.iter().map(|m| (format!("{m:?}"), m.code()));
    let charge = Charge::VARIANTS.iter().map(|m| (format!("{m:?}"), m.code()));
    let wrong: Vec<_> = delivery.chain(charge).filter(|(_, code)| !code.stands()).collect();
    assert!(wrong.is_empty(), "not in the code: {wrong:#?}");
}

#[test]
fn ranks_are_those_of_the_code() {
    let source = source("shared/src/state.rs");
    let body =
        source.split_once("const fn rank(self)").map(|(_, after)| after.split_once("\n    }\n").unwrap_or_default().0);
    let ranks: Vec<(&str, u8)> = body
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(" => "))
        .flat_map(|(states, rank)| states.split(" | ").map(move |state| (state, rank)))
        .filter_map(|(state, rank)| Some((state.strip_prefix("Self::")?, rank.parse().ok()?)))
        .collect();
    let names: Vec<(String, u8)> = Status::ALL.iter().map(|status| (format!("{status:?}"), status.rank())).collect();
    let names: Vec<(&str, u8)> = names.iter().map(|(name, rank)| (name.as_str(), *rank)).collect();
    assert_eq!(ranks, names);
}
