//! All example plugins in one shared library, so that the cases run over them in this way as well:
//! none of them is changed for it.

#![forbid(unsafe_code)]

use audit_logger as _;
use file_processors as _;
use metrics_exporter as _;
use query_rewriters as _;
use tool_providers as _;

hookspec::export!(linked, make: misbehaving::Nonsense::files, misbehaving::Nonsense::tools);
