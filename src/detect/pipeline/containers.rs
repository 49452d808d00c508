//! What gives a container the machine that it runs on.

/// Docker's options that give a container the host.
pub(crate) fn is_powerful(options: &str) -> bool {
    let mut words = options.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (word, next) = word.split_once('=').unwrap_or_else(|| {
            let next = words.peek().copied().unwrap_or_default();
            (word, next)
        });
        let found = match word {
            "--privileged" => next != "false",
            "--cap-add" => matches!(
                next.trim_start_matches("CAP_"),
                "ALL" | "SYS_ADMIN" | "SYS_PTRACE" | "SYS_MODULE"
            ),
            "--pid" | "--ipc" | "--userns" | "--uts" => next == "host",
            "--security-opt" => next.contains("unconfined"),
            "--device" => next.starts_with("/dev/mem") || next.starts_with("/dev/sd"),
            "-v" | "--volume" | "--mount" => reaches_host(next),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether a volume is the daemon's socket or the host's root.
pub(super) fn reaches_host(volume: &str) -> bool {
    volume.contains("docker.sock")
        || volume.contains("containerd.sock")
        || volume.contains("crio.sock")
        || volume.starts_with("/:")
        || [
            "/etc:",
            "/root:",
            "/var/run:",
            "/var/lib/docker:",
            "/proc:",
            "/sys:",
        ]
        .iter()
        .any(|host| volume.starts_with(host))
}

/// Options of `docker run` that take the next word.
const WITH_VALUE: &[&str] = &[
    "-v",
    "--volume",
    "--mount",
    "-e",
    "--env",
    "--env-file",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--name",
    "--network",
    "--net",
    "-p",
    "--publish",
    "--entrypoint",
    "--platform",
    "--cap-add",
    "--cap-drop",
    "--security-opt",
    "--pid",
    "--ipc",
    "--userns",
    "--uts",
    "--device",
    "-m",
    "--memory",
    "--cpus",
    "-l",
    "--label",
    "--add-host",
    "--hostname",
    "-h",
    "--shm-size",
    "--ulimit",
    "--tmpfs",
    "--gpus",
    "--pull",
    "--restart",
    "--link",
    "--dns",
    "--volumes-from",
];

/// The image among the words after `docker run`.
pub(crate) fn image_of<'w>(words: &[&'w str]) -> Option<&'w str> {
    let mut skip = false;
    words.iter().copied().find(|word| {
        if std::mem::take(&mut skip) {
            return false;
        }
        skip = WITH_VALUE.contains(word);
        !word.starts_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_give_the_host() {
        for options in [
            "--privileged",
            "--rm --cap-add=SYS_ADMIN",
            "-v /var/run/docker.sock:/var/run/docker.sock",
            "--pid host",
            "--mount type=bind,source=/var/run/docker.sock,target=/s",
        ] {
            assert!(is_powerful(options), "{options}");
        }
        for options in [
            "--privileged=false",
            "--cap-add NET_ADMIN",
            "-v ./src:/src",
            "--user root",
        ] {
            assert!(!is_powerful(options), "{options}");
        }
    }

    #[test]
    fn the_image_is_the_first_word_that_no_option_takes() {
        assert_eq!(
            image_of(&["--rm", "-v", "a:b", "img:1", "sh"]),
            Some("img:1")
        );
        assert_eq!(image_of(&["--rm"]), None);
    }
}
