//! The rotation of the master keys.

use super::clients::Clients;
use super::manners::Rotation;
use crate::sweep::quiescence::wait_until_idle;

impl Clients<'_> {
    /// Deploys the next step of a rotation: one process of each function has the keys from before it, and the one that is used
    /// next has those after it.
    ///
    /// # Errors
    /// What is still in progress, so that its process could have the keys of an earlier step.
    pub async fn rotate_keys(&self, step: Rotation) -> Result<(), String> {
        let Some(keys) = &self.fixture.newer_keys else { return Ok(()) };
        self.fixture.resume();
        wait_until_idle(self.fixture).await?;
        let functions = || self.fixture.stack.stack.functions.values();
        functions().for_each(local::lambda::Function::stop); // of the deployment before
        for is_deployed in [false, true] {
            if is_deployed {
                match step {
                    Rotation::Add => self.known().private.push(keys.add()),
                    Rotation::Promote => keys.promote(),
                    Rotation::Replace => {
                        self.known().private.push(keys.add());
                        keys.promote();
                    }
                }
            }
            for function in functions() {
                function.warm_up().await.expect("a process starts");
            }
        }
        Ok(())
    }
}
