//! What came of one dispatch, for people.

use std::time::Duration;

use hookspec_host::{Answer, DispatchError, Explanation, Failure, Partial};
use hookspec_plugin::PluginName;
use serde_json::Value;

use super::outcome::{Answered, Outcome, value};
use crate::grid::{Cell, Grid};
use crate::output::{Output, Tone};
use crate::text::{clean, duration, plural};

pub(super) fn show(hook: &Explanation, outcome: &Outcome, elapsed: Duration, output: &mut Output) {
    let name = format!("{}@{}.{}", hook.kind.name, hook.kind.major(), hook.hook.name);
    let name = output.paint(Tone::Strong, &name).into_owned();
    output.line(format_args!("{name}: {}, {}", hook.hook.dispatch, duration(elapsed)));
    match &outcome.0 {
        Ok(Answered::Notified(notified)) => {
            output.line(format_args!("delivered to {}", plural(notified.delivered, "plugin")));
            named("late", &notified.late, output);
        }
        Ok(Answered::Collected(collected)) => {
            output.heading(&plural(collected.replies.len(), "answer"));
            for answer in &collected.replies {
                answered(answer, output);
            }
        }
        Ok(Answered::One(answer)) => {
            output.heading("Answer");
            answered(answer, output);
        }
        Ok(Answered::Chained(chained)) => {
            output.heading("Value");
            json(&chained.value, output);
            named("ran", &chained.ran, output);
            named("changed it", &chained.changed, output);
            named("stopped it", chained.stopped_by.as_slice(), output);
            named("late", &chained.late, output);
        }
        Err(DispatchError::PluginFailed { partial, .. }) => before(partial, output),
        Err(_) => {}
    }
    failures(outcome.failures(), output);
}

/// What there was before the failure that ended it.
fn before(partial: &Partial, output: &mut Output) {
    match partial {
        Partial::None => {}
        Partial::Replies(replies) => {
            output.heading(&format!("{} before the failure", plural(replies.len(), "answer")));
            for (plugin, payload) in replies {
                title(plugin, "", output);
                json(&value(payload), output);
            }
        }
        Partial::Value(payload) => {
            output.heading("Value before the failure");
            json(&value(payload), output);
        }
    }
}

fn answered(answer: &Answer<Value>, output: &mut Output) {
    title(&answer.plugin, if answer.late { " (late)" } else { "" }, output);
    json(&answer.value, output);
}

fn title(plugin: &PluginName, remark: &str, output: &mut Output) {
    let plugin = clean(plugin.as_str()).into_owned();
    let plugin = output.paint(Tone::Strong, &plugin).into_owned();
    output.line(format_args!("  {plugin}{remark}"));
}

/// A value in one line where that fits, else one line for each field and item.
fn json(value: &Value, output: &mut Output) {
    const INDENT: &str = "    ";
    let short = value.to_string();
    if short.chars().count() + INDENT.len() <= output.width() {
        output.line(format_args!("{INDENT}{}", clean(&short)));
        return;
    }
    for line in format!("{value:#}").lines() {
        output.line(format_args!("{INDENT}{}", clean(line)));
    }
}

fn named(what: &str, plugins: &[PluginName], output: &mut Output) {
    let names: Vec<&str> = plugins.iter().map(PluginName::as_str).collect();
    if !names.is_empty() {
        output.paragraph("  ", &clean(&format!("{what}: {}", names.join(", "))));
    }
}

fn failures(failures: &[Failure], output: &mut Output) {
    if failures.is_empty() {
        return;
    }
    output.heading(&plural(failures.len(), "failure"));
    let mut grid = Grid::new(["plugin", "cause", ">after", "why"]);
    for failure in failures {
        let late = if failure.late { ", late" } else { "" };
        grid.row([
            Cell::new(failure.plugin.as_str(), Tone::Strong),
            Cell::new(format!("{}{late}", failure.cause.name()), Tone::Bad),
            duration(failure.elapsed).into(),
            failure.cause.to_string().into(),
        ]);
    }
    output.grid(&grid);
}

/// Why there is no answer: with every violation and its place, where the input is to blame.
pub(super) fn error(error: &DispatchError, hook: &str) -> String {
    let DispatchError::InvalidInput { violations, .. } = error else {
        return clean(&format!("error: {error}")).into_owned();
    };
    // Thousands of wrong items are no more help than these.
    const SHOWN: usize = 50;
    let mut text = format!("error: [{}] the input is invalid; nobody was called", error.code());
    for violation in violations.iter().take(SHOWN) {
        text.push_str(&format!("\n  {}", clean(&violation.to_string())));
    }
    if let Some(more @ 1..) = violations.iter().count().checked_sub(SHOWN) {
        text.push_str(&format!("\n  and {more} more"));
    }
    text.push_str(&format!("\n`explain {hook}` names the schema of the input"));
    text
}
