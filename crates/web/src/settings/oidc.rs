use super::{Layered, SettingsFault, is_safe};
use gongdao_service::Role;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Roles that a provider's word can give. Persons are linked one by one, and whoever administers is made here.
const ROLES: [(&str, Role); 4] = [
    ("oidc.role_officer", Role::Officer),
    ("oidc.role_engineer", Role::Engineer),
    ("oidc.role_reviewer", Role::Reviewer),
    ("oidc.role_regulator", Role::Regulator),
];

/// Login with another provider (OpenID Connect Core 1.0, authorization code flow).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// The provider; its `/.well-known/openid-configuration` is read.
    pub issuer: String,
    /// This service's name there.
    pub client_id: String,
    /// File with this service's secret there.
    pub client_secret_file: PathBuf,
    /// What is asked for, parted by spaces; `openid` is among it.
    pub scopes: String,
    /// The claim of the ID token whose values give roles; none where administrators alone give them.
    pub roles_claim: Option<String>,
    /// The value of that claim that gives a role.
    pub roles: BTreeMap<Role, String>,
}

/// Nothing where nobody asked for it, or it cannot be used.
pub(super) fn read(layered: &Layered, faults: &mut Vec<SettingsFault>) -> Option<OidcSettings> {
    let names = ["oidc.issuer", "oidc.client_id", "oidc.client_secret_file"];
    let given = names.map(|name| layered.optional(name));
    let roles: BTreeMap<Role, String> =
        ROLES.iter().filter_map(|(name, role)| Some((*role, layered.optional(name)?))).collect();
    let roles_claim = layered.optional("oidc.roles_claim");
    if given.iter().all(Option::is_none) && roles.is_empty() && roles_claim.is_none() {
        return None;
    }
    let mut fault = |message: String, hint: &str| {
        faults.push(SettingsFault::new(None, message, hint));
        None
    };
    let missing = names.iter().zip(&given).find(|(_, value)| value.is_none());
    let [Some(issuer), Some(client_id), Some(secret)] = given.clone() else {
        let name = missing.map_or("oidc.issuer", |(name, _)| name);
        let hint = "login with another provider needs issuer, client and the file with its secret";
        return fault(format!("`{name}` is missing"), hint);
    };
    let scopes = layered.text("oidc.scopes");
    if !is_safe(&issuer) {
        return fault(format!("`oidc.issuer` is `{issuer}`, which is without TLS"), "write it with `https://`");
    }
    match layered.optional("public_url") {
        Some(url) if is_safe(&url) => {}
        _ => {
            let hint = "write the address under which browsers reach this service, with `https://`: the provider sends people back there";
            return fault("login with another provider needs `public_url`".to_owned(), hint);
        }
    }
    if !scopes.split(' ').any(|scope| scope == "openid") {
        return fault(format!("`oidc.scopes` is `{scopes}`, which is without `openid`"), "add `openid`");
    }
    if roles_claim.is_some() == roles.is_empty() {
        let hint = "write both: the claim, and for a role the claim's value that gives it";
        return fault("`oidc.roles_claim` and `oidc.role_…` go together".to_owned(), hint);
    }
    Some(OidcSettings { issuer, client_id, client_secret_file: PathBuf::from(secret), scopes, roles_claim, roles })
}
