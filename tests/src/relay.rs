//! A function whose behaviour a test defines: it posts each event to `RELAY_URL` and returns the answer. A 500 makes it
//! return an error, and a 410 ends its process.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let url = std::env::var("RELAY_URL")?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let request = http.post(&url).body(event.payload.to_string());
        async move {
            let response = request.send().await?;
            match response.status().as_u16() {
                200 => Ok(serde_json::from_str::<Value>(&response.text().await?)?),
                410 => std::process::exit(1),
                status => Err(Error::from(format!("the test says {status}"))),
            }
        }
    }))
    .await
}
