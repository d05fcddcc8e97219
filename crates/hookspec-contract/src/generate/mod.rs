//! stub
#![allow(missing_docs)]
use hookspec_spec::Schema; use serde_json::Value;
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Sort { Valid, Boundary, Deep, Large, UnknownField, Unicode }
#[derive(Debug)]
pub enum Nothing { Unsatisfiable(String), NotOfThisSort(String), NotFound(String) }
#[derive(Debug)]
pub struct Generator;
impl Generator { pub fn new(_: &Schema, _: &[Value], _: u64) -> Self { Self }
 pub fn samples(&self, _: Sort, _: usize) -> Result<Vec<Value>, Nothing> { Ok(vec![]) }
 pub fn invalid(&self, _: usize) -> Vec<Value> { vec![] } }
pub fn smallest(_: &Schema, value: Value, _: usize, _: impl FnMut(&Value) -> bool) -> Value { value }
