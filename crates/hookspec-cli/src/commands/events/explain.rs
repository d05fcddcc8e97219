//! `events explain`: who would receive an event, in which order, and why others would not.

use hookspec_host::bus::{Bus, PublishError, Reception};
use hookspec_host::{Registry, RegistrySnapshot};
use hookspec_plugin::{EventDraft, EventType};
use serde_json::{Value, json};

use super::people::{cancellers, emitters};
use super::{Explain, list};
use crate::app::Status;
use crate::commands::call::input;
use crate::grid::{Cell, Grid};
use crate::output::{Format, Output, Tone};
use crate::text::{clean, complain};

/// What is known of one type.
struct Found<'a> {
    bus: &'a Bus,
    snapshot: &'a RegistrySnapshot,
    event_type: &'a str,
    /// Whether one event was looked at, and not its type alone.
    one: bool,
    receptions: Vec<Reception>,
    /// Why this event would not be published.
    refused: Option<PublishError>,
}

pub(super) fn explain(registry: &Registry, args: &Explain, output: &mut Output) -> Status {
    let (bus, snapshot) = (registry.bus(), registry.snapshot());
    let draft = match draft(args) {
        Ok(draft) => draft,
        Err(problem) => {
            complain(&format!("error: {problem}"));
            return Status::CouldNotRun;
        }
    };
    let mut one = args.data.is_some() || args.source.is_some();
    let mut receptions = bus.explain(&args.event_type);
    let mut refused = None;
    match bus.explain_draft(draft) {
        Ok(exact) if one => receptions = exact,
        Ok(_) => {}
        // Nothing of that name can be published: there is nothing to explain.
        Err(error @ (PublishError::InvalidType { .. } | PublishError::Undeclared { .. })) => {
            complain(&format!("error: {error}"));
            return Status::CouldNotRun;
        }
        // Of its data nothing was said: that is no mistake, and who receives it depends on it.
        Err(PublishError::InvalidData { .. }) if args.data.is_none() => one = false,
        Err(error) if one => refused = Some(error),
        Err(_) => {}
    }
    if let Some(denied) = args.source.as_deref().and_then(|own| denied(&bus, &snapshot, args, own))
    {
        refused = Some(denied);
    }
    let found = Found {
        bus: &bus,
        snapshot: &snapshot,
        event_type: &args.event_type,
        one,
        receptions,
        refused,
    };
    match output.format() {
        Format::Json => output.json(&found.object()),
        Format::Human => found.show(output),
    }
    if found.refused.is_some() { Status::Failed } else { Status::Fine }
}

/// Why a plugin may not publish it, if the source is one.
fn denied(
    bus: &Bus,
    snapshot: &RegistrySnapshot,
    args: &Explain,
    source: &str,
) -> Option<PublishError> {
    let is_plugin = snapshot.plugins.iter().any(|plugin| plugin.name == source);
    if !is_plugin || emitters(bus, snapshot, &args.event_type).contains(&source) {
        return None;
    }
    let reason = match bus.is_reserved(&args.event_type) {
        true => "its namespace is the host's".into(),
        false => "its manifest does not list it under `events.emit`".into(),
    };
    let event_type = EventType::parse(&args.event_type).ok()?;
    Some(PublishError::Denied { emitter: source.into(), event_type, reason })
}

fn draft(args: &Explain) -> Result<EventDraft, String> {
    let mut draft = EventDraft::new(&args.event_type);
    if let Some(data) = &args.data {
        draft = draft.json(input::read("--data", data)?);
    }
    Ok(match &args.source {
        Some(source) => draft.source(source),
        None => draft,
    })
}

impl Found<'_> {
    fn show(&self, output: &mut Output) {
        let name = output.paint(Tone::Strong, self.event_type).into_owned();
        output.line(name);
        let declared = self.bus.catalog().find(self.event_type);
        if let Some(description) = declared.and_then(|own| own.description.as_deref()) {
            output.paragraph("  ", &clean(description));
        }
        if let Some(instead) = declared.and_then(|own| own.deprecated.as_deref()) {
            let text = format!("deprecated: {}", clean(instead));
            let text = output.paint(Tone::Warn, &text).into_owned();
            output.line(format_args!("  {text}"));
        }
        for (what, text) in self.facts() {
            let what = output.paint(Tone::Dim, &format!("{what:<12}")).into_owned();
            output.line(format_args!("  {what} {}", clean(&text)));
        }
        if let Some(error) = &self.refused {
            let text = format!("not published: {error}");
            let text = output.paint(Tone::Bad, &clean(&text)).into_owned();
            output.line(format_args!("  {text}"));
        }
        self.show_receivers(output);
        self.show_others(output);
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let declared = self.bus.catalog().find(self.event_type);
        let mut facts = vec![(
            "declared in",
            match declared {
                Some(own) => own.file.display().to_string(),
                None => "nothing: its namespace is open".into(),
            },
        )];
        if let Some(own) = declared {
            facts.extend(own.since.iter().map(|since| ("since", since.clone())));
            let data = match (own.has_schema, own.schema.source()) {
                (true, Some(path)) => path.display().to_string(),
                (true, None) => "as the file says".into(),
                (false, _) => "anything".into(),
            };
            facts.push(("data", data));
            if !own.metadata.is_empty() {
                let keys: Vec<&str> = own.metadata.keys().map(String::as_str).collect();
                facts.push(("metadata", keys.join(", ")));
            }
            let level = json!(own.security_level);
            facts.push(("security", level.as_str().unwrap_or_default().to_owned()));
        }
        facts.push(("emitted by", self.who_emits()));
        let cancellers = cancellers(self.bus, self.snapshot, self.event_type);
        if !cancellers.is_empty() {
            facts.push(("cancelled by", format!("{}, when dispatched", cancellers.join(", "))));
        }
        let depth = self.bus.options().max_depth;
        facts.push(("depth", format!("delivered while fewer than {depth} events led to it")));
        facts
    }

    fn who_emits(&self) -> String {
        if self.bus.is_reserved(self.event_type) {
            return "the host alone: no plugin publishes in its namespace".into();
        }
        let plugins = emitters(self.bus, self.snapshot, self.event_type);
        let own = ["the application"];
        own.iter().chain(&plugins).copied().collect::<Vec<_>>().join(", ")
    }

    fn show_receivers(&self, output: &mut Output) {
        output.heading("Who receives it, in the order of a dispatch");
        let mut grid = Grid::new([">", "subscriber", "patterns", ">prio", "as long as"]);
        for (index, own) in self.receptions.iter().filter(|own| own.receives).enumerate() {
            grid.row([
                (index + 1).to_string().into(),
                Cell::new(&own.subscriber, Tone::Strong),
                own.patterns.join(", ").into(),
                own.priority.to_string().into(),
                // Of one event, its conditions were looked at.
                if self.one { String::new() } else { own.why.join("; ") }.into(),
            ]);
        }
        match (grid.is_empty(), &self.refused) {
            (_, Some(_)) => output.line("  nobody: it is not published"),
            (true, None) => output.line("  nobody"),
            (false, None) => output.grid(&grid),
        }
    }

    fn show_others(&self, output: &mut Output) {
        let mut grid = Grid::new(["subscriber", "patterns", "why it does not"]);
        for own in self.receptions.iter().filter(|own| !own.receives) {
            grid.row([
                Cell::new(&own.subscriber, Tone::Strong),
                own.patterns.join(", ").into(),
                Cell::new(own.why.join("; "), Tone::Warn),
            ]);
        }
        if !grid.is_empty() {
            output.heading("Who does not");
            output.grid(&grid);
        }
    }

    /// As the README describes it.
    fn object(&self) -> Value {
        let declared = self.bus.catalog().find(self.event_type);
        let mut place = 0;
        let subscribers = self.receptions.iter().map(|own| {
            let receives = own.receives && self.refused.is_none();
            place += usize::from(receives);
            json!({
                "position": receives.then_some(place),
                "subscriber": own.subscriber,
                "patterns": own.patterns,
                "priority": own.priority,
                "receives": receives,
                "why": own.why,
            })
        });
        json!({
            "command": "events explain",
            "ok": self.refused.is_none(),
            "type": self.event_type,
            "declared": declared.map(list::declared),
            "open": self.bus.is_open(self.event_type),
            "host_only": self.bus.is_reserved(self.event_type),
            "max_depth": self.bus.options().max_depth,
            "emitters": emitters(self.bus, self.snapshot, self.event_type),
            "cancellers": cancellers(self.bus, self.snapshot, self.event_type),
            "refused": self.refused.as_ref().map(|error| json!({
                "code": error.code(), "message": error.to_string(),
            })),
            "subscribers": subscribers.collect::<Vec<_>>(),
        })
    }
}
