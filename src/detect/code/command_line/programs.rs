//! Programs and the arguments by which they take a password.

/// How an argument holds a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The next word, or after `=`.
    Value,
    /// The rest of the word.
    Glued,
    /// The next word or the rest of the word is `user:password`.
    Login,
    /// The same with `%`, as Samba has it, or another sign.
    SplitAt(u8),
    /// The next word is `pass:password`, as OpenSSL has it.
    Pass,
}

/// A program, the word that has to be among its arguments, and its flags.
pub(super) struct Program {
    pub(super) names: &'static [&'static str],
    pub(super) verb: &'static str,
    pub(super) flags: &'static [(&'static str, How)],
}

const fn program(
    names: &'static [&'static str],
    verb: &'static str,
    flags: &'static [(&'static str, How)],
) -> Program {
    Program { names, verb, flags }
}

use How::{Glued, Login, Pass, SplitAt, Value};

#[rustfmt::skip]
const PROGRAMS: &[Program] = &[
    // https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html
    program(&["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow",
        "mysqlsh", "mysqlbinlog", "mysqlslap", "mysqlpump", "mariadb", "mariadb-dump",
        "mariadb-admin", "mycli", "xtrabackup", "innobackupex"], "",
        &[("--password", Value), ("-p", Glued)]),
    program(&["sshpass"], "", &[("-p", Value), ("-p", Glued)]),
    program(&["docker", "podman", "buildah", "nerdctl", "oras", "crane", "img", "regctl"], "login",
        &[("-p", Value), ("-p", Glued), ("--password", Value)]),
    program(&["helm"], "login", &[("-p", Value), ("--password", Value)]),
    program(&["helm"], "repo", &[("--password", Value)]),
    program(&["skopeo"], "",
        &[("--creds", Login), ("--src-creds", Login), ("--dest-creds", Login), ("-p", Value)]),
    program(&["az"], "login", &[("-p", Value), ("--password", Value)]),
    program(&["oc", "cf", "kinit", "ccloud", "argocd", "bx", "ibmcloud"], "login",
        &[("-p", Value), ("--password", Value), ("--apikey", Value), ("--token", Value)]),
    // ldapsearch(1): `-w passwd`; ldappasswd(1): `-s newPasswd`.
    program(&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapcompare",
        "ldapmodrdn", "ldapexop"], "", &[("-w", Value), ("-w", Glued)]),
    program(&["ldappasswd"], "", &[("-w", Value), ("-s", Value), ("-a", Value)]),
    program(&["smbclient", "rpcclient", "smbget", "winexe", "wmic", "smbcacls"], "",
        &[("-U", SplitAt(b'%')), ("--user", SplitAt(b'%'))]),
    program(&["smbmap", "crackmapexec", "nxc", "evil-winrm"], "", &[("-p", Value)]),
    program(&["psexec", "psexec64", "paexec", "pskill", "pslist", "psservice", "psloglist"], "",
        &[("-p", Value)]),
    program(&["plink", "pscp", "psftp", "putty"], "", &[("-pw", Value)]),
    program(&["openssl"], "", &[("-passin", Pass), ("-passout", Pass), ("-pass", Pass),
        ("-password", Pass), ("-k", Value)]),
    program(&["redis-cli", "valkey-cli"], "", &[("-a", Value), ("--pass", Value)]),
    program(&["mongo", "mongosh", "mongodump", "mongorestore", "mongoimport", "mongoexport",
        "mongostat", "mongotop"], "", &[("-p", Value), ("-p", Glued), ("--password", Value)]),
    // curl(1): `-u, --user <user:password>`.
    program(&["curl"], "", &[("-u", Login), ("--user", Login), ("--proxy-user", Login),
        ("-U", Login), ("--oauth2-bearer", Value), ("--pass", Value), ("--proxy-pass", Value)]),
    program(&["wget", "aria2c", "wget2"], "", &[("--password", Value), ("--http-password", Value),
        ("--ftp-password", Value), ("--proxy-password", Value), ("--http-passwd", Value),
        ("--ftp-passwd", Value)]),
    program(&["http", "https", "xh"], "", &[("-a", Login), ("--auth", Login)]),
    program(&["unzip"], "", &[("-P", Value), ("-P", Glued)]),
    program(&["zip"], "", &[("-P", Value), ("-P", Glued), ("--password", Value)]),
    program(&["7z", "7za", "7zr", "7zz", "rar", "unrar"], "", &[("-hp", Glued), ("-p", Glued)]),
    program(&["gpg", "gpg2"], "", &[("--passphrase", Value)]),
    program(&["keytool", "jarsigner"], "", &[("-storepass", Value), ("-keypass", Value),
        ("-srcstorepass", Value), ("-deststorepass", Value), ("-srckeypass", Value),
        ("-destkeypass", Value), ("-new", Value)]),
    program(&["sqlcmd", "osql", "bcp", "isql"], "", &[("-P", Value), ("-P", Glued)]),
    program(&["clickhouse-client", "clickhouse"], "", &[("--password", Value)]),
    program(&["cqlsh", "influx", "nodetool"], "",
        &[("-p", Value), ("-pw", Value), ("-password", Value), ("--password", Value)]),
    program(&["lftp"], "", &[("-u", SplitAt(b','))]),
    program(&["ncftp", "ncftpput", "ncftpget", "ncftpls"], "", &[("-p", Value)]),
    program(&["svn", "svnadmin", "svnsync"], "", &[("--password", Value)]),
    program(&["twine"], "upload", &[("-p", Value), ("--password", Value)]),
    program(&["nuget", "dotnet"], "",
        &[("-apikey", Value), ("--api-key", Value), ("-k", Value), ("-password", Value)]),
    program(&["kubectl"], "create", &[("--docker-password", Value)]),
    program(&["xfreerdp", "wfreerdp", "mstsc"], "", &[("/p:", Glued)]),
    program(&["rdesktop"], "", &[("-p", Value), ("-p", Glued)]),
    program(&["cmdkey"], "", &[("/pass:", Glued), ("/p:", Glued)]),
    program(&["schtasks"], "", &[("/rp", Value), ("/p", Value)]),
    program(&["wmic", "winscp", "runas"], "", &[("/password:", Glued), ("/password=", Glued)]),
    program(&["connect-viserver", "connect-cisserver"], "", &[("-password", Value)]),
    program(&["rabbitmqadmin"], "", &[("-p", Value), ("--password", Value)]),
    program(&["snowsql", "vsql", "db2"], "", &[("-w", Value), ("-p", Value)]),
    program(&["ipmitool"], "", &[("-P", Value)]),
    program(&["vncpasswd", "x11vnc"], "", &[("-passwd", Value)]),
];

/// The programs called `name` (in lower case), with what they take.
pub(super) fn named(name: &str) -> impl Iterator<Item = &'static Program> {
    PROGRAMS
        .iter()
        .filter(move |program| program.names.contains(&name))
}

/// Variables in which programs look for a password.
#[rustfmt::skip]
pub(super) const VARIABLES: &[&str] = &[
    "PGPASSWORD", "MYSQL_PWD", "SSHPASS", "REDISCLI_AUTH", "RESTIC_PASSWORD", "BORG_PASSPHRASE",
    "SQLCMDPASSWORD", "CLICKHOUSE_PASSWORD", "RABBITMQ_DEFAULT_PASS", "LDAP_BIND_PW",
];
