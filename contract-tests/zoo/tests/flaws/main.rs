//! Every flaw shows where it is said to, and nowhere in the honest.
//!
//! | where | what |
//! |---|---|
//! | [`support`] | an instance that is called directly, without a registry |
//! | [`honest`] | the honest keep to their schemas, and refuse what those refuse |
//! | [`dispatched`] | the zoo in a registry, through the dispatcher of each class |
//! | [`says`] | flaws in what a plugin says of itself, and in which hooks it serves |
//! | [`answers`] | flaws that show in an answer |
//! | [`events`] | flaws in what is wanted of the bus, made of its events, and emitted |
//! | [`life`] | flaws of setup, health and teardown |
//! | [`process`] | flaws that reach beyond the plugin: each in a process of its own |

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod dispatched;
mod events;
mod honest;
mod life;
mod process;
mod says;
mod support;

use std::collections::BTreeSet;

/// Each check has one mutant, and each name is that of one specimen.
#[test]
fn the_zoo_is_complete() {
    let mutants = zoo::mutants();
    let checks: BTreeSet<_> = mutants.iter().filter_map(|each| each.check).collect();
    assert_eq!(checks.len(), mutants.len());
    // Of 73 checks one has no mutant without the feature `tasks`.
    assert_eq!(mutants.len(), 72 + usize::from(cfg!(feature = "tasks")));
    let families = [
        ("MAN", 9),
        ("IO", 10),
        ("CHN", 1),
        ("DET", 4),
        ("AMB", 5),
        ("RES", 8),
        ("LIF", 16),
        ("CAP", 2),
        ("SEC", 6),
        ("EVT", 12),
    ];
    for (family, count) in families {
        for number in 1..=count {
            let id = format!("{family}-{number:03}");
            let absent = id == "LIF-003" && !cfg!(feature = "tasks");
            assert_eq!(checks.contains(id.as_str()), !absent, "{id}");
        }
    }
    for each in zoo::honest().iter().chain(&mutants) {
        assert_eq!((each.manifest)().name, each.name);
        let found = zoo::specimen(each.name).unwrap();
        assert_eq!((found.check, found.dylib), (each.check, each.dylib), "{}", each.name);
    }
    assert!(zoo::specimen("nobody").is_none());
}

#[test]
fn the_library_holds_those_that_can_live_there() {
    macro_rules! names {
        ($($name:literal),+ $(,)?) => { [$($name),+] };
    }
    let names = zoo::in_library!(names);
    let able = zoo::honest().into_iter().chain(zoo::mutants()).filter(|each| each.dylib);
    assert_eq!(names.to_vec(), able.map(|each| each.name).collect::<Vec<_>>());
}
