//! Serves a store of objects over HTTP. Requests must be signed, as the functions sign them.

use std::time::Duration;

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::{Method, StatusCode, header};
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::cors::{Any, CorsLayer};

use super::announcing_store::AnnouncingStore;
use crate::aws::CREDENTIALS;

/// Serves requests until it is aborted.
pub fn serve(listener: TcpListener, store: AnnouncingStore) -> JoinHandle<()> {
    let mut builder = S3ServiceBuilder::new(store);
    builder.set_auth(SimpleAuth::from_single(CREDENTIALS.0, CREDENTIALS.1));
    let failed = |error: HttpError| async move {
        eprintln!("S3: {error:?}");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    // The bucket's CORS rule in the template, whose origin is any by default.
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::PUT, Method::GET]);
    let cors = cors.allow_headers([header::CONTENT_TYPE, header::IF_NONE_MATCH]).max_age(Duration::from_secs(3_600));
    let router = Router::new().fallback_service(HandleError::new(builder.build(), failed)).layer(cors);
    tokio::spawn(async move { drop(axum::serve(listener, router).await) })
}
