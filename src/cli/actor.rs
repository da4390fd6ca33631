//! Who acts: the operating-system user, for the record.

use std::fs;

/// The user's name: the one behind `sudo`, else the account's own name, else what the session says.
pub fn actor() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = user_id();
    // Only root's environment is believed about this: sudo sets it, and others could set it too.
    let behind_sudo = if user == Some(0) { variable("SUDO_USER") } else { None };
    let passwd = || fs::read_to_string("/etc/passwd").ok();
    behind_sudo
        .or_else(|| name_of(user?, &passwd()?))
        .or_else(|| variable("LOGNAME"))
        .or_else(|| variable("USER"))
        .or_else(|| variable("USERNAME"))
        .or_else(|| user.map(|user| format!("user {user}")))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The name of a user by number, or the number itself where it has none here.
pub fn name(user: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").ok();
    passwd.and_then(|passwd| name_of(user, &passwd)).unwrap_or_else(|| format!("user {user}"))
}

#[cfg(target_os = "linux")]
fn user_id() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(not(target_os = "linux"))]
fn user_id() -> Option<u32> {
    None
}

/// The name of a user id in the text of `/etc/passwd`.
fn name_of(user: u32, passwd: &str) -> Option<String> {
    let user = user.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == user).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_the_name_that_passwd_gives() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\nbroken\nnurse:x:1000:1000::/home/nurse:/bin/sh\n";
        assert_eq!(name_of(1000, passwd).as_deref(), Some("nurse"));
        assert_eq!(name_of(7, passwd), None);
    }
}
