//! `list`: a menu of up to ten rows in sections.

use serde::Deserialize;

use crate::whatsapp::message_types::bounded::{self, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, TextHeader};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// The most rows of all sections together.
const MAX_ROWS: usize = 10;

/// A message with a menu.
#[derive(Deserialize)]
pub struct List {
    header: Option<TextHeader>,
    body: Body<4096>,
    footer: Option<Footer>,
    action: Action,
}

#[derive(Deserialize)]
struct Action {
    button: Text<20>,
    sections: bounded::List<Section, 1, 10>,
}

#[derive(Deserialize)]
struct Section {
    title: Option<Text<24>>,
    rows: bounded::List<Row, 1, MAX_ROWS>,
}

#[derive(Deserialize)]
struct Row {
    id: Text<200>,
    title: Text<24>,
    description: Option<Text<72>>,
}

/// Several sections need titles.
pub fn check_titles(titled: impl ExactSizeIterator<Item = bool>) -> Result<(), Broken> {
    let several = titled.len() > 1;
    match titled.enumerate().find(|(_, is_titled)| several && !is_titled) {
        Some((section, _)) => {
            let path = format!("action.sections[{section}].title");
            Err(Broken::new(path, "is required, as there are several sections."))
        }
        None => Ok(()),
    }
}

impl Rules for List {
    fn check(&self) -> Result<(), Broken> {
        let rows: usize = self.action.sections.0.iter().map(|section| section.rows.0.len()).sum();
        if rows > MAX_ROWS {
            let problem = format!("has {rows} rows in all; at most {MAX_ROWS} are allowed.");
            return Err(Broken::new("action.sections", problem));
        }
        check_titles(self.action.sections.0.iter().map(|section| section.title.is_some()))
    }
}
