//! Hookspec YAML, plugin manifests and JSON Schemas, read into checked Rust values.
//!
//! | where | what |
//! |---|---|
//! | [`Catalog`] | every kind below some folders, or every mistake in them |
//! | [`Kind`], [`Hook`], [`DispatchClass`] | one hookspec file, checked |
//! | [`EventCatalog`], [`EventNamespace`], [`EventDeclaration`] | the event types below those folders |
//! | [`Schema`] | a payload schema, compiled once |
//! | [`manifest`] | a plugin's manifest: read from a file, checked when built in Rust |
//! | [`configuration`] | `hookspec.toml`: what the host decides about plugins, and what they read |
//! | [`discover`], [`PluginFolder`] | the plugins below a folder, by their manifests |
//! | [`CoreVersion`], [`CoreRequirement`] | which hosts a plugin runs in |
//! | [`Diagnostic`], [`Diagnostics`], [`codes`] | what is wrong, where, and what to do |
//! | [`compat`] | what changed between two versions of a kind, whom it breaks, which version it demands |
//! | [`Document`] | a YAML, JSON or TOML text whose every value knows its place |
//! | [`read_kind`] | one hookspec by itself |
//! | [`replace_file`] | a file replaced as a whole, for those who write what this crate reads |
//! | [`check_paths`] | every mistake in files and below folders |
//!
//! **Absent on purpose**: anything that runs. This crate calls no plugin, keeps no registry, opens
//! no connection, and is the only one that knows YAML, TOML and JSON Schema (invariant 2).

#![forbid(unsafe_code)]

mod catalog;
mod check;
mod class;
pub mod codes;
pub mod compat;
pub mod configuration;
mod diagnostic;
mod discovery;
mod document;
mod events;
mod files;
mod hookspec;
pub mod manifest;
mod model;
mod reader;
mod replace;
mod schema;
mod single;
mod version;

pub use catalog::{Catalog, Source};
pub use check::{CheckReport, check_path, check_paths};
pub use class::{DispatchClass, ErrorPolicy, Mode};
pub use diagnostic::{Diagnostic, Diagnostics, Position, Severity};
pub use discovery::{Discovery, Found, PluginFolder, Problem, discover};
pub use document::Document;
pub use events::{EventCatalog, EventDeclaration, EventNamespace};
pub use model::{Constraints, Example, Hook, Kind};
#[doc(hidden)]
pub use reader::nearest;
pub use replace::replace_file;
pub use schema::{Resolver, Schema};
pub use single::read_kind;
pub use version::{CoreRequirement, CoreVersion};
