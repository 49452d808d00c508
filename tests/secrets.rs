//! Two promises that every rule has to keep: no bytes make detection panic, and no
//! secret that it finds stands in what it says.

use std::sync::LazyLock;

use byway::detect::{Engine, Scratch};
use byway::document::Document;
use byway::finding::Finding;
use byway::rule::{self, sample};
use proptest::prelude::*;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(rule::builtin().to_vec()).expect("our own rules"));

/// Paths that decide kinds, formats and roles.
const PATHS: &[&str] = &[
    "a",
    "src/a.py",
    "src/a.go",
    "src/a.ts",
    "a.json",
    "a.yaml",
    "a.toml",
    "main.tf",
    "a.xml",
    "a.ini",
    "a.properties",
    ".env",
    ".npmrc",
    ".netrc",
    "Dockerfile",
    "a.sh",
    "README.md",
    "tests/a.rb",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "docker/config.json",
    ".pgpass",
    ".my.cnf",
    ".git-credentials",
    "terraform.tfstate",
    "a.ipynb",
    "credentials.xml",
    "shop/settings.py",
    "config/database.php",
    "values.yaml",
    "vpn/a.ovpn",
    "a.keytab",
    "a.jks",
    ".mcp.json",
    "auth.json",
    "userlist.txt",
    "chap-secrets",
    "ipsec.secrets",
    "sasl_passwd",
    "wpa_supplicant.conf",
    "settings.xml",
    "build.gradle",
    "key.properties",
    "appsettings.json",
    "web.config",
    "docker-compose.yml",
    "group_vars/all.yml",
    "Info.plist",
    "res/values/strings.xml",
    "filezilla.xml",
    "unattend.xml",
    "a.sql",
    "a.ps1",
];

/// Text that wakes rules and begins what they look for.
const SALT: &[&str] = &[
    "ghp_",
    "github_pat_1",
    "AKIA",
    "AIza",
    "eyJ",
    "xoxb-1",
    "sk_live_",
    "npm_",
    "pypi-AgE",
    concat!("-----BEGIN", " RSA PRIVATE KEY-----"),
    "-----END ",
    concat!("-----BEGIN", " OPENSSH PRIVATE KEY-----\\n"),
    "password",
    "token",
    "SECRET_KEY",
    "api_key",
    "--token ",
    "postgres://",
    "u:p@h",
    "jdbc:mysql://",
    "password=",
    "auths",
    "auth",
    "kind: Secret\napiVersion: v1\ndata:\n  a: ",
    "service_account",
    "\"type\": \"",
    "machine a login b ",
    "ansible_password",
    "requirepass ",
    "bindpw ",
    "{\"cells\": [{\"source\": [\"",
    "\\u00e9\\\"",
    "environment:\n  - ",
    "<Pass encoding=\"base64\">",
    "://",
    "=",
    ": ",
    " := ",
    " => ",
    ",",
    "\"",
    "'",
    "`",
    "\n",
    "\\",
    "\0",
    "é",
    "{{",
    "${",
    "Authorization: Bearer ",
    "Authorization: Basic ",
    "X-Api-Key: ",
    "Server=a.b;User Id=c;Password=",
    "host=a.b user=c password=",
    "@tcp(h:1)/d",
    "curl -u a:",
    "mysql -u a -p",
    "PGPASSWORD=",
    " | chpasswd",
    "ConvertTo-SecureString ",
    "identified by '",
    "create user a ",
    "login(\"a\", \"",
    "auth=(",
    "rootpw ",
    "storePassword ",
    "{\"mcpServers\": {\"a\": {\"env\": {\"TOKEN\": \"Bearer ",
    "<key>apiKey</key><string>",
    "cpassword=\"",
    "variable \"password\" {\n  default = \"",
    "ENV PASSWORD=",
    "name: TOKEN\nvalue: ",
    "<password>",
    "permissions: ",
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t",
    "dG9rZW46IGdocF9hYmNkZWZnaGlqa2xtbm9w",
    "746f6b656e3a206768705f6162636465666768",
    "JAB0AD0AJwBnAGgAcABfAGEAYgBjAGQAZQBmACcA",
    "%3D",
    "\\u003d",
    "\\x2f",
    "a/\\/",
    "\\nghp_",
];

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let salt = (0..SALT.len()).prop_map(|i| SALT[i].as_bytes().to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..24);
    let plain = "[A-Za-z0-9+/=_.-]{0,60}".prop_map(String::into_bytes);
    prop::collection::vec(prop_oneof![3 => salt, 1 => noise, 2 => plain], 0..24)
        .prop_map(|parts| parts.concat())
}

fn scan(path: &str, bytes: &[u8]) -> Vec<Finding> {
    ENGINE.scan(&Document::new(path, bytes), &mut Scratch::default())
}

/// One form of credential: the secret, and a text with `@` where it stands.
struct Form {
    path: &'static str,
    secret: &'static str,
    around: &'static str,
    rule: &'static str,
}

const fn form(
    rule: &'static str,
    path: &'static str,
    secret: &'static str,
    around: &'static str,
) -> Form {
    Form {
        path,
        secret,
        around,
        rule,
    }
}

#[rustfmt::skip]
const FORMS: &[Form] = &[
    form("github-token", "a.py", "ghp_{{base62:30}}{{crc32-base62}}", "t = \"@\"\n"),
    form("github-fine-grained-token", "a.py", "github_pat_1{{base62:21}}_{{base62:43}}{{sha256-base32}}{{base62:8}}", "t = '@'\n"),
    form("aws-access-key", "a.ini", "{{base64:40}}", "id = AKIAQ{{base32:15}}\nsecret = @\n"),
    form("private-key", "id", "{{der:300}}", "-----BEGIN{{-}} RSA PRIVATE KEY-----\n@\n-----END RSA PRIVATE KEY-----\n"),
    form("private-key", "a.json", "{{openssh:none}}", "{\"k\": \"-----BEGIN{{-}} OPENSSH PRIVATE KEY-----\\n@\\n-----END OPENSSH PRIVATE KEY-----\"}"),
    form("gcp-service-account", "a.json", "{{der:300}}", "{\"type\": \"service_account\", \"private_key\": \"-----BEGIN{{-}} PRIVATE KEY-----\\n@\\n-----END PRIVATE KEY-----\", \"client_email\": \"a@b.c\"}"),
    form("slack-token", "a.py", "xoxb-{{digits:12}}-{{digits:13}}-{{base62:24}}", "t = '@'\n"),
    form("slack-webhook", "a.sh", "T{{upper-alnum:9}}/B{{upper-alnum:9}}/{{base62:24}}", "curl https://hooks.slack.com/services/@\n"),
    form("stripe-key", "a.rb", "sk_live_{{base62:99}}", "key = '@'\n"),
    form("stripe-test-key", "a.rb", "sk_test_{{base62:24}}", "key = '@'\n"),
    form("npm-token", "a.yml", "npm_{{base62:30}}{{crc32-base62}}", "NODE_AUTH_TOKEN: @\n"),
    form("pypi-token", "a.sh", "pypi-AgEIcHlwaS5vcmc{{base64url:120}}", "twine -p @\n"),
    form("anthropic-api-key", "a.py", "sk-ant-api03-{{base64url:93}}AA", "k = '@'\n"),
    form("openai-api-key", "a.py", "sk-proj-{{base64url:74}}{{-}}T3Blbk{{-}}FJ{{base64url:74}}", "k = '@'\n"),
    form("google-api-key", "a.py", "AIza{{base64url:35}}", "k = '@'\n"),
    form("jwt", "a.py", "{{base64url {\"alg\":\"HS256\"} }}.{{base64url {\"sub\":\"batch\"} }}.{{base64url:43}}", "h = '@'\n"),
    form("database-url", "a.py", "{{base62:16}}", "u = 'postgres://app:@@db.shop.internal/app'\n"),
    form("generic-secret", "a.py", "{{base62:32}}", "api_token = '@'  # @\n"),
    form("generic-secret", "a.yaml", "{{base62:32}}", "env: {name: API_TOKEN, value: @}\nagain: @\n"),
    form("dotenv-credential", ".env", "{{base62:12}}", "DB_PASSWORD=@\nOTHER=@\n"),
    form("registry-auth", ".npmrc", "{{base64 u:{{base62:16}}}}", "//r.shop.internal/:_auth=@\n"),
    form("registry-auth", "docker/config.json", "{{base64 u:{{base62:16}}}}", "{\"auths\": {\"r\": {\"auth\": \"@\"}}}"),
    form("kubernetes-secret", "s.yaml", "{{base64 {{base62:20}}}}", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  password: @\n"),
    form("gitlab-access-token", "a.py", "{{of glpat-{{base64url:40}}.01.{{-}}1k}}{{crc32-base36}}", "t = '@'\n"),
    form("grafana-cloud-token", "a.yaml", "glc_{{base64 {\"o\":\"1\",\"n\":\"w\",\"k\":\"{{base62:24}}\"} }}", "t: @\n"),
    form("sentry-auth-token", "a.ini", "sntrys_{{base64 {\"iat\":1741264356.5,\"org\":\"shop\"} }}_{{base62:43}}", "token=@\n"),
    form("atlassian-api-token", "a.py", "{{of ATATT{{-}}3xFfGF0{{base64url:171}}=}}{{crc32-hex}}", "t = '@'\n"),
    form("azure-storage-key", "a.json", "{{azure-key:+ASt}}", "{\"c\": \"AccountName=shop;AccountKey=@;\"}"),
    form("azure-messaging-key", "a.yaml", "{{azure-key:+ASb manage}}", "c: Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=@\n"),
    form("discord-bot-token", "a.py", "{{base64url 1094817233{{digits:9}}}}.G{{base64url:5}}.{{base64url:38}}", "bot.run('@')\n"),
    form("jwk-private-key", "a.json", "{{base64url {{base62:32}}}}", "{\"kty\": \"EC\", \"d\": \"@\"}"),
    form("kubeconfig-credential", "a.yaml", "{{base62:40}}", "apiVersion: v1\nkind: Config\nclusters: []\nusers: [{name: a, user: {token: @}}]\n"),
    form("age-secret-key", "keys.txt", "{{bech32:AGE-SECRET-KEY-}}", "@\n"),
    form("github-token", "a.py", "{{base64 ghp_{{base62:30}}{{crc32-base62}}}}", "t = '@'  # @\n"),
    form("github-token", "a.json", "{{base64url {{base64 x: ghp_{{base62:30}}{{crc32-base62}}}}}}", "{\"t\": \"@\", \"@\": 1}\n"),
    form("github-token", "a.go", "{{hex ghp_{{base62:30}}{{crc32-base62}}}}", "t := \"@\"\n"),
    form("github-token", "a.json", "{{unicode ghp_{{base62:30}}{{crc32-base62}}}}", "{\"t\": \"@\"}\n"),
    form("database-url", "a.md", "{{base62:16}}", "https://x/?u=postgres%3A%2F%2Fapp%3A@%40db.shop.internal%2Fapp\n"),
    form("gcp-service-account", "a.sh", "{{base64 {\"type\": \"service_account\", \"private_key\": \"-----BEGIN{{-}} PRIVATE KEY-----\\n{{der:300}}\\n-----END PRIVATE KEY-----\", \"client_email\": \"a_b.c\"} }}", "KEY=@\n"),
    form("kubernetes-secret", "s.yaml", "{{base62:20}}", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: \"@\"\n"),
];

/// The texts that a finding shows to anyone, and its `Debug` form.
fn shown(finding: &Finding) -> String {
    let mut out = format!("{finding:?}");
    out.push_str(&finding.subject);
    out.push_str(&finding.anchor);
    out.push_str(&finding.message);
    out.push_str(finding.excerpt.text.as_str());
    for (_, fact) in &finding.facts {
        out.push_str(fact);
    }
    for related in &finding.related {
        out.push_str(&related.message);
    }
    out
}

/// Text with `@` for the secret; `@@` is the secret and then a real `@`. Other
/// placeholders in it are always the same.
fn plant(around: &str, secret: &str) -> String {
    sample::expand(around, "around")
        .expect("our own placeholders")
        .replace("@@", "\u{1}")
        .replace("a@b", "a\u{2}b")
        .replace('@', secret)
        .replace('\u{1}', &format!("{secret}@"))
        .replace('\u{2}', "@")
}

#[test]
fn every_static_key_rule_has_a_form() {
    for rule in rule::builtin()
        .iter()
        .filter(|r| r.id.starts_with("static-key/"))
    {
        let name = rule.id.trim_start_matches("static-key/");
        // Rules that other tables plant need none here.
        if !FORMS.iter().any(|form| form.rule == name) {
            assert!(
                !OURS.contains(&name),
                "plant a credential for {name} in FORMS"
            );
        }
    }
    for form in FORMS {
        let secret = sample::expand(form.secret, "present").unwrap();
        let found = scan(form.path, plant(form.around, &secret).as_bytes());
        let id = format!("static-key/{}", form.rule);
        assert!(found.iter().any(|f| f.rule == id), "{id} finds its form");
    }
}

/// Lines with a finding and, `@`, a credential that no rule finds: of a form that
/// nothing tells, or where no rule looks.
#[rustfmt::skip]
const BYSTANDERS: &[(&str, &str)] = &[
    ("a.sql", "CREATE ROLE admin WITH SUPERUSER LOGIN PASSWORD '@';\n"),
    ("a.sql", "GRANT ALL PRIVILEGES ON *.* TO root IDENTIFIED BY '@' WITH GRANT OPTION;\n"),
    ("a.py", "requests.get(u, auth=(\"svc\", \"@\"), verify=False)\n"),
    ("a.py", "requests.get(u, headers={\"Authorization\": \"Bearer @\"}, verify=False)\n"),
    ("a.py", "requests.post(\"https://x.corp.net/a?key=@\", verify=False)\n"),
    ("a.py", "requests.get(u, cookies={\"session\": \"@\"}, verify=False)\n"),
    ("a.py", "x(\"@\", password=\"@\")  # nosec B105\n"),
    ("a.py", "key=\"@\"  # gitleaks:allow\n"),
    ("a.sh", "curl -k -H \"Authorization: Bearer @\" https://x.corp.net\n"),
    ("a.sh", "curl -k -u svc:@ https://x.corp.net\n"),
    ("a.sh", "curl -k --user 'svc:@' https://x.corp.net\n"),
    ("a.sh", "curl -k 'https://x.corp.net/a?key=@&b=1'\n"),
    ("a.sh", "curl -k -b session=@ https://x.corp.net\n"),
    ("a.sh", "API_SECRET='@' NODE_TLS_REJECT_UNAUTHORIZED=0 node a.js\n"),
    ("a.sh", "API_SECRET=@ NODE_TLS_REJECT_UNAUTHORIZED=0 node a.js\n"),
    ("a.sh", "curl -k https://svc:@@x.corp.net/\n"),
    ("a.sh", "claude --dangerously-skip-permissions -p \"log in with the password @ first\"\n"),
    ("a.sh", "sshpass -p @ ssh -o StrictHostKeyChecking=no x.corp.net\n"),
    ("a.sh", "curl -ksu svc:@ https://x.corp.net\n"),
    ("a.sh", "mysql -p@ && curl -k https://x.corp.net\n"),
    ("a.sh", "echo \"@\" | sudo -S curl -k https://x.corp.net\n"),
    ("a.sh", "git -c http.sslVerify=false clone https://@@x.corp.net/a\n"),
    ("a.py", "requests.get(url=u, auth=HTTPBasicAuth(\"svc\", \"@\"), verify=False)\n"),
    (".mcp.json", "{\"mcpServers\":{\"a\":{\"command\":\"npx\",\"args\":[\"--pw\",\"@\"],\"autoApprove\":[\"*\"],\"alwaysAllow\":[\"*\"]}}}\n"),
    ("a.go", "c := &tls.Config{InsecureSkipVerify: true}; pw := \"@\"\n"),
    ("a.ts", "const a = { rejectUnauthorized: false, passphrase: '@' };\n"),
    (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: curl -k -H 'X-Api-Key: @' https://x.corp.net\n"),
    ("Dockerfile", "FROM a\nRUN curl -k --header \"PRIVATE-TOKEN: @\" https://x.corp.net\n"),
];

/// Credentials of forms that nothing tells.
const PLAIN: &[&str] = &[
    "hunter",
    "Winter2026",
    "{{base62:16}}",
    "{{base62:32}}",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
];

#[test]
fn a_credential_beside_a_finding_is_not_shown() {
    for (path, around) in BYSTANDERS {
        for form in PLAIN {
            let secret = sample::expand(form, "beside").unwrap();
            // The word alone is told from other words by its place only.
            if secret == "hunter" && around.contains("x(\"@\"") {
                continue;
            }
            let text = plant(around, &secret);
            let found = scan(path, text.as_bytes());
            assert!(!found.is_empty(), "{path}: {around}");
            for finding in found {
                let shown = shown(&finding);
                assert!(!shown.contains(&secret), "{path}: {text} {shown}");
            }
        }
    }
}

/// A key for the user's name, and a password that is only a part of what stands there.
#[test]
fn the_user_of_a_login_may_be_the_secret() {
    let key = sample::expand("{{base62:30}}", "user").unwrap();
    for (path, around) in [
        ("a.txt", "https://KEY:unused@api.shop.net/x\n"),
        ("a.txt", "postgres://KEY:unused@db.prod.shop.net/x\n"),
        (
            "a.txt",
            "\"Server=db.prod.shop.net;User Id=KEY;Password=unused;\"\n",
        ),
        ("a.py", "a = HTTPBasicAuth(\"KEY\", \"unused\")\n"),
        ("a.sh", "curl -u KEY:unused https://api.shop.net\n"),
        (".git-credentials", "https://app:p4a@KEY@git.shop.net\n"),
    ] {
        let found = scan(path, around.replace("KEY", &key).as_bytes());
        assert!(!found.is_empty(), "{path}: {around}");
        for finding in found {
            let shown = shown(&finding);
            assert!(!shown.contains(&key), "{around}: {shown}");
        }
    }
}

#[test]
fn a_line_of_plain_words_stays_readable() {
    let pin = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c";
    for (path, line) in [
        (
            "a.sh",
            "curl -k https://x.corp.net/a | kubectl apply -f deploy/",
        ),
        ("a.py", "r = requests.get(url, timeout=30, verify=False)"),
        (
            "a.go",
            "c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}",
        ),
        (
            ".github/workflows/ci.yml",
            "      - run: 'curl -k -H \"Authorization: Bearer ${{ secrets.TOKEN }}\" https://x.corp.net'",
        ),
        (
            "a.sh",
            "export TOKEN=$(cat /run/secrets/token) NODE_TLS_REJECT_UNAUTHORIZED=0",
        ),
        (
            ".github/workflows/ci.yml",
            "      - run: curl -k https://x.corp.net/a",
        ),
        (".github/workflows/ci.yml", "    secrets: inherit"),
        (
            ".github/workflows/ci.yml",
            &format!("    uses: corp/flows/.github/workflows/a.yml@{pin} # v4.2.1"),
        ),
    ] {
        let head = "on: push\njobs:\n  a:\n";
        let text = match path {
            ".github/workflows/ci.yml" if line.contains("run:") => {
                format!("{head}    runs-on: x\n    steps:\n{line}\n")
            }
            ".github/workflows/ci.yml" if line.contains("uses:") => {
                format!("{head}{line}\n    secrets: inherit\n")
            }
            ".github/workflows/ci.yml" => {
                format!("{head}    uses: corp/flows/.github/workflows/a.yml@v1\n{line}\n")
            }
            _ => format!("{line}\n"),
        };
        for finding in scan(path, text.as_bytes()) {
            assert!(
                !finding.excerpt.text.as_str().contains("****"),
                "{:?}",
                finding.excerpt
            );
        }
    }
}

#[test]
fn thousands_of_findings_are_cut_and_said_to_be() {
    for (path, shape) in [
        ("a.js", concat!("pass", "word=\"Xk9vPq2LmZ7w\";")),
        ("a.py", "requests.get(a, verify=False);"),
        ("a.ts", "rejectUnauthorized: false,"),
        ("a.sh", "git push --force origin main && "),
    ] {
        let text = shape.repeat(3000);
        let document = Document::new(path, text.as_bytes());
        let found = ENGINE.scan(&document, &mut Scratch::default());
        assert_eq!(found.len(), 100, "{path}");
        let notes = document.notes();
        assert!(
            notes
                .iter()
                .any(|n| n.starts_with("more than 100 findings of ")),
            "{notes:?}"
        );
        assert!(
            found
                .iter()
                .all(|f| !f.excerpt.text.as_str().contains("Xk9v"))
        );
    }
}

#[test]
fn what_is_too_long_to_be_read_is_said() {
    for (path, shape, note) in [
        ("a.py", "requests.get(a, verify=False);", "is over 1 MiB"),
        ("a.sh", "curl -k https://x $( ", "is over 1 MiB"),
        ("Dockerfile", "RUN [\"curl\",\"-k\"]\n", "is over 1 MiB"),
    ] {
        let text = shape.repeat((1 << 20) / shape.len() + 1);
        let document = Document::new(path, text.as_bytes());
        ENGINE.scan(&document, &mut Scratch::default());
        let notes = document.notes();
        assert!(
            notes.iter().any(|n| n.starts_with(note)),
            "{path}: {notes:?}"
        );
    }
}

/// The rules whose credentials are planted here.
const OURS: &[&str] = &[
    "anthropic-api-key",
    "aws-access-key",
    "database-url",
    "dotenv-credential",
    "gcp-service-account",
    "generic-secret",
    "github-fine-grained-token",
    "github-token",
    "google-api-key",
    "jwt",
    "kubernetes-secret",
    "npm-token",
    "openai-api-key",
    "private-key",
    "pypi-token",
    "registry-auth",
    "slack-token",
    "slack-webhook",
    "stripe-key",
    "stripe-test-key",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_never_panic(bytes in any_bytes(), path in 0..PATHS.len()) {
        scan(PATHS[path], &bytes);
    }

    #[test]
    fn hostile_repetition_is_bounded(
        shape in prop::collection::vec(0..SALT.len(), 1..4),
        path in 0..PATHS.len(),
    ) {
        let shape: String = shape.into_iter().map(|i| SALT[i]).collect();
        let text = shape.repeat(8000 / shape.len().max(1));
        let document = Document::new(PATHS[path], text.as_bytes());
        let found = ENGINE.scan(&document, &mut Scratch::default());
        let mut counts = std::collections::BTreeMap::new();
        for finding in &found {
            *counts.entry(&finding.rule).or_insert(0) += 1;
            prop_assert!(finding.excerpt.text.as_str().len() < 4000);
        }
        prop_assert!(counts.values().all(|n| *n <= 100));
    }

    #[test]
    fn a_planted_secret_appears_in_no_output(
        form in 0..FORMS.len(),
        seed in any::<u64>(),
        before in "[ a-zA-Z0-9_#\"']{0,40}",
        twice in any::<bool>(),
        elsewhere in any::<bool>(),
        path in 0..PATHS.len(),
    ) {
        let form = &FORMS[form];
        let secret = sample::expand(form.secret, &seed.to_string()).unwrap();
        let planted = plant(form.around, &secret);
        let mut text = if before.is_empty() { String::new() } else { format!("# {before}\n") };
        text.push_str(&planted);
        if twice {
            text.push('\n');
            text.push_str(&planted);
        }
        let path = if elsewhere { PATHS[path] } else { form.path };
        for finding in scan(path, text.as_bytes()) {
            let shown = shown(&finding);
            prop_assert!(!shown.contains(&secret), "{} shows its secret at {path}", finding.rule);
        }
    }
}

/// The placeholder that encodes, and whether it hides the whole of what it encodes.
const ENCODINGS: &[(&str, bool)] = &[
    ("base64", true),
    ("base64url", true),
    ("hex", true),
    ("percent", false),
    ("unicode", false),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Encoded once or twice, a planted secret is shown neither as it is nor encoded.
    #[test]
    fn an_encoded_secret_appears_in_no_output(
        form in 0..FORMS.len(),
        seed in any::<u64>(),
        inner in 0..=ENCODINGS.len(),
        outer in 0..ENCODINGS.len(),
        around in "[ a-z.]{0,30}",
        path in 0..PATHS.len(),
    ) {
        let form = &FORMS[form];
        let secret = sample::expand(form.secret, &seed.to_string()).unwrap();
        let encode = |name: &str, text: &str| {
            sample::expand(&format!("{{{{{name} {text}}}}}"), "").unwrap()
        };
        // A text between braces holds no brace of its own at its end.
        let text = format!("{around}{}.", plant(form.around, &secret).replace("}}", "} }"));
        let mut whole = text;
        let mut part = secret.clone();
        let mut packed = false;
        for (name, packs) in ENCODINGS.get(inner).into_iter().chain(&ENCODINGS[outer..=outer]) {
            whole = encode(name, &whole);
            part = if packed || *packs { whole.clone() } else { encode(name, &part) };
            packed |= packs;
        }
        let line = format!("value: \"{whole}\"\nagain: '{whole}'\n");
        let found = scan(PATHS[path], line.as_bytes());
        let undone = |f: &Finding| f.facts.iter().any(|(name, _)| name == "encoding");
        let known = found.iter().any(undone);
        for finding in &found {
            let shown = shown(finding);
            prop_assert!(!shown.contains(&secret), "{} shows its secret", finding.rule);
            prop_assert!(!known || !shown.contains(&part), "{} shows it encoded", finding.rule);
        }
    }
}

/// A window is no limit: a token whose end is far from its keyword is found, and so is one
/// after thousands of keywords that begin nothing.
#[test]
fn long_tokens_and_tokens_behind_many_keywords_are_found() {
    let long = "{{base64url {\"alg\":\"HS256\"} }}.{{base64url {\"sub\":\"batch\",\"scope\":\"@\"} }}.{{base64url:43}}";
    let scopes: Vec<_> = (0..200).map(|n| format!("read:{n}")).collect();
    let token = sample::expand(&long.replace('@', &scopes.join(" ")), "long").unwrap();
    assert!(token.len() > 1500);
    for before in [
        String::new(),
        "eyJ ".repeat(50_000),
        "eyJ".repeat(50_000) + " ",
    ] {
        let text = format!("{before}\nh = '{token}'\n");
        let found = scan("a.py", text.as_bytes());
        let rules: Vec<_> = found.iter().map(|f| f.rule.as_ref()).collect();
        assert_eq!(rules, ["static-key/jwt"]);
    }
}
