//! The `manage` function as Lambda starts it.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    manage::run().await
}
