//! `product`, `product_list` and `catalog_message`: products of a catalog at Meta.

use serde::Deserialize;

use super::list::check_titles;
use crate::whatsapp::message_types::bounded::{Absent, AnyText, List, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, TextHeader};
use crate::whatsapp::message_types::rules::{Broken, Rules, no_rules};

/// The most products of all sections together.
const MAX_PRODUCTS: usize = 30;

/// A product.
#[derive(Deserialize)]
pub struct Product {
    header: Option<Absent>,
    body: Option<Body<{ usize::MAX }>>,
    footer: Option<Footer>,
    action: ProductAction,
}

/// A product of a catalog.
#[derive(Deserialize)]
pub struct ProductAction {
    /// The catalog.
    pub catalog_id: AnyText,
    product_retailer_id: AnyText,
}

/// Products in sections. WhatsApp documents no limit of its body.
#[derive(Deserialize)]
pub struct ProductList {
    header: TextHeader,
    body: Body<{ usize::MAX }>,
    footer: Option<Footer>,
    action: ProductListAction,
}

#[derive(Deserialize)]
struct ProductListAction {
    catalog_id: AnyText,
    sections: List<Section, 1, 10>,
}

#[derive(Deserialize)]
struct Section {
    title: Option<Text<24>>,
    product_items: List<Item, 1, MAX_PRODUCTS>,
}

#[derive(Deserialize)]
struct Item {
    product_retailer_id: AnyText,
}

/// A whole catalog.
#[derive(Deserialize)]
pub struct Catalog {
    header: Option<Absent>,
    body: Body<1024>,
    footer: Option<Footer>,
    action: CatalogAction,
}

#[derive(Deserialize)]
struct CatalogAction {
    name: CatalogName,
    parameters: Option<CatalogParameters>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CatalogName {
    CatalogMessage,
}

#[derive(Deserialize)]
struct CatalogParameters {
    thumbnail_product_retailer_id: Option<AnyText>,
}

no_rules!(Product, Catalog);

impl Rules for ProductList {
    fn check(&self) -> Result<(), Broken> {
        let products: usize = self.action.sections.0.iter().map(|section| section.product_items.0.len()).sum();
        if products > MAX_PRODUCTS {
            let problem = format!("has {products} products in all; at most {MAX_PRODUCTS} are allowed.");
            return Err(Broken::new("action.sections", problem));
        }
        check_titles(self.action.sections.0.iter().map(|section| section.title.is_some()))
    }
}
