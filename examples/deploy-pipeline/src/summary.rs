//! [`Summary`]: what became of the events, once the registry has stopped.

use std::collections::BTreeMap;

use hookspec::Registry;
use hookspec::events::{BusSnapshot, DeadLetter, Drained};
use hookspec::metrics::Measurement;
use hookspec_cli::{Cell, Grid, Output, Tone, clean, plural};
use serde_json::{Value, json};

use crate::plugins::{EVENTS, TYPE};

/// What became of the events.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Events by type, as the metrics plugin counted them.
    pub types: BTreeMap<String, u64>,
    /// Who was subscribed, and what was delivered to them.
    pub bus: BusSnapshot,
    /// Events that somebody could not handle.
    pub dead: Vec<DeadLetter>,
    /// What the stop could not wait for.
    pub drained: Drained,
}

impl Summary {
    /// Of a registry that has stopped.
    pub fn of(registry: &Registry) -> Self {
        let bus = registry.bus();
        let mut types = BTreeMap::new();
        for series in registry.metrics().plugins.into_iter().flat_map(|own| own.series) {
            let own = series.labels.iter().find(|(name, _)| name == TYPE);
            if let (EVENTS, Some((_, event_type)), Measurement::Counter(count)) =
                (series.name.as_str(), own, &series.value)
            {
                types.insert(event_type.clone(), *count);
            }
        }
        Self {
            types,
            dead: bus.dead_letters(),
            drained: bus.drained().cloned().unwrap_or_default(),
            bus: bus.snapshot(),
        }
    }

    /// Whether every event reached everybody who wanted it.
    pub fn is_complete(&self) -> bool {
        let dropped = self.bus.subscriptions.iter().map(|own| own.dropped).sum::<u64>();
        dropped == 0 && self.dead.is_empty() && self.drained.is_complete()
    }

    /// For people.
    pub fn show(&self, output: &mut Output) {
        output.heading("Events");
        let mut grid = Grid::new(["type", ">events"]);
        for (event_type, count) in &self.types {
            grid.row([Cell::new(event_type, Tone::Strong), count.to_string().into()]);
        }
        output.grid(&grid);
        output.heading("Deliveries");
        let mut grid =
            Grid::new(["subscriber", "wants", ">delivered", ">retried", ">dropped", ">dead"]);
        for own in &self.bus.subscriptions {
            let patterns: Vec<_> = own.wants.patterns.iter().map(ToString::to_string).collect();
            grid.row([
                Cell::new(&own.subscriber, Tone::Strong),
                patterns.join(", ").into(),
                own.delivered.to_string().into(),
                own.retried.to_string().into(),
                own.dropped.to_string().into(),
                own.dead.to_string().into(),
            ]);
        }
        output.grid(&grid);
        if !self.dead.is_empty() {
            output.heading("Dead letters");
            let mut grid = Grid::new(["subscriber", "event", ">attempts", "last error"]);
            for letter in &self.dead {
                grid.row([
                    Cell::new(&letter.subscriber, Tone::Strong),
                    letter.event.event_type.as_str().into(),
                    letter.attempts.to_string().into(),
                    Cell::new(clean(&letter.error), Tone::Bad),
                ]);
            }
            output.grid(&grid);
        }
        for (subscriber, count) in &self.drained.dropped {
            let text = format!("{subscriber}: the stop dropped {}", plural(*count, "event"));
            let text = output.paint(Tone::Bad, &text).into_owned();
            output.line(text);
        }
    }

    /// For programs.
    pub fn object(&self) -> Value {
        json!({
            "types": self.types,
            "published": self.bus.published,
            "refused": self.bus.refused,
            "subscriptions": self.bus.subscriptions,
            "dead_letters": self.dead.iter().map(|letter| json!({
                "subscriber": letter.subscriber,
                "type": letter.event.event_type,
                "id": letter.event.id,
                "attempts": letter.attempts,
                "error": letter.error,
            })).collect::<Vec<_>>(),
            "drained": self.drained,
            "complete": self.is_complete(),
        })
    }
}
