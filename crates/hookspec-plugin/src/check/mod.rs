//! [`Examine`]: what the fields of a payload type must satisfy beyond their types.
//!
//! Generated code calls the rules here, one per schema keyword. A value that satisfies them costs
//! no allocation beyond what `uniqueItems` and `enum` of arbitrary JSON need.
//!
//! **Absent on purpose**: an interpreter of schemas. Which rule applies where is settled when the
//! code is generated; `hookspec-spec` interprets. Messages never show a value, so that a secret
//! cannot leak through them.

mod json;
mod number;
mod rules;

use std::fmt::Write as _;

pub use json::{constant, constants, equal, one_of, unique_items, unique_scalars};
pub use number::{
    Number, exclusive_maximum, exclusive_minimum, finite, maximum, minimum, multiple_of,
    one_of_numbers,
};
pub use rules::{
    apart, max_items, max_length, max_properties, min_items, min_length, min_properties, one_type,
};

use crate::violation::{Violation, Violations};

/// How many violations are kept of one value.
const MOST: usize = 100;

/// A payload type, or a part of one, that can say where it breaks its schema.
pub trait Examine {
    /// Reports every violation below a place.
    fn examine(&self, _at: &Place<'_>, _report: &mut Report) {}
}

/// A place in a value: a path that costs nothing until somebody asks for its text.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The whole value.
    pub const fn root() -> Self {
        Self { parent: None, step: Step::Root }
    }

    /// A field of the value here.
    pub const fn field(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Field(name) }
    }

    /// An item of the value here.
    pub const fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// The JSON pointer.
    pub fn pointer(&self) -> String {
        let mut steps: Vec<_> = std::iter::successors(Some(self), |place| place.parent).collect();
        steps.reverse();
        let mut pointer = String::new();
        for place in steps {
            match place.step {
                Step::Root => {}
                Step::Field(name) => {
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                // Writing to a text cannot fail.
                Step::Index(index) => _ = write!(pointer, "/{index}"),
            }
        }
        pointer
    }
}

/// What was found wrong with one value.
#[derive(Debug, Default)]
pub struct Report(Vec<Violation>);

impl Report {
    /// Notes a violation of a keyword, named by a JSON pointer into the schema.
    #[cold]
    pub fn add(&mut self, at: &Place<'_>, schema: &str, message: impl Into<String>) {
        if self.0.len() < MOST {
            let (instance, schema) = (at.pointer(), schema.to_owned());
            self.0.push(Violation { instance, schema, message: message.into() });
        }
    }

    /// What was found.
    ///
    /// # Errors
    /// The violations, where there are any.
    pub fn finish(self) -> Result<(), Violations> {
        match Violations::collect(self.0) {
            Some(violations) => Err(violations),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_json_pointer() {
        let root = Place::root();
        let field = root.field("a/b~c");
        assert_eq!(field.item(3).pointer(), "/a~1b~0c/3");
        assert_eq!(root.pointer(), "");
    }

    #[test]
    fn a_report_is_bounded() {
        let mut report = Report::default();
        for _ in 0..1_000 {
            report.add(&Place::root(), "/minLength", "too short");
        }
        assert_eq!(report.finish().unwrap_err().iter().count(), MOST);
        assert!(Report::default().finish().is_ok());
    }
}
