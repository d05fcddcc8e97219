//! `events list`: the declared types by namespace, and who has to do with them.

use hookspec_host::bus::{Bus, BusSnapshot};
use hookspec_host::{Registry, RegistrySnapshot};
use hookspec_spec::{EventDeclaration, EventNamespace};
use serde_json::{Value, json};

use super::people::{emitters, receivers};
use crate::app::Status;
use crate::grid::{Cell, Grid};
use crate::output::{Format, Output, Tone};
use crate::text::{clean, plural};

pub(super) fn list(registry: &Registry, output: &mut Output) -> Status {
    let (bus, snapshot) = (registry.bus(), registry.snapshot());
    match output.format() {
        Format::Json => output.json(&object(&bus, &snapshot)),
        Format::Human => show(&bus, &snapshot, output),
    }
    Status::Fine
}

fn show(bus: &Bus, snapshot: &RegistrySnapshot, output: &mut Output) {
    let types = bus.catalog().declarations().count();
    let namespaces = bus.catalog().namespaces().count();
    let subscriptions = bus.snapshot();
    output.line(format_args!(
        "{}, {}, {}",
        plural(types, "type"),
        plural(namespaces, "namespace"),
        plural(subscriptions.subscriptions.len(), "subscription")
    ));
    for namespace in bus.catalog().namespaces() {
        let open = if namespace.open { ", open: types need not be declared" } else { "" };
        output.heading(&format!("{} {}{open}", namespace.name, namespace.version));
        if let Some(description) = &namespace.description {
            output.paragraph("  ", &clean(description));
        }
        let mut grid = Grid::new(["type", "since", "data", "emitted by", "received by"]);
        for own in of(bus, namespace) {
            let tone = if own.deprecated.is_some() { Tone::Dim } else { Tone::Strong };
            let emitters = match bus.is_reserved(own.event_type.as_str()) {
                true => "the host".to_owned(),
                false => emitters(bus, snapshot, own.event_type.as_str()).join(", "),
            };
            grid.row([
                Cell::new(own.event_type.as_str(), tone),
                own.since.as_deref().unwrap_or("-").into(),
                if own.has_schema { "schema" } else { "anything" }.into(),
                dash(&emitters).into(),
                dash(&receivers(bus, own.event_type.as_str()).join(", ")).into(),
            ]);
        }
        match grid.is_empty() {
            true => output.line("  no type"),
            false => output.grid(&grid),
        }
        for own in of(bus, namespace) {
            if let Some(instead) = &own.deprecated {
                let text = format!("{} is deprecated: {}", own.event_type, clean(instead));
                let text = output.paint(Tone::Warn, &text).into_owned();
                output.line(format_args!("  {text}"));
            }
        }
    }
    if !bus.options().open_namespaces.is_empty() {
        output.heading("Opened by the application");
        output.paragraph("  ", &bus.options().open_namespaces.join(", "));
    }
    show_subscriptions(&subscriptions, output);
}

fn show_subscriptions(bus: &BusSnapshot, output: &mut Output) {
    let mut grid = Grid::new(["subscriber", "wants", ">prio", ">queue", "when it is full"]);
    for own in &bus.subscriptions {
        let patterns: Vec<String> = own.wants.patterns.iter().map(ToString::to_string).collect();
        grid.row([
            Cell::new(&own.subscriber, Tone::Strong),
            patterns.join(", ").into(),
            own.wants.priority.to_string().into(),
            own.wants.queue.to_string().into(),
            json!(own.wants.overflow).as_str().unwrap_or_default().into(),
        ]);
    }
    if !grid.is_empty() {
        output.heading("Subscriptions, in the order of a dispatch");
        output.grid(&grid);
    }
}

/// The types that lie directly below a namespace and not below a longer one.
fn of<'a>(
    bus: &'a Bus,
    namespace: &'a EventNamespace,
) -> impl Iterator<Item = &'a EventDeclaration> {
    bus.catalog().declarations().filter(move |own| {
        let its = bus.catalog().namespace_of(own.event_type.as_str());
        its.is_some_and(|its| its.name == namespace.name)
    })
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// As the README describes it.
fn object(bus: &Bus, snapshot: &RegistrySnapshot) -> Value {
    let declaration = |own: &EventDeclaration| {
        let mut object = declared(own);
        object["emitters"] = emitters(bus, snapshot, own.event_type.as_str()).into();
        object["receivers"] = receivers(bus, own.event_type.as_str()).into();
        object
    };
    let namespace = |own: &EventNamespace| {
        json!({
            "name": own.name,
            "version": own.version.to_string(),
            "description": own.description,
            "open": own.open,
            "file": own.file.to_string_lossy(),
            "types": of(bus, own).map(declaration).collect::<Vec<_>>(),
        })
    };
    let subscriptions = bus.snapshot().subscriptions;
    json!({
        "command": "events list",
        "ok": true,
        "namespaces": bus.catalog().namespaces().map(namespace).collect::<Vec<_>>(),
        "open": bus.options().open_namespaces,
        "subscriptions": subscriptions
            .iter()
            .map(|own| json!({
                "subscriber": own.subscriber,
                "plugin": own.is_plugin,
                "wants": own.wants,
            }))
            .collect::<Vec<_>>(),
    })
}

/// What a file says of a type.
pub(super) fn declared(own: &EventDeclaration) -> Value {
    json!({
        "type": own.event_type,
        "description": own.description,
        "since": own.since,
        "deprecated": own.deprecated,
        "has_schema": own.has_schema,
        "data_schema": own.schema.source().map(|path| path.to_string_lossy()),
        "metadata": own.metadata,
        "security_level": own.security_level,
        "file": own.file.to_string_lossy(),
    })
}
