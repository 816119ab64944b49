//! Who may call: API keys and roles, and secrets that never show themselves.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A value that prints as `***`. Read from text, or from a file when the text is `@/path`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for Secret {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix('@') {
            None => Ok(Self(text.to_owned())),
            Some(path) => std::fs::read_to_string(path)
                .map(|s| Self(s.trim().to_owned()))
                .map_err(|e| format!("cannot read the secret from {path}: {e}")),
        }
    }
}

/// What a key may do. Ordered: each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read everything, change nothing.
    Viewer,
    /// Enqueue, and see and change own jobs only.
    Client,
    /// Everything.
    Admin,
}

impl Role {
    /// The word used in `API_KEYS`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Client => "client",
            Self::Admin => "admin",
        }
    }
}

/// Somebody who showed a valid key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Name of the key.
    pub name: String,
    /// Its role.
    pub role: Role,
}

impl Caller {
    /// Who acts where no keys are set: the operator on this machine.
    pub fn local() -> Self {
        Self { name: "local".to_owned(), role: Role::Admin }
    }

    /// Whether this caller may see a job of `client`.
    pub fn may_see(&self, client: Option<&str>) -> bool {
        self.role != Role::Client || client == Some(self.name.as_str())
    }

    /// Whether this caller may change a job of `client`.
    pub fn may_change(&self, client: Option<&str>) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Client => self.may_see(client),
            Role::Viewer => false,
        }
    }
}

#[derive(Clone)]
struct ApiKey {
    caller: Caller,
    digest: [u8; 32],
}

/// The configured keys. Only hashes of the secrets are kept.
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<ApiKey>);

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|k| (&k.caller.name, k.caller.role.as_str(), "***")))
            .finish()
    }
}

/// Shortest secret that is accepted: short ones can be guessed over the network.
const MIN_SECRET: usize = 8;

impl FromStr for ApiKeys {
    type Err = String;

    /// Reads `name:role:secret`, separated by commas or line ends; `@/path` reads them from a file.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.parse::<Secret>()?;
        let mut keys: Vec<ApiKey> = Vec::new();
        for item in text.reveal().split([',', '\n']).map(str::trim).filter(|s| !s.is_empty()) {
            let mut parts = item.splitn(3, ':');
            let (Some(name), Some(role), Some(secret)) = (parts.next(), parts.next(), parts.next()) else {
                return Err("each key is written name:role:secret, separated by commas".to_owned());
            };
            let named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || name.len() > 40 || !name.chars().all(named) {
                return Err("a key's name has 1 to 40 letters, digits, - _ or .".to_owned());
            }
            let role = [Role::Viewer, Role::Client, Role::Admin]
                .into_iter()
                .find(|r| r.as_str() == role)
                .ok_or_else(|| format!("key {name}: the role is admin, client or viewer"))?;
            if secret.len() < MIN_SECRET {
                return Err(format!("key {name}: the secret has at least {MIN_SECRET} characters"));
            }
            if keys.iter().any(|k| k.caller.name == name) {
                return Err(format!("key {name} stands twice"));
            }
            keys.push(ApiKey {
                caller: Caller { name: name.to_owned(), role },
                digest: Sha256::digest(secret).into(),
            });
        }
        Ok(Self(keys))
    }
}

impl ApiKeys {
    /// Whether none is set: then everything is open, and only loopback may listen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose secret this is. Hashes are compared, so the time it takes tells nothing about the secret.
    pub fn authenticate(&self, secret: &str) -> Option<&Caller> {
        let digest: [u8; 32] = Sha256::digest(secret).into();
        self.0.iter().find(|k| k.digest == digest).map(|k| &k.caller)
    }

    /// The caller of that name together with the hash of its secret, from which session cookies are signed.
    pub fn named(&self, name: &str) -> Option<(&Caller, &[u8; 32])> {
        self.0.iter().find(|k| k.caller.name == name).map(|k| (&k.caller, &k.digest))
    }

    /// Refuses to listen beyond loopback without keys; `variable` names the setting of the address.
    pub fn guard(&self, addr: SocketAddr, variable: &str) -> Result<(), String> {
        if self.is_empty() && !addr.ip().is_loopback() {
            return Err(format!(
                "{variable}={addr} listens beyond this machine, and API_KEYS is not set: set API_KEYS=name:admin:secret \
                 or listen on 127.0.0.1"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_recognised() {
        let keys: ApiKeys =
            "ana:admin:correct-horse, crm:client:battery:staple\nwall:viewer:12345678".parse().unwrap();
        assert_eq!(keys.authenticate("correct-horse").unwrap().role, Role::Admin);
        assert_eq!(keys.authenticate("battery:staple").unwrap().name, "crm");
        assert_eq!(keys.authenticate("correct-hors"), None);
        assert!(!format!("{keys:?}").contains("horse"));
    }

    #[test]
    fn bad_keys_say_what_is_wrong() {
        for (text, word) in [
            ("ana", "name:role:secret"),
            ("ana:root:12345678", "admin, client or viewer"),
            ("ana:admin:short", "at least 8"),
            ("a b:admin:12345678", "letters"),
            ("a:admin:12345678,a:client:87654321", "twice"),
            ("@/nowhere/keys", "/nowhere/keys"),
        ] {
            let error = text.parse::<ApiKeys>().unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn without_keys_only_loopback_may_listen() {
        let none = ApiKeys::default();
        assert!(none.guard("127.0.0.1:5000".parse().unwrap(), "API_ADDR").is_ok());
        assert!(none.guard("[::1]:5000".parse().unwrap(), "API_ADDR").is_ok());
        assert!(none.guard("0.0.0.0:5000".parse().unwrap(), "API_ADDR").unwrap_err().contains("API_KEYS"));
        let some: ApiKeys = "a:admin:12345678".parse().unwrap();
        assert!(some.guard("0.0.0.0:5000".parse().unwrap(), "API_ADDR").is_ok());
    }

    #[test]
    fn roles_bound_what_a_caller_reaches() {
        let caller = |role| Caller { name: "crm".into(), role };
        assert!(caller(Role::Client).may_change(Some("crm")));
        assert!(!caller(Role::Client).may_see(Some("other")));
        assert!(!caller(Role::Client).may_see(None));
        assert!(caller(Role::Viewer).may_see(Some("other")));
        assert!(!caller(Role::Viewer).may_change(Some("crm")));
        assert!(caller(Role::Admin).may_change(None));
    }
}
