//! [`Tenant`]: on whose behalf the host runs, and what is allowed there.

use std::fmt;

use crate::fault::Fault;

/// Answers on whose behalf a host runs a plugin, and what that tenant may do.
///
/// Who the tenant of one *call* is, the caller's metadata say (`tenant_id`).
pub trait Tenant: Send + Sync + 'static {
    /// The tenant's id; `None` where there is only one.
    fn id(&self) -> Option<&str>;

    /// Whether the tenant may do something with something.
    ///
    /// # Errors
    /// `tenant_access_denied`: it may not; the message says what and to whom.
    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault>;
}

/// No tenants: everything is allowed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTenant;

impl Tenant for NoTenant {
    fn id(&self) -> Option<&str> {
        None
    }

    fn check_access(&self, _: &str, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// The fault of a refused access.
pub fn access_denied(tenant: Option<&str>, resource: &str, action: &str) -> Fault {
    let tenant = tenant.unwrap_or("unknown");
    Fault::new("tenant_access_denied", format!("tenant `{tenant}` may not {action} `{resource}`"))
}

impl fmt::Debug for dyn Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tenant").field(&self.id()).finish()
    }
}
