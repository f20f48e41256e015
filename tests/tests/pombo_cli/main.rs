//! The command line `pombo` against the local stack, as people use it: what it prints and with which exit code it ends.

mod failures;
mod messages;
mod operator;
mod settings;
mod tail;
mod user;
