//! What AWS does, as far as Pombo depends on it: held against the laptop's own servers, and against any other server
//! that `CONFORMANCE_URL` names (`.ci/run` starts ministack), so that ours are held to a second opinion.

mod dynamodb;
mod sqs;
