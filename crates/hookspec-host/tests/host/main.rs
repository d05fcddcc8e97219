//! The laws of the host, each cited by its id, failures first. One binary: one link.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod capability;
mod chain;
mod collect;
mod concurrency;
mod configuration;
mod edges;
mod executors;
mod folders;
mod lifecycle;
mod loading;
mod notify;
mod observability;
mod order;
mod registration;
mod reload;
mod safety;
mod singleton;
mod support;
