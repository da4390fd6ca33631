//! What a path lies on, read from the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted.
    pub at: PathBuf,
    /// Its kind, such as `ext4`, `nfs4`, `fuse.sshfs`.
    pub kind: String,
}

/// Kinds whose files lie on another machine, or behind a program that promises nothing about locks.
const SHARES: [&str; 19] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "drvfs",
    "fuse",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "nfs",
    "nfs4",
    "ocfs2",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
];

/// Of `fuse.…`, those that are a local disk seen through a program.
const LOCAL_FUSE: [&str; 3] = ["fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.lxcfs"];

impl Mount {
    /// Whether SQLite's locks cannot be relied on there.
    pub fn is_share(&self) -> bool {
        let through_fuse = self.kind.starts_with("fuse.");
        SHARES.contains(&self.kind.as_str())
            || through_fuse && !LOCAL_FUSE.contains(&self.kind.as_str())
    }
}

/// The mount that `path` lies on. `path` must be absolute and without links.
pub fn of(path: &Path, mountinfo: &str) -> Option<Mount> {
    let above = mountinfo.lines().filter_map(read).filter(|mount| path.starts_with(&mount.at));
    // What is mounted later at the same place hides what is beneath: of equals, the last counts.
    above.max_by_key(|mount| mount.at.components().count())
}

/// `36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw`
fn read(line: &str) -> Option<Mount> {
    let (first, second) = line.split_once(" - ")?;
    let at = unescaped(first.split(' ').nth(4)?);
    Some(Mount { at: at.into(), kind: second.split(' ').next()?.to_owned() })
}

/// Space, tab, line feed and backslash are written as three octal digits.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv rw - nfs4 files.example:/srv rw,vers=4.2
31 30 0:41 / /srv/local rw master:3 propagate_from:2 - xfs /dev/sdb1 rw
32 22 0:42 / /mnt/my\\040share rw - cifs //files/share rw
33 22 0:43 / /home/a rw - fuse.sshfs a@b: rw
34 22 0:44 / /mnt/disk rw - fuseblk /dev/sdc1 rw
35 22 0:45 / /twice rw - nfs x:/ rw
36 35 0:46 / /twice rw - ext4 /dev/sdd1 rw
broken line
";

    #[test]
    fn the_nearest_mount_counts_and_shares_are_known() {
        for (path, kind, is_share) in [
            ("/var/lib/ledger.db", "ext4", false),
            ("/srv/ledger.db", "nfs4", true),
            ("/srvx/ledger.db", "ext4", false),
            ("/srv/local/ledger.db", "xfs", false),
            ("/mnt/my share/ledger.db", "cifs", true),
            ("/home/a/ledger.db", "fuse.sshfs", true),
            ("/mnt/disk/ledger.db", "fuseblk", false),
            ("/twice/ledger.db", "ext4", false),
        ] {
            let mount = of(Path::new(path), TEXT).unwrap();
            assert_eq!((mount.kind.as_str(), mount.is_share()), (kind, is_share), "{path}");
        }
        assert_eq!(of(Path::new("/x"), ""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let _ = of(Path::new("/"), &text);
        }
    }
}
