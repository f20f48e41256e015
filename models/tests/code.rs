//! The functions and mechanisms that the models name exist: when one is removed or changes, its model has to follow.

use models::code::{InCode, source};
use models::delivery::record::Status;
use models::{batch, charge, delivery, erasure, lanes, ownership, waiting};
use mutations::lookup;

fn wrong<T: InCode>() -> Vec<String> {
    let check = |item: &T| item.code().check().err().map(|error| format!("{item:?}: {error}"));
    T::VARIANTS.iter().filter_map(check).collect()
}

#[test]
fn every_function_that_a_model_names_is_in_the_code() {
    let wrong = [
        wrong::<batch::part::Part>(),
        wrong::<charge::part::Part>(),
        wrong::<delivery::part::Part>(),
        wrong::<erasure::part::Part>(),
        wrong::<lanes::part::Part>(),
        wrong::<ownership::part::Part>(),
        wrong::<waiting::part::Part>(),
    ]
    .concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_mechanism_of_a_model_is_in_the_code() {
    let wrong = [
        wrong::<batch::mechanism::Mechanism>(),
        wrong::<charge::mechanism::Mechanism>(),
        wrong::<delivery::mechanism::Mechanism>(),
        wrong::<erasure::mechanism::Mechanism>(),
        wrong::<lanes::mechanism::Mechanism>(),
        wrong::<ownership::mechanism::Mechanism>(),
        wrong::<waiting::mechanism::Mechanism>(),
    ]
    .concat();
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
