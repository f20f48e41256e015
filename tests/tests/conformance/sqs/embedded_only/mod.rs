//! Behaviour that AWS documents or was observed to have, and other servers do not: each test says what ministack 1.5
//! does.

mod fifo;
mod handles;
mod move_tasks;
mod refused_messages;
mod refused_queues;
mod wire;
