//! A small program to be looked at.

/// Somebody who greets.
pub struct Greeter {
    name: String,
}

impl Greeter {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    pub fn greet(&self) -> String {
        format!("Hello, {}", self.name)
    }
}

impl Default for Greeter {
    fn default() -> Self {
        Self::new("world")
    }
}

fn main() {
    println!("{}", Greeter::default().greet());
}
