//! Values that a schema is likely to refuse; whether it does is checked before one is handed out.

use serde_json::{Value, json};

use super::arrays;
use super::builder::{Builder, Conjunction, LARGEST, weight};
use super::objects::{self, Fields};
use super::shape::Shape;
use super::strings;
use super::variants::Made;

/// How many fields are left out one at a time.
const MOST_FIELDS: usize = 200;
/// How long a text or a list is made to be longer than it may be.
const LONGEST: usize = 20_000;

impl<'a> Builder<'a> {
    /// One value of every type.
    pub(super) fn wrong(&mut self, all: &Conjunction<'a>) -> Vec<Value> {
        match all.is_free() {
            true => Vec::new(),
            false => vec![
                Value::Null,
                json!("no such value"),
                json!(-1),
                json!({}),
                json!([]),
                json!(0.5),
                json!(true),
                json!(1_000_003),
                json!(""),
                json!({ "no such field": null }),
                json!([null]),
            ],
        }
    }

    pub(super) fn wrong_texts(&mut self, shape: &Shape<'a>) -> Vec<String> {
        let (least, most) = strings::bounds(shape);
        let mut found = Vec::new();
        if least > 0 && least < LONGEST {
            found.push("a".repeat(least - 1));
        }
        if most < LONGEST {
            found.push("a".repeat(most + 1));
            found.push("\u{1f600}".repeat(most + 1));
        }
        found.extend(["", " ", "not-of-this-form", "\0", "9999-99-99"].map(str::to_owned));
        found
    }

    pub(super) fn wrong_numbers(&mut self, shape: &Shape<'a>) -> Vec<Value> {
        let mut found = Vec::new();
        for (keyword, step) in [
            ("minimum", -1),
            ("maximum", 1),
            ("exclusiveMinimum", 0),
            ("exclusiveMaximum", 0),
            ("multipleOf", 1),
        ] {
            for bound in shape.each(keyword) {
                match bound.as_i64().and_then(|bound| bound.checked_add(step)) {
                    Some(number) => found.push(number.into()),
                    None => found.extend(bound.as_f64().map(|bound| json!(bound + step as f64))),
                }
            }
        }
        found.extend([json!(i64::MIN), json!(i64::MAX), json!(1e300), json!(-1e300)]);
        found
    }

    pub(super) fn wrong_fields(
        &mut self,
        shape: &Shape<'a>,
        base: &Fields,
        full: &Fields,
        made: &mut Made,
    ) {
        for name in shape.required.iter().take(MOST_FIELDS) {
            for whole in [base, full] {
                let mut fields = whole.clone();
                fields.shift_remove(*name);
                if !self.push(made, fields.into()) {
                    return;
                }
            }
        }
        let mut extra = base.clone();
        extra.insert("no_such_field".into(), json!("unexpected"));
        self.push(made, extra.into());
        for name in shape.forbidden.iter().take(MOST_FIELDS) {
            let mut fields = base.clone();
            fields.insert((*name).to_owned(), Value::Null);
            self.push(made, fields.into());
        }
        let most = objects::bounds(shape).1;
        if most < LONGEST / 10 {
            let mut fields = full.clone();
            for number in 0..=most.saturating_sub(full.len()) {
                fields.insert(format!("one_more_{number}"), Value::Null);
            }
            self.push(made, fields.into());
        }
    }

    pub(super) fn wrong_items(&mut self, shape: &Shape<'a>, base: &[Value], made: &mut Made) {
        if let Some((_, fewer)) = base.split_last() {
            self.push(made, fewer.to_vec().into());
            let mut twice = base.to_vec();
            twice.extend(base.last().cloned());
            self.push(made, twice.into());
        }
        let most = arrays::bounds(shape).1;
        if most < LONGEST {
            let all = self.item(shape, most);
            let Ok(item) = self.plain_within(&all, 4) else { return };
            if (weight(&item) + 1).saturating_mul(most) < LARGEST {
                let mut items = base.to_vec();
                items.resize_with(most + 1, || (*item).clone());
                self.push(made, items.into());
            }
        }
    }
}
