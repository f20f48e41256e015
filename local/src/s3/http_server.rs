//! Serves a store of objects over HTTP. Requests must be signed, as the functions sign them.

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

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
    let router = Router::new().fallback_service(HandleError::new(builder.build(), failed));
    tokio::spawn(async move { drop(axum::serve(listener, router).await) })
}
