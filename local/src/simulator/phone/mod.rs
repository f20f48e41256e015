//! `/phone`: the phones of the simulated people in a browser (docs/simulator.md).
//!
//! This folder owns the page, which calls `/people/…` as anybody can, and what only a page needs: the files of messages
//! without a token, and a stream of whose phone has changed.

mod events;
mod media;
mod page;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::cloud_api;
use super::state::Simulator;

/// The routes of the page.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/phone", get(page::index))
        .route("/phone/{file}", get(page::file))
        .route("/phone/files/{id}", get(media::file))
        .route("/phone/events", get(events::stream))
        .route("/numbers", get(numbers))
}

/// The numbers that a phone can write to.
async fn numbers(axum::extract::State(simulator): axum::extract::State<Simulator>) -> Json<Value> {
    let described = |id: String| {
        let profile = cloud_api::number("v25.0", &id, "display_phone_number,verified_name").unwrap_or_default();
        json!({ "id": id, "name": profile["verified_name"], "phone": profile["display_phone_number"] })
    };
    let numbers: Vec<Value> = simulator.numbers.all().into_iter().map(described).collect();
    Json(json!({ "numbers": numbers }))
}
