//! The metrics exporter as a shared library: the same plugin, and one line.
//!
//! It is a crate of its own because the tour links the plugin as well, and a program can have the
//! symbol that this line defines only once.

#![forbid(unsafe_code)]

hookspec::export!(metrics_exporter::MetricsExporter);
