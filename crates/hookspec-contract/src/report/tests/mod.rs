//! Laws of reports and of their forms.

mod conformance;
mod forms;
mod json;
pub(crate) mod sample;
