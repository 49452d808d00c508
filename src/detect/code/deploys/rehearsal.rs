//! What only rehearses: dry runs, clusters and clouds that live as long as the job.

use crate::detect::shell::{Command, Word};
use crate::detect::words::words;

/// Flags by which a program says what it would do.
const DRY: &[&str] = &[
    "--dry-run",
    "--dryrun",
    "--dry_run",
    "--what-if",
    "--whatif",
    "-WhatIf",
    "--noop",
    "--no-op",
    "--simulate",
    "--plan-only",
    "--validate-only",
    "--no-execute-changeset",
    "--syntax-check",
    "--list-hosts",
    "--list-tasks",
    "--help",
    "--version",
];

/// Whether a command changes nothing that outlives the job: it is a dry run, or what
/// it changes is this machine or a cluster on it.
pub(super) fn changes_nothing(command: &Command) -> bool {
    let dry = command.flag(DRY).is_some_and(|word| {
        !matches!(
            word.text().split_once('='),
            Some((_, "none" | "false" | "no" | "0"))
        )
    });
    let check = match command.name() {
        "ansible-playbook" | "ansible" => {
            command.switch(&["--check", "-C"]).is_some() || on_this_machine(command)
        }
        "az" => command
            .operands()
            .any(|w| matches!(w.text(), "what-if" | "validate")),
        "helm" => command.operands().any(|w| w.text() == "template"),
        _ => false,
    };
    dry || check || command.args().iter().any(|w| is_local(w.text()))
}

/// Whether Ansible works on where it runs.
fn on_this_machine(command: &Command) -> bool {
    let connection = command.value_of(&["-c", "--connection"]);
    let inventory = command.value_of(&["-i", "--inventory"]);
    connection.is_some_and(|(_, v)| v == "local")
        || inventory.is_some_and(|(_, v)| v.trim_end_matches(',') == "localhost")
}

/// Whether an argument names this machine or a cluster that lives on it.
fn is_local(text: &str) -> bool {
    let value = match text.split_once('=') {
        Some((flag, value)) if flag.starts_with('-') => value,
        _ => text,
    };
    let host = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    let cluster = matches!(
        value,
        "minikube" | "docker-desktop" | "microk8s" | "rancher-desktop" | "orbstack" | "colima"
    ) || value.starts_with("kind-")
        || value.starts_with("k3d-");
    cluster
        || matches!(
            host,
            "localhost" | "127.0.0.1" | "0.0.0.0" | "[" | "host.docker.internal" | "localstack"
        ) && !value.starts_with("[ ")
}

/// Whether a command makes a cluster or a cloud that lives as long as the job: what
/// is deployed afterwards in the same job is a rehearsal.
pub(crate) fn rehearses(command: &Command) -> bool {
    let begins = |verbs: &[&str]| command.begins_with(verbs);
    match command.name() {
        "kind" => begins(&["create"]),
        "minikube" | "localstack" => begins(&["start"]) || begins(&["status"]),
        "k3d" | "ctlptl" | "kwokctl" | "vcluster" => {
            begins(&["cluster", "create"]) || begins(&["create"])
        }
        "microk8s" | "act" | "moto_server" | "setup-envtest" | "awslocal" | "tflocal"
        | "cdklocal" | "samlocal" => true,
        "colima" | "crc" | "k0s" | "talosctl" => {
            begins(&["start"]) || begins(&["cluster", "create"])
        }
        // Chart testing makes a namespace of its own and takes it down.
        "ct" => begins(&["install"]) || begins(&["lint-and-install"]),
        "snap" => begins(&["install"]) && names_local(command),
        "docker" | "podman" | "nerdctl" => {
            begins(&["run"]) && command.operands().any(|w| rehearses_by_image(w.text()))
        }
        "kubectl" => {
            begins(&["config", "use-context"]) && command.args().iter().any(|w| is_local(w.text()))
        }
        "make" | "gmake" | "just" | "task" => names_local(command),
        _ => false,
    }
}

/// Whether an operand's words name a cluster on this machine.
fn names_local(command: &Command) -> bool {
    command.operands().map(Word::text).any(|text| {
        words(text).iter().any(|word| {
            matches!(
                word.as_str(),
                "kind" | "minikube" | "k3d" | "microk8s" | "localstack" | "envtest"
            )
        })
    })
}

/// Whether a service's image is a cluster or a cloud that lives as long as the job.
pub(crate) fn rehearses_by_image(image: &str) -> bool {
    const IMAGES: &[&str] = &[
        "localstack/localstack",
        "localstack/localstack-pro",
        "kindest/node",
        "rancher/k3s",
        "motoserver/moto",
        "azure-storage/azurite",
        "fsouza/fake-gcs-server",
        "minio/minio",
    ];
    let image = image.split(['@']).next().unwrap_or(image);
    let name = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    };
    IMAGES.iter().any(|known| {
        name.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    })
}
