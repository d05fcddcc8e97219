//! Lists: how many items there may be, and what applies to each of them.

use serde_json::Value;

use super::builder::{Builder, Conjunction, Goal, LARGEST, Why, weight};
use super::shape::{Shape, count};
use super::types::Types;

impl<'a> Builder<'a> {
    /// What applies to an item of a list.
    pub(super) fn item(&self, shape: &Shape<'a>, index: usize) -> Conjunction<'a> {
        let mut all = Conjunction::default();
        let mut evaluated = false;
        for part in &shape.parts {
            let first = part.get("prefixItems").and_then(Value::as_array);
            let own = first.and_then(|schemas| schemas.get(index)).or_else(|| part.get("items"));
            evaluated |= own.is_some();
            own.into_iter().for_each(|schema| all.add(schema));
        }
        if !evaluated {
            shape.each("unevaluatedItems").for_each(|schema| all.add(schema));
        }
        all
    }

    /// As few items as there may be.
    pub(super) fn plain_array(
        &mut self,
        shape: &Shape<'a>,
        height: usize,
    ) -> Result<Vec<Value>, Why> {
        let (least, most) = bounds(shape);
        if least > most {
            return Err(Why::impossible("more items are asked for than may be there"));
        }
        let mut items = Vec::new();
        let below = height.saturating_sub(1);
        for (contains, times) in contained(shape) {
            for _ in 0..times.min(LARGEST) {
                self.spend(1)?;
                if height == 0 {
                    return Err(Why::unknown("no value was found that ends after a few levels"));
                }
                let mut all = self.item(shape, items.len());
                all.add(contains);
                let item = match is_unique(shape) {
                    false => self.plain_within(&all, below).map(|value| (*value).clone()),
                    true => self.another(&all, &items, below),
                };
                // It might have stood elsewhere, where something else applies.
                items.push(item.map_err(|why| match why {
                    Why::Impossible(why) if prefix(shape) > 0 => Why::Unknown(why),
                    why => why,
                })?);
            }
        }
        if items.len() < least {
            if height == 0 {
                return Err(Why::unknown("no value was found that ends after a few levels"));
            }
            self.fill(shape, &mut items, least, below)?;
        }
        match items.len() > most {
            true => Err(Why::unknown("more items are asked for than may be there")),
            false => Ok(items),
        }
    }

    /// Adds plain items until there are so many.
    ///
    /// # Errors
    /// There cannot be so many, or no items were found, or they are more than 1 MiB together.
    pub(super) fn fill(
        &mut self,
        shape: &Shape<'a>,
        items: &mut Vec<Value>,
        wanted: usize,
        height: usize,
    ) -> Result<(), Why> {
        let prefix = prefix(shape);
        while items.len() < wanted.min(prefix) {
            self.spend(1)?;
            let all = self.item(shape, items.len());
            let item = match is_unique(shape) {
                false => (*self.plain_within(&all, height)?).clone(),
                true => self.another(&all, items, height)?,
            };
            items.push(item);
        }
        if items.len() >= wanted {
            return Ok(());
        }
        let rest = self.item(shape, prefix);
        let plain = self.plain_within(&rest, height)?;
        let missing = wanted - items.len();
        if missing.saturating_mul(weight(&plain) / 2) > LARGEST {
            return Err(Why::unknown("the smallest value is larger than 1 MiB"));
        }
        self.spend(missing / 16)?;
        if !is_unique(shape) {
            items.resize_with(wanted, || (*plain).clone());
            return Ok(());
        }
        let more = self.distinct(&rest, missing + items.len(), height);
        let taken: std::collections::HashSet<String> = items.iter().map(Value::to_string).collect();
        items.extend(
            more.into_iter().filter(|each| !taken.contains(&each.to_string())).take(missing),
        );
        match items.len() < wanted {
            true => Err(Why::unknown("not so many different items were found")),
            false => Ok(()),
        }
    }

    fn another(
        &mut self,
        all: &Conjunction<'a>,
        known: &[Value],
        height: usize,
    ) -> Result<Value, Why> {
        let candidates = self.distinct(all, known.len() + 1, height);
        let found = candidates.into_iter().find(|each| !known.contains(each));
        found.ok_or_else(|| Why::unknown("not so many different items were found"))
    }

    /// Values that differ from each other, as many as are wanted or as are easily found.
    pub(super) fn distinct(
        &mut self,
        all: &Conjunction<'a>,
        wanted: usize,
        height: usize,
    ) -> Vec<Value> {
        let alternatives = self.alternatives(all);
        let mut found: Vec<Value> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for shape in &alternatives.shapes {
            if found.len() >= wanted || self.spend(1 + wanted / 16).is_err() {
                break;
            }
            let mut candidates: Vec<Value> = Vec::new();
            if let Some(allowed) = &shape.allowed {
                candidates.extend(allowed.iter().map(|value| (*value).clone()));
                candidates.retain(|value| self.fits(shape, value));
            } else {
                if shape.types.has(Types::INTEGER) {
                    candidates.extend(self.distinct_integers(shape, wanted));
                }
                if shape.types.has(Types::STRING) && candidates.len() < wanted {
                    let texts = self.distinct_texts(shape, wanted);
                    candidates.extend(texts.into_iter().map(Value::String));
                }
                if shape.types.has(Types::FRACTION) && candidates.len() < wanted {
                    let numbers = self.numbers(shape, Types::FRACTION, Goal::Boundary);
                    candidates.extend(numbers.unwrap_or_default());
                }
                if shape.types.has(Types::BOOLEAN) {
                    candidates.extend([false.into(), true.into()]);
                }
                for types in [Types::NULL, Types::OBJECT, Types::ARRAY] {
                    if shape.types.has(types) {
                        candidates.extend(self.plain_typed(shape, types, height).ok());
                    }
                }
            }
            for value in candidates {
                if found.len() < wanted && seen.insert(value.to_string()) {
                    found.push(value);
                }
            }
        }
        found
    }
}

/// How many items there may be.
pub(super) fn bounds(shape: &Shape<'_>) -> (usize, usize) {
    (shape.least("minItems"), shape.most("maxItems").unwrap_or(usize::MAX))
}

/// How many items have a schema of their own.
pub(super) fn prefix(shape: &Shape<'_>) -> usize {
    shape.each("prefixItems").filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0)
}

/// Whether no two items may be the same.
pub(super) fn is_unique(shape: &Shape<'_>) -> bool {
    shape.each("uniqueItems").any(|unique| unique == &Value::Bool(true))
}

/// What has to be among the items, and how often.
fn contained<'a>(shape: &Shape<'a>) -> Vec<(&'a Value, usize)> {
    let each = shape.parts.iter().filter_map(|part| {
        let times = part.get("minContains").and_then(count).unwrap_or(1);
        Some((part.get("contains")?, times))
    });
    each.collect()
}
