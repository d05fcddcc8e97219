//! The laws of the host, each cited by its id, failures first. One binary: one link.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod capability;
mod chain;
mod changes;
mod collect;
mod concurrency;
mod edges;
mod executors;
mod folders;
mod health;
mod lifecycle;
mod living;
mod loading;
mod notify;
mod observability;
mod order;
mod overrides;
mod peers;
mod registration;
mod reload;
mod safety;
mod singleton;
mod states;
mod support;
