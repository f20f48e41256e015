//! The behaviour of AWS that Pombo depends on, tested with the local stack's servers, and with another server that
//! `CONFORMANCE_URL` names (`.ci/run` starts ministack).

mod dynamodb;
mod sqs;
