//! `product`, `product_list` and `catalog_message`: products of a catalog at Meta.

use serde::Deserialize;
use utoipa::ToSchema;

use super::list::check_titles;
use crate::whatsapp::message_types::bounded::{Absent, AnyText, List, Text};
use crate::whatsapp::message_types::parts::{Body, Footer, TextHeader};
use crate::whatsapp::message_types::rules::{Broken, Rules, no_rules};

/// The most products of all sections together.
const MAX_PRODUCTS: usize = 30;

/// A product.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveProduct)]
pub struct Product {
    #[schema(ignore)]
    header: Option<Absent>,
    /// The text of the message.
    #[schema(inline)]
    body: Option<Body<{ usize::MAX }>>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The product.
    action: ProductAction,
}

/// A product of a catalog.
#[derive(Deserialize, ToSchema)]
pub struct ProductAction {
    /// Meta's id of the catalog.
    #[schema(inline)]
    pub catalog_id: AnyText,
    /// Your own id of the product in it.
    #[schema(inline)]
    product_retailer_id: AnyText,
}

/// Products in sections. WhatsApp documents no limit of its body.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveProductList)]
pub struct ProductList {
    /// What is above the text.
    header: TextHeader,
    /// The text of the message.
    #[schema(inline)]
    body: Body<{ usize::MAX }>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The products.
    action: ProductListAction,
}

type Sections = List<Section, 1, 10>;
type Items = List<Item, 1, MAX_PRODUCTS>;

/// The products of a message.
#[derive(Deserialize, ToSchema)]
struct ProductListAction {
    /// Meta's id of the catalog.
    #[schema(inline)]
    catalog_id: AnyText,
    /// 1 to 10 sections, with 30 products in all.
    #[schema(inline)]
    sections: Sections,
}

/// A section of products.
#[derive(Deserialize, ToSchema)]
#[schema(as = ProductSection)]
struct Section {
    /// What the section shows above its products. At most 24 characters; required if there are several sections.
    #[schema(inline)]
    title: Option<Text<24>>,
    /// 1 to 30 products.
    #[schema(inline)]
    product_items: Items,
}

/// A product of a section.
#[derive(Deserialize, ToSchema)]
#[schema(as = ProductItem)]
struct Item {
    /// Your own id of the product in the catalog.
    #[schema(inline)]
    product_retailer_id: AnyText,
}

/// A whole catalog.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveCatalog)]
pub struct Catalog {
    #[schema(ignore)]
    header: Option<Absent>,
    /// The text of the message: at most 1,024 characters.
    #[schema(inline)]
    body: Body<1024>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The catalog.
    action: CatalogAction,
}

/// The catalog of a message.
#[derive(Deserialize, ToSchema)]
struct CatalogAction {
    /// Always `catalog_message`.
    #[schema(inline)]
    name: CatalogName,
    /// How it is shown.
    parameters: Option<CatalogParameters>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CatalogName {
    CatalogMessage,
}

/// How a catalog is shown.
#[derive(Deserialize, ToSchema)]
struct CatalogParameters {
    /// Your own id of the product whose picture is shown.
    #[schema(inline)]
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
