//! What AWS documents, or was seen to do, and other servers do differently: each test says how ministack 1.5 does.

mod fifo;
mod handles;
mod move_tasks;
mod refused_messages;
mod refused_queues;
mod wire;
