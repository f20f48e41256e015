//! `list`: a menu of up to ten rows in sections.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::whatsapp::message_types::bounded::{self, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, TextHeader};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// The most rows of all sections together.
const MAX_ROWS: usize = 10;

/// A message with a menu.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveList)]
pub struct List {
    /// What is above the text.
    header: Option<TextHeader>,
    /// The text of the message: at most 4,096 characters.
    #[schema(inline)]
    body: Body<4096>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The menu.
    action: Action,
}

type Sections = bounded::List<Section, 1, 10>;
type Rows = bounded::List<Row, 1, MAX_ROWS>;

/// The menu of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = ListAction)]
struct Action {
    /// What the button shows that opens the menu. At most 20 characters.
    #[schema(inline)]
    button: Text<20>,
    /// 1 to 10 sections, with 10 rows in all.
    #[schema(inline)]
    sections: Sections,
}

/// A section of a menu.
#[derive(Deserialize, ToSchema)]
#[schema(as = ListSection)]
struct Section {
    /// What the section shows above its rows. At most 24 characters; required if there are several sections.
    #[schema(inline)]
    title: Option<Text<24>>,
    /// 1 to 10 rows.
    #[schema(inline)]
    rows: Rows,
}

/// A row of a menu.
#[derive(Deserialize, ToSchema)]
#[schema(as = ListRow)]
struct Row {
    /// What the answer contains. At most 200 characters.
    #[schema(inline)]
    id: Text<200>,
    /// What the row shows. At most 24 characters.
    #[schema(inline)]
    title: Text<24>,
    /// What it shows below that. At most 72 characters.
    #[schema(inline)]
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
