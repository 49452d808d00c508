//! Where a login leads, by the name of its host.

/// Where a login leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Where {
    /// The machine itself, or a private network.
    Local,
    /// A name that documentation uses.
    Example,
    /// A name without a domain, or none that is known.
    Short,
    /// A full name or an address.
    Named,
    /// One that speaks of production.
    Production,
}

impl Where {
    /// What `host` is, a port or an instance after it or not.
    pub(in crate::detect) fn of(host: &str) -> Self {
        let name = host.split([',', '\\']).next().unwrap_or(host);
        let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let says = SAY_EXAMPLE.iter().any(|word| name.contains(word));
        let part = |part: &str| part == "host" || part == "mongodb0";
        let local = name == "localhost" || LOCAL.iter().any(|start| name.starts_with(start));
        if local || ends(&[".localhost", ".local"]) {
            Self::Local
        } else if name.is_empty()
            || ends(RESERVED)
            || STAND_FOR_A_HOST.contains(&name.as_str())
            || says
            || name.split('.').any(part)
        {
            Self::Example
        } else if name.contains('.') {
            if is_production(&name) || ends(CLOUD) {
                Self::Production
            } else {
                Self::Named
            }
        } else if is_production(&name) {
            Self::Production
        } else {
            Self::Short
        }
    }
}

/// Whether a name says that it is of production.
pub(in crate::detect) fn is_production(name: &str) -> bool {
    crate::detect::words::words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "prod" | "prd" | "production" | "live"))
}

/// How names and addresses begin of the machine itself and of private networks.
#[rustfmt::skip]
const LOCAL: &[&str] = &[
    "127.", "0.0.0.0", "::1", "[::1", "host.docker.internal", "192.168.", "10.0.0.", "(local",
    "172.17.",
];

/// How the names end that documentation uses.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "example.com", "example.org", "example.net", "example.edu", ".example", ".test", ".invalid",
    "company.com", "domain.com", "mydomain.com", "yourdomain.com", "acme.com", "foo.com",
    "bar.com", "test.com", "domain.tld", "foo.bar", "mycompany.com", "contoso.com", "server.com",
    "site.com", "website.com", "sample.com", "somewhere.com", "abc.com",
];

/// Services that run databases for their customers.
#[rustfmt::skip]
const CLOUD: &[&str] = &[
    ".amazonaws.com", ".database.windows.net", ".mongodb.net", ".azure.com", ".neon.tech",
    ".supabase.co", ".cloudamqp.com", ".elephantsql.com", ".rlwy.net", ".railway.app",
    ".render.com", ".ondigitalocean.com", ".aivencloud.com", ".cockroachlabs.cloud",
    ".redislabs.com", ".redis-cloud.com", ".upstash.io", ".cleardb.net", ".clickhouse.cloud",
    ".psdb.cloud", ".mlab.com", ".cloud.couchbase.com", ".databases.neo4j.io",
    ".cache.windows.net", ".snowflakecomputing.com",
];

/// Words that are written for the name of some host.
#[rustfmt::skip]
const STAND_FOR_A_HOST: &[&str] = &[
    "host", "hostname", "server", "servername", "myhost", "dbhost", "somehost", "somewhere",
    "example", "xxx", "foo", "bar", "h", "ip", "address", "my-host", "your-host", "remote",
    "db_host", "myserver", "test", "host1", "domain", "addr", "hosts", "db-host", "myproxy",
    "proxyhost", "proxy.server", "proxyserver", "my.proxy", "my-proxy", "a", "b", "c", "x",
    "myservername", "serveraddress", "server_name", "dbserver", "remotehost", "remote_host",
];

/// Parts of such a name.
const SAY_EXAMPLE: &[&str] = &[
    "example",
    "xxxx",
    "your",
    "placeholder",
    "hostname",
    "dummy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (host, place) in [
            ("localhost:5432", Where::Local),
            (".local", Where::Local),
            ("(localdb)\\MSSQLLocalDB", Where::Local),
            ("db.example.com", Where::Example),
            ("postgres", Where::Short),
            ("sqlhost1\\inst", Where::Short),
            ("db1.corp.net:1", Where::Named),
            ("db1.prod.corp.net:1", Where::Production),
            ("x.abc1.eu-west-1.rds.amazonaws.com:5439", Where::Production),
        ] {
            assert_eq!(Where::of(host), place, "{host}");
        }
    }
}
