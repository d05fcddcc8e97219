//! [`Section`]: what one part of the demo found, as tables for people and as JSON.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hookspec::{Cause, CauseClass, Failure, PluginSnapshot, Registry};
use hookspec_cli::{Cell, Format, Grid, Output, Tone, duration, plural};
use serde_json::{Value, json};

/// What one part of the demo found.
pub(crate) struct Section {
    class: &'static str,
    hook: &'static str,
    about: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    failures: BTreeMap<(String, CauseClass), Seen>,
    /// The calls that plugins of this kind had before.
    before: Vec<PluginSnapshot>,
    dispatches: usize,
    began: Instant,
    elapsed: Duration,
    /// What did not happen as it should, beyond plugins that fail.
    pub(crate) unexpected: Vec<String>,
}

/// Failures of one plugin with one cause.
pub(crate) struct Seen {
    pub(crate) count: usize,
    /// The first of them, in words.
    pub(crate) message: String,
    longest: Duration,
}

impl Section {
    /// Begins a part: of which class, over which hook.
    pub(crate) fn begin<const N: usize>(
        registry: &Registry,
        class: &'static str,
        hook: &'static str,
        columns: [&'static str; N],
    ) -> Self {
        Self {
            class,
            hook,
            about: String::new(),
            columns: columns.into(),
            rows: Vec::new(),
            failures: BTreeMap::new(),
            before: registry.snapshot().plugins,
            dispatches: 0,
            began: Instant::now(),
            elapsed: Duration::ZERO,
            unexpected: Vec::new(),
        }
    }

    /// Counts a dispatch.
    pub(crate) fn dispatched(&mut self) {
        self.dispatches += 1;
    }

    /// Adds a row to the table of what came back.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Records failures.
    pub(crate) fn failed<'a>(&mut self, failures: impl IntoIterator<Item = &'a Failure>) {
        for failure in failures {
            let key = (failure.plugin.to_string(), failure.cause.class());
            let seen = self.failures.entry(key).or_insert_with(|| Seen {
                count: 0,
                message: message(&failure.cause),
                longest: Duration::ZERO,
            });
            seen.count += 1;
            seen.longest = seen.longest.max(failure.elapsed);
        }
    }

    /// Ends the part, saying what it was about.
    pub(crate) fn end(mut self, about: impl Into<String>) -> Self {
        self.elapsed = self.began.elapsed();
        self.about = about.into();
        self
    }

    /// Who failed, how, how often.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, CauseClass, &Seen)> {
        self.failures.iter().map(|((plugin, cause), seen)| (plugin.as_str(), *cause, seen))
    }

    /// Shows the part to people; JSON comes at the end, whole.
    pub(crate) fn show(&self, registry: &Registry, output: &mut Output) {
        if output.format() == Format::Json {
            return;
        }
        output.heading(&format!("{} · {}", self.class, self.hook));
        output.paragraph("  ", &self.about);
        let count = plural(self.dispatches, "dispatch").replace("dispatchs", "dispatches");
        let line = format!("  {count} in {}", duration(self.elapsed));
        let line = output.paint(Tone::Dim, &line).into_owned();
        output.line(line);
        output.line("");
        let mut grid = Grid::new(&self.columns);
        for row in &self.rows {
            grid.row(row.iter().map(Cell::from));
        }
        output.grid(&grid);
        output.line("");
        output.grid(&self.plugins(registry));
        output.flush();
    }

    fn plugins(&self, registry: &Registry) -> Grid {
        let mut grid =
            Grid::new(["plugin", ">answered", ">failed", ">mean", ">longest", "how it failed"]);
        for (plugin, calls, failed, mean) in self.work(registry) {
            let of_plugin = || self.failures().filter(|(name, _, _)| *name == plugin.name);
            let how: Vec<String> = of_plugin().map(|(_, cause, seen)| words(cause, seen)).collect();
            let tone = if failed > 0 { Tone::Bad } else { Tone::Good };
            grid.row([
                Cell::new(&plugin.name, tone),
                (calls - failed).to_string().into(),
                failed.to_string().into(),
                duration(mean).into(),
                duration(plugin.longest).into(),
                how.join("; ").into(),
            ]);
        }
        grid
    }

    /// What the plugins did since the part began: calls, failures, mean duration.
    fn work(&self, registry: &Registry) -> Vec<(PluginSnapshot, u64, u64, Duration)> {
        let failed = |plugin: &PluginSnapshot| plugin.failures.values().sum::<u64>();
        let now = registry.snapshot().plugins.into_iter();
        let mut work: Vec<_> = now
            .filter_map(|plugin| {
                let before = self.before.iter().find(|before| before.name == plugin.name)?;
                let calls = plugin.calls - before.calls;
                // Means add up to totals again, but for less than a nanosecond per call.
                let total =
                    |plugin: &PluginSnapshot| plugin.mean.as_secs_f64() * plugin.calls as f64;
                let spent = (total(&plugin) - total(before)).max(0.0) / calls.max(1) as f64;
                let failures = failed(&plugin) - failed(before);
                (calls > 0).then(|| (plugin, calls, failures, Duration::from_secs_f64(spent)))
            })
            .collect();
        work.sort_by(|one, other| {
            (other.0.priority, &one.0.name).cmp(&(one.0.priority, &other.0.name))
        });
        work
    }

    /// The part as JSON.
    pub(crate) fn object(&self) -> Value {
        let row = |row: &Vec<String>| -> Value {
            let names =
                self.columns.iter().map(|name| name.trim_start_matches('>').replace(' ', "_"));
            names.zip(row.iter().map(|cell| json!(cell))).collect::<serde_json::Map<_, _>>().into()
        };
        let failure = |(plugin, cause, seen): (&str, CauseClass, &Seen)| {
            json!({
                "plugin": plugin,
                "cause": cause.as_str(),
                "count": seen.count,
                "message": seen.message,
                "longest_ms": seen.longest.as_secs_f64() * 1e3,
            })
        };
        json!({
            "class": self.class,
            "hook": self.hook,
            "about": self.about,
            "dispatches": self.dispatches,
            "elapsed_ms": self.elapsed.as_secs_f64() * 1e3,
            "outcomes": self.rows.iter().map(row).collect::<Vec<_>>(),
            "failures": self.failures().map(failure).collect::<Vec<_>>(),
        })
    }
}

/// The cause without its name, which stands beside it.
fn message(cause: &Cause) -> String {
    match cause {
        Cause::Panicked { message, location: Some(location) } => format!("{message} ({location})"),
        Cause::Panicked { message, location: None } => message.clone(),
        Cause::InvalidOutput(violations) => violations.to_string(),
        other => other.to_string(),
    }
}

fn words(cause: CauseClass, seen: &Seen) -> String {
    let times = if seen.count > 1 { format!(" ×{}", seen.count) } else { String::new() };
    format!("{cause}{times}: {}", seen.message)
}
