//! Random instances near a schema: what the suite has, changed a little, with values that the
//! schema itself mentions.

use serde_json::{Map, Number, Value, json};

/// Instances near a schema, always the same ones for one seed.
#[derive(Debug)]
pub struct Instances {
    state: u64,
    seeds: Vec<Value>,
    pool: Vec<Value>,
    keys: Vec<String>,
}

/// How large an instance may become.
const LARGEST: usize = 400;

impl Instances {
    /// Instances near a schema and some values.
    pub fn new(seed: u64, schema: &Value, values: &[Value]) -> Self {
        let mut all = Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            seeds: values.to_vec(),
            pool: vec![
                json!(null),
                json!(true),
                json!(false),
                json!(0),
                json!(1),
                json!(-1),
                json!(1.0),
                json!(2.5),
                json!(-0.0),
                json!(1e19),
                json!(""),
                json!("a"),
                json!("día"),
                json!("0"),
                json!([]),
                json!({}),
                json!([null]),
                json!({ "a": 1 }),
                json!([1, 1.0]),
            ],
            keys: vec!["value".into(), "extra".into(), "".into()],
        };
        for value in values {
            all.collect(value);
        }
        all.collect(schema);
        if all.seeds.is_empty() {
            all.seeds.push(json!({}));
        }
        all
    }

    fn collect(&mut self, value: &Value) {
        if self.pool.len() > LARGEST {
            return;
        }
        self.pool.push(value.clone());
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if !self.keys.contains(key) {
                        self.keys.push(key.clone());
                    }
                    self.collect(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    /// The next instance.
    pub fn draw(&mut self) -> Value {
        let mut value = match self.below(8) {
            0 => self.pooled(),
            _ => {
                let seed = self.below(self.seeds.len());
                self.seeds[seed].clone()
            }
        };
        for _ in 0..=self.below(3) {
            self.change(&mut value, 0);
        }
        value
    }

    fn change(&mut self, value: &mut Value, depth: usize) {
        let inside = depth < 6 && self.below(3) > 0;
        match value {
            Value::Object(fields) if inside && !fields.is_empty() => {
                let at = self.below(fields.len());
                if let Some((_, value)) = fields.iter_mut().nth(at) {
                    return self.change(value, depth + 1);
                }
            }
            Value::Array(items) if inside && !items.is_empty() => {
                let at = self.below(items.len());
                return self.change(&mut items[at], depth + 1);
            }
            _ => {}
        }
        match value {
            Value::Object(fields) if self.below(4) > 0 => self.change_fields(fields),
            Value::Array(items) if self.below(4) > 0 => match self.below(3) {
                0 => items.push(self.pooled()),
                1 => drop(items.pop()),
                _ => items.extend(items.first().cloned()),
            },
            Value::Number(number) if self.below(2) > 0 => *value = self.nearby(number),
            Value::String(text) if self.below(2) > 0 => match self.below(3) {
                0 => text.push('x'),
                1 => drop(text.pop()),
                _ => text.push('😀'),
            },
            _ => *value = self.pooled(),
        }
    }

    fn change_fields(&mut self, fields: &mut Map<String, Value>) {
        if self.below(2) == 0 && !fields.is_empty() {
            let at = self.below(fields.len());
            let key = fields.keys().nth(at).cloned().unwrap_or_default();
            fields.remove(&key);
        } else {
            let at = self.below(self.keys.len());
            let key = self.keys[at].clone();
            fields.insert(key, self.pooled());
        }
    }

    /// A number beside another, or the same one written otherwise.
    fn nearby(&mut self, number: &Number) -> Value {
        match (self.below(5), number.as_i64(), number.as_f64()) {
            (0, Some(integer), _) if integer.unsigned_abs() < 1 << 53 => json!(integer as f64),
            (1, Some(integer), _) => json!(integer.saturating_add(1)),
            (2, Some(integer), _) => json!(integer.saturating_sub(1)),
            (3, _, Some(float)) => json!(float / 2.0),
            (_, _, Some(float)) => json!(float + 0.5),
            _ => json!(0),
        }
    }

    fn pooled(&mut self) -> Value {
        let at = self.below(self.pool.len());
        self.pool[at].clone()
    }

    /// xorshift64*: enough to wander, and the same on every machine.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        drawn as usize % bound.max(1)
    }
}
