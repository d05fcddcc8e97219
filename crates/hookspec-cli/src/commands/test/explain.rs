//! `test --list` and `test --explain`: the checks, and what one of them is about.

use hookspec_contract::{Check, Profile, check, checks};
use serde_json::{Value, json};

use crate::app::Status;
use crate::grid::{Cell, Grid};
use crate::nearest::nearest;
use crate::output::{Format, Output, Tone};
use crate::text::complain;

/// All checks, by profile.
pub(super) fn list(output: &mut Output) -> Status {
    if output.format() == Format::Json {
        output.json(&json!({ "checks": checks().map(value).collect::<Vec<_>>() }));
        return Status::Fine;
    }
    for profile in Profile::ALL {
        output.heading(profile.as_str());
        let mut grid = Grid::new(["check", "level", "what must hold"]);
        for check in checks().filter(|check| check.profile == profile) {
            grid.row([
                Cell::from(check.id),
                Cell::from(check.level.as_str()),
                Cell::from(check.title),
            ]);
        }
        output.grid(&grid);
    }
    output.line("\n`test --explain ID` says how one is looked at, and what it proves.");
    Status::Fine
}

/// One check.
pub(super) fn explain(id: &str, output: &mut Output) -> Status {
    let Some(check) = check(id) else {
        // As `nearest` writes names.
        let known: Vec<String> =
            checks().map(|check| check.id.to_lowercase().replace('-', "_")).collect();
        let hint = match nearest(id, known.iter().map(String::as_str)) {
            Some(other) => format!("; did you mean `{}`?", other.to_uppercase().replace('_', "-")),
            None => "; `test --list` names them all".into(),
        };
        complain(&format!("error: there is no check `{id}`{hint}"));
        return Status::CouldNotRun;
    };
    if output.format() == Format::Json {
        output.json(&value(check));
        return Status::Fine;
    }
    let head = format!("{} {}", check.id, check.title);
    let head = output.paint(Tone::Strong, &head).into_owned();
    output.line(head);
    output.line(format_args!(
        "{}, profile {}, proves {}, since {}\n",
        check.level,
        check.profile,
        check.laws.join(", "),
        check.since
    ));
    output.paragraph("  ", check.about);
    Status::Fine
}

fn value(check: &Check) -> Value {
    json!({
        "id": check.id,
        "title": check.title,
        "level": check.level,
        "profile": check.profile,
        "laws": check.laws,
        "since": check.since,
        "about": check.about,
    })
}
