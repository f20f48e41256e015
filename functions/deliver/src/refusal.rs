//! What a refusal of WhatsApp's means for the instance: other messages would be refused as well.

use std::time::Duration;

use shared::aws::TableError;
use shared::clock;
use shared::instance::Instance;
use shared::message::Message;
use shared::observability::{Metric, metrics};
use shared::whatsapp::{GraphError, Reaction};

use crate::deliverer::Deliverer;

impl Deliverer {
    /// Disconnects or pauses the instance, if the error is not only about the message: what is queued behind it fails or
    /// waits without being attempted, instead of being refused one by one.
    pub async fn stop_instance(
        &self,
        message: &Message,
        instance: &Instance,
        error: &GraphError,
        requested_wait: Option<Duration>,
    ) -> Result<(), TableError> {
        let reaction = error.meaning().reaction;
        if reaction == Reaction::DisconnectInstance {
            self.instances.invalidate(instance);
            if self.accounts.disconnect_refused(instance, &error.failure().message).await? {
                metrics::count(Metric::InstancesStopped);
                tracing::error!(instance_id = %instance.id, code = error.code, "instance.disconnected");
            }
        } else if let Some(pause) = error.meaning().instance_pause(message.attempt, requested_wait) {
            self.instances.invalidate(instance);
            if self.accounts.pause(instance, clock::now().plus(pause), error.code).await? {
                if reaction == Reaction::PauseInstance {
                    metrics::count(Metric::InstancesStopped);
                }
                let seconds = pause.as_secs();
                tracing::warn!(instance_id = %instance.id, code = error.code, seconds, "instance.paused");
            }
        }
        Ok(())
    }
}
