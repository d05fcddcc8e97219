//! Objects: which fields there may be, and what applies to each of them.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::builder::{Builder, Conjunction, LARGEST, Why, weight};
use super::shape::Shape;

/// How many names are tried to find one that is free.
const MOST_NAMES_TRIED: usize = 64;

pub(super) type Fields = Map<String, Value>;

impl<'a> Builder<'a> {
    /// What applies to a field of an object.
    pub(super) fn field(&mut self, shape: &Shape<'a>, name: &str) -> Conjunction<'a> {
        let mut all = Conjunction::default();
        let mut evaluated = false;
        for part in &shape.parts {
            let own = part.get("properties").and_then(|fields| fields.get(name));
            let mut known = own.is_some();
            own.into_iter().for_each(|schema| all.add(schema));
            let keyed = part.get("patternProperties").and_then(Value::as_object);
            for (pattern, schema) in keyed.into_iter().flatten() {
                if self.keeps("pattern", &pattern.as_str().into(), &name.into()) {
                    known = true;
                    all.add(schema);
                }
            }
            if !known && let Some(others) = part.get("additionalProperties") {
                known = true;
                all.add(others);
            }
            evaluated |= known;
        }
        if !evaluated {
            shape.each("unevaluatedProperties").for_each(|schema| all.add(schema));
        }
        all
    }

    /// The fields that schemas name, required ones first; none that are forbidden.
    pub(super) fn names(&self, shape: &Shape<'a>) -> Vec<&'a str> {
        let mut seen = HashSet::new();
        let named = shape.each("properties").filter_map(Value::as_object);
        let named = named.flat_map(|fields| fields.keys()).map(String::as_str);
        let all = shape.required.iter().copied().chain(named);
        all.filter(|name| !shape.forbidden.contains(name) && seen.insert(*name)).collect()
    }

    /// Names that no schema gives to a field of this object, as far as objects may have any: those
    /// that patterns ask for, then free ones.
    pub(super) fn free_names(&mut self, shape: &Shape<'a>, wanted: usize) -> Vec<String> {
        let named: HashSet<&str> = self.names(shape).into_iter().collect();
        if self.spend(1 + named.len() / 4).is_err() {
            return Vec::new();
        }
        let mut found: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut tries = 0;
        let most = wanted.saturating_add(MOST_NAMES_TRIED);
        for candidate in self.name_candidates(shape, wanted) {
            tries += 1;
            if found.len() >= wanted || tries > most || self.spend(1).is_err() {
                break;
            }
            let name = candidate.as_str();
            let taken = named.contains(name) || shape.forbidden.contains(name);
            if !taken && seen.insert(candidate.clone()) && self.may_have(shape, name) {
                found.push(candidate);
            }
        }
        found
    }

    fn name_candidates(&mut self, shape: &Shape<'a>, wanted: usize) -> Vec<String> {
        let mut candidates = Vec::new();
        let patterns: Vec<&'a String> = shape
            .each("patternProperties")
            .filter_map(Value::as_object)
            .flat_map(|keyed| keyed.keys())
            .take(MOST_NAMES_TRIED)
            .collect();
        for pattern in patterns {
            candidates.extend(self.matching(pattern, 3));
        }
        let mut all = Conjunction::default();
        shape.each("propertyNames").for_each(|schema| all.add(schema));
        if !all.is_free() {
            let alternatives = self.alternatives(&all);
            for shape in alternatives.shapes.iter().take(4) {
                let allowed = shape.allowed.iter().flatten().filter_map(|value| value.as_str());
                candidates.extend(allowed.map(str::to_owned));
                candidates.extend(self.distinct_texts(shape, wanted));
            }
        }
        candidates.extend((1..=wanted.saturating_add(8)).map(|number| format!("key{number}")));
        candidates
    }

    /// Whether an object may have a field of this name, whatever its value.
    pub(super) fn may_have(&mut self, shape: &Shape<'a>, name: &str) -> bool {
        !shape.forbidden.contains(name)
            && self.may_be_named(shape, name)
            && self.plain_field(shape, name, 4).is_ok()
    }

    fn may_be_named(&mut self, shape: &Shape<'a>, name: &str) -> bool {
        let mut all = Conjunction::default();
        shape.each("propertyNames").for_each(|schema| all.add(schema));
        if all.is_free() {
            return true;
        }
        let value = Value::String(name.to_owned());
        let alternatives = self.alternatives(&all);
        alternatives.cut
            || alternatives.shapes.iter().any(|shape| {
                let allowed = shape.allowed.as_ref();
                allowed.is_none_or(|allowed| allowed.contains(&&value)) && self.fits(shape, &value)
            })
    }

    fn plain_field(
        &mut self,
        shape: &Shape<'a>,
        name: &str,
        height: usize,
    ) -> Result<Rc<Value>, Why> {
        let all = self.field(shape, name);
        self.plain_within(&all, height)
    }

    /// The required fields, and as many others as have to be.
    pub(super) fn plain_object(&mut self, shape: &Shape<'a>, height: usize) -> Result<Fields, Why> {
        let (least, most) = bounds(shape);
        if least > most || shape.required.len() > most {
            return Err(Why::impossible("more fields are asked for than may be there"));
        }
        let mut fields = Fields::new();
        let below = height.saturating_sub(1);
        // What another branch would have looked at as well is not known here.
        let certain = shape.each("unevaluatedProperties").next().is_none();
        if height == 0 && (least > 0 || !shape.required.is_empty()) {
            return Err(Why::unknown("no value was found that ends after a few levels"));
        }
        for name in &shape.required {
            if !self.may_be_named(shape, name) {
                return Err(Why::Impossible(format!("no field may be named `{name}`")));
            }
            self.add(shape, &mut fields, name, below).map_err(|why| match why {
                Why::Impossible(why) if certain => {
                    Why::Impossible(format!("field `{name}`: {why}"))
                }
                Why::Impossible(why) | Why::Unknown(why) => Why::Unknown(why),
            })?;
        }
        if fields.len() < least {
            let names = self.names(shape);
            self.spend(names.len())?;
            for name in names {
                if fields.len() < least {
                    // One that cannot be there is passed over.
                    let _ = self.add(shape, &mut fields, name, below);
                }
            }
        }
        if fields.len() < least {
            if least > LARGEST / 8 {
                return Err(Why::unknown("the smallest value is larger than 1 MiB"));
            }
            for name in self.free_names(shape, least - fields.len()) {
                self.add(shape, &mut fields, &name, below)?;
            }
        }
        if fields.len() < least || fields.len() > most {
            return Err(Why::unknown("not the right number of fields was found"));
        }
        Ok(fields)
    }

    /// Adds a field in its plainest form, with the fields it asks for.
    fn add(
        &mut self,
        shape: &Shape<'a>,
        fields: &mut Fields,
        name: &str,
        height: usize,
    ) -> Result<(), Why> {
        if fields.contains_key(name) {
            return Ok(());
        }
        self.spend(1)?;
        let value = self.plain_field(shape, name, height)?;
        fields.insert(name.to_owned(), (*value).clone());
        self.accompany(shape, fields, name, height)
    }

    /// Adds the fields that one asks for, and those that they ask for.
    fn accompany(
        &mut self,
        shape: &Shape<'a>,
        fields: &mut Fields,
        name: &str,
        height: usize,
    ) -> Result<(), Why> {
        let mut open = companions(shape, name);
        while let Some(other) = open.pop() {
            if fields.contains_key(other) {
                continue;
            }
            if shape.forbidden.contains(other) {
                return Err(Why::unknown("a field asks for one that is forbidden"));
            }
            self.spend(1)?;
            let value = self.plain_field(shape, other, height)?;
            fields.insert(other.to_owned(), (*value).clone());
            open.extend(companions(shape, other));
        }
        Ok(())
    }

    /// An object with one field set, and those that this one asks for. `None` where that cannot be.
    pub(super) fn with(
        &mut self,
        shape: &Shape<'a>,
        base: &Fields,
        name: &str,
        value: &Value,
    ) -> Option<Fields> {
        self.spend(1 + base.len() / 8).ok()?;
        let mut fields = base.clone();
        fields.insert(name.to_owned(), value.clone());
        self.accompany(shape, &mut fields, name, 4).ok()?;
        (fields.len() <= bounds(shape).1).then_some(fields)
    }

    /// An object with every field that schemas name, as many as may be there.
    pub(super) fn full(&mut self, shape: &Shape<'a>, base: &Fields) -> Fields {
        let most = bounds(shape).1;
        let mut fields = base.clone();
        let mut size = fields.values().map(weight).sum::<usize>();
        for name in self.names(shape) {
            if fields.len() >= most || size > LARGEST / 2 {
                break;
            }
            if fields.contains_key(name) || !self.may_have(shape, name) {
                continue;
            }
            // A copy for every field would be too much where there are thousands.
            let before = (!companions(shape, name).is_empty()).then(|| fields.clone());
            let added = self.add(shape, &mut fields, name, 4).is_ok();
            size += fields.get(name).map_or(0, weight);
            if let Some(before) = before
                && !(added && fields.len() <= most)
            {
                fields = before;
            }
        }
        fields
    }
}

/// How many fields there may be.
pub(super) fn bounds(shape: &Shape<'_>) -> (usize, usize) {
    (shape.least("minProperties"), shape.most("maxProperties").unwrap_or(usize::MAX))
}

/// The fields that `dependentRequired` asks for with another.
fn companions<'a>(shape: &Shape<'a>, name: &str) -> Vec<&'a str> {
    let lists = shape.each("dependentRequired").filter_map(|each| each.get(name)?.as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}
