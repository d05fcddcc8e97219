//! The laws of the host, each cited by its id, failures first. One binary: one link.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod breaker;
mod bulkhead;
mod bus_batch;
mod bus_defects;
mod bus_faults;
mod bus_hearing;
mod bus_plugins;
mod bus_publish;
mod bus_queue;
mod bus_support;
mod bus_window;
mod capability;
mod chain;
mod changes;
mod collect;
mod concurrency;
mod configuration;
mod edges;
mod executors;
mod explained;
mod folders;
mod health;
mod lifecycle;
mod living;
mod loading;
mod nested;
mod notify;
mod observability;
mod order;
mod overrides;
mod peers;
mod registration;
mod reload;
mod reload_load;
mod safety;
mod shadow;
mod singleton;
mod states;
mod support;
mod test_bus;
mod waiting;
mod wrap;
mod wrap_changes;
mod wrap_faults;
