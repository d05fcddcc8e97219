//! The objects worth having: with few fields and many, and with one field varied at a time.

use std::rc::Rc;

use serde_json::{Value, json};

use super::builder::{Builder, Goal, LARGEST, weight};
use super::objects::{Fields, bounds};
use super::shape::Shape;
use super::texts;
use super::variants::{MOST_ROWS, Made, interleaved};

/// How many levels the plain fields of an object may need.
const HEIGHT: usize = 14;
/// How many fields are left out, or added, one at a time.
const MOST_TOGGLED: usize = 64;
/// How many fields are varied one at a time.
const MOST_VARIED: usize = 1_000;
/// How many keys a large object has, and at least.
const LARGE: usize = 1_000;
/// How many random objects there are.
const MOST_RANDOM: usize = 24;
/// Names that nobody uses.
const UNKNOWN: [&str; 4] =
    ["x_unknown_field", "addedInALaterVersion", "zz-extension.example/one", "__unheard_of"];

/// A field and the values to give it.
type Varied = (String, Rc<Vec<Value>>);

impl<'a> Builder<'a> {
    pub(super) fn objects(&mut self, shape: &Shape<'a>, depth: usize) -> Vec<Value> {
        let Ok(base) = self.plain_object(shape, HEIGHT) else { return Vec::new() };
        let full = self.full(shape, &base);
        let mut made = Made::default();
        match self.goal {
            Goal::Valid | Goal::Boundary => {
                self.push(&mut made, base.clone().into());
                self.push(&mut made, full.clone().into());
                if self.goal == Goal::Boundary {
                    self.fullest(shape, &full, &mut made);
                }
            }
            Goal::Large => self.large(shape, &base, &mut made),
            Goal::Unknown => self.unknown(shape, &base, &full, &mut made),
            Goal::Unicode => self.unicode_keys(shape, &base, &mut made),
            Goal::Invalid => self.wrong_fields(shape, &base, &full, &mut made),
        }
        let varied = self.varied(shape, depth);
        if matches!(self.goal, Goal::Valid | Goal::Boundary | Goal::Unicode) {
            self.rows(shape, &full, &varied, &mut made);
        }
        let mut lists = vec![made.0];
        if self.goal == Goal::Valid {
            lists.push(self.toggled(shape, &base, &full));
            lists.push(self.mixed(shape, &base, &varied));
        }
        let singles: Vec<_> =
            varied.iter().map(|(name, values)| self.singles(shape, &base, name, values)).collect();
        // The heads count for as much as the fields together do.
        lists.push(interleaved(singles, usize::MAX));
        interleaved(lists, usize::MAX)
    }

    /// The fields that can be varied: named ones, and one that is not.
    fn varied(&mut self, shape: &Shape<'a>, depth: usize) -> Vec<Varied> {
        let mut names: Vec<String> =
            self.names(shape).into_iter().take(MOST_VARIED).map(str::to_owned).collect();
        names.extend(self.free_names(shape, 1));
        let mut varied = Vec::new();
        for name in names {
            if self.spend(1).is_err() {
                break;
            }
            let all = self.field(shape, &name);
            let values = self.below(&all, depth);
            if !values.is_empty() {
                varied.push((name, values));
            }
        }
        varied
    }

    fn singles(
        &mut self,
        shape: &Shape<'a>,
        base: &Fields,
        name: &str,
        values: &[Value],
    ) -> Vec<Value> {
        let mut made = Made::default();
        for value in values {
            let Some(fields) = self.with(shape, base, name, value) else { break };
            if !self.push(&mut made, fields.into()) {
                break;
            }
        }
        made.0
    }

    /// Objects that vary every field at once.
    fn rows(&mut self, shape: &Shape<'a>, full: &Fields, varied: &[Varied], made: &mut Made) {
        let longest = varied.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        let most = bounds(shape).1;
        for row in 0..longest.min(MOST_ROWS) {
            if self.spend(1 + varied.len() / 2).is_err() {
                break;
            }
            let mut fields = full.clone();
            for (name, values) in varied {
                let value = values.get(row % values.len().max(1));
                if let Some(value) = value.filter(|_| fields.contains_key(name)) {
                    fields.insert(name.clone(), value.clone());
                }
            }
            if fields.len() > most || !self.push(made, fields.into()) {
                break;
            }
        }
    }

    /// Each optional field present alone, and absent alone.
    fn toggled(&mut self, shape: &Shape<'a>, base: &Fields, full: &Fields) -> Vec<Value> {
        let optional: Vec<&String> =
            full.keys().filter(|name| !base.contains_key(*name)).take(MOST_TOGGLED).collect();
        let mut made = Made::default();
        for name in &optional {
            let value = full.get(*name).unwrap_or(&Value::Null);
            let Some(fields) = self.with(shape, base, name, value) else { continue };
            self.push(&mut made, fields.into());
        }
        for name in optional {
            let mut fields = full.clone();
            fields.shift_remove(name);
            if !self.push(&mut made, fields.into()) {
                break;
            }
        }
        made.0
    }

    /// Objects with some of the fields, each in some form.
    fn mixed(&mut self, shape: &Shape<'a>, base: &Fields, varied: &[Varied]) -> Vec<Value> {
        let mut made = Made::default();
        for _ in 0..MOST_RANDOM {
            let mut fields = base.clone();
            for (name, values) in varied {
                let chosen = self.random.below(values.len());
                if self.random.below(2) == 1
                    && let Some(value) = values.get(chosen)
                {
                    fields = self.with(shape, &fields, name, value).unwrap_or(fields);
                }
            }
            if !self.push(&mut made, fields.into()) {
                break;
            }
        }
        made.0
    }

    /// As many fields as may be there, where that is few enough to be made.
    fn fullest(&mut self, shape: &Shape<'a>, full: &Fields, made: &mut Made) {
        let most = bounds(shape).1;
        if most <= LARGE && full.len() < most {
            let mut fields = full.clone();
            for name in self.free_names(shape, most) {
                let all = self.field(shape, &name);
                if fields.len() < most
                    && let Ok(value) = self.plain_within(&all, 4)
                {
                    fields.insert(name, (*value).clone());
                }
            }
            self.push(made, fields.into());
        }
    }

    fn large(&mut self, shape: &Shape<'a>, base: &Fields, made: &mut Made) {
        if bounds(shape).1 < base.len().saturating_add(LARGE) {
            return;
        }
        let mut fields = base.clone();
        let mut size = 0;
        for name in self.free_names(shape, LARGE + base.len()) {
            if fields.len() >= base.len() + LARGE {
                break;
            }
            let all = self.field(shape, &name);
            let Ok(value) = self.plain_within(&all, 4) else { continue };
            size += weight(&value) + name.len() + 4;
            if size > LARGEST * 3 / 4 {
                break;
            }
            fields.insert(name, (*value).clone());
        }
        if fields.len() >= LARGE / 2 {
            self.push(made, fields.into());
        }
    }

    fn unknown(&mut self, shape: &Shape<'a>, base: &Fields, full: &Fields, made: &mut Made) {
        let mut names: Vec<String> = UNKNOWN.map(str::to_owned).into();
        names.extend(self.free_names(shape, 8));
        let mut added: Vec<(String, Value)> = Vec::new();
        for name in names {
            if self.mentions(&name) || full.contains_key(&name) || !self.may_have(shape, &name) {
                continue;
            }
            let all = self.field(shape, &name);
            let values = match all.is_free() {
                true => {
                    vec![json!("added"), json!(17), json!({ "nested": [null, true] }), json!(null)]
                }
                false => self.distinct(&all, 2, 4),
            };
            for value in values {
                added.push((name.clone(), value));
            }
            if added.len() > 12 {
                break;
            }
        }
        let mut several = full.clone();
        for (name, value) in &added {
            if several.len() < bounds(shape).1 {
                several.insert(name.clone(), value.clone());
            }
        }
        for (index, (name, value)) in added.iter().enumerate() {
            if let Some(fields) = self.with(shape, base, name, value) {
                self.push(made, fields.into());
            }
            if index == 0 {
                self.push(made, several.clone().into());
            }
        }
    }

    fn unicode_keys(&mut self, shape: &Shape<'a>, base: &Fields, made: &mut Made) {
        let mut all = base.clone();
        let mut singles = Vec::new();
        let tower = texts::tower();
        for name in texts::UNICODE.into_iter().chain([tower.as_str()]) {
            if all.contains_key(name) || !self.may_have(shape, name) {
                continue;
            }
            let field = self.field(shape, name);
            let Ok(value) = self.plain_within(&field, 4) else { continue };
            if all.len() < bounds(shape).1 {
                all.insert(name.to_owned(), (*value).clone());
            }
            singles.extend(self.with(shape, base, name, &value));
        }
        if all.len() > base.len() {
            self.push(made, all.into());
        }
        for fields in singles {
            self.push(made, fields.into());
        }
    }
}
