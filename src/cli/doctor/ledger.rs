//! Which ledger a run would use, what is in it, whose it is, and what it lies on.

use std::path::Path;

use super::finding::{Check, Detail, Findings};
use super::place;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::{actor, books};
use crate::config::Config;
use crate::config::address::LedgerAddress;
use crate::config::sending::LedgerSetBy;
use crate::domain::state::State;
use crate::ledger::{Error, Standing, prove_rights};

const PLACE: &str = "ledger.place";
const RECORD: &str = "ledger.record";
const CRON: &str = "ledger.cron";
const DISK: &str = "ledger.disk";

/// Where the service of the examples keeps its own.
const SERVICE_FOLDER: &str = "/var/lib/wxremind";

/// Below this a day's run may not fit: a record of 100,000 messages takes about as much, and its log again.
const LITTLE: u64 = 256 << 20;
/// Below this nothing can be recorded.
const NOTHING: u64 = 4 << 20;

/// Looks at the ledger that the settings name.
pub fn look(config: &Config, offline: bool) -> Findings {
    let mut findings = Findings::default();
    match config.ledger.address() {
        Err(error) => {
            let check = Check::fail(PLACE, Exit::Configuration, error.into());
            findings.add(check.or_fix("Set url under [ledger] in wxremind.toml."));
            findings.leave_out(RECORD, "no ledger is set");
        }
        Ok(LedgerAddress::Sqlite(path)) => {
            look_at_file(config, path, &mut findings);
            findings.add(cron(config.ledger.set_by, Some(path)));
        }
        Ok(LedgerAddress::Postgres(_)) if offline => {
            findings.leave_out(RECORD, "--offline: it is a database on a server");
        }
        Ok(LedgerAddress::Postgres(url)) => {
            findings.add(Check::pass(PLACE, format!("{url}, {}.", said_by(config.ledger.set_by))));
            record(config, None, &mut findings);
            findings.add(cron(config.ledger.set_by, None));
        }
    }
    findings
}

fn look_at_file(config: &Config, path: &Path, findings: &mut Findings) {
    // A bare name has no folder of its own to look into.
    let path = &place::absolute(path);
    let shown = path.display().to_string();
    let by = said_by(config.ledger.set_by);
    let exists = path.exists();
    let folder = place::nearest_existing(path.parent().unwrap_or(path));
    let writable = place::is_writable(&folder) && (!exists || place::is_writable(path));
    findings.add(if !writable {
        let error = CommandError::new(Exit::Ledger, format!("{shown}, {by}, cannot be written by this user ({}).", actor::actor()))
            .hint("Run as the user that owns it, or set another place: url under [ledger] in wxremind.toml.");
        Check::fail(PLACE, Exit::Ledger, error)
    } else if exists {
        Check::pass(PLACE, format!("{shown}, {by}."))
    } else {
        Check::pass(PLACE, format!("{shown}, {by}, does not exist yet: the first run makes it."))
    });
    if exists {
        record(config, Some(path), findings);
    }
    if let Some(check) = owner(path, &folder) {
        findings.add(check);
    }
    findings.add(disk(path, &folder));
}

/// Looks into it. SQLite and PostgreSQL answer alike.
fn record(config: &Config, file: Option<&Path>, findings: &mut Findings) {
    let rights = books::settings(config).and_then(|settings| Ok(prove_rights(&settings)?));
    let standing = rights.and_then(|()| books::look(config)).and_then(|ledger| match ledger {
        Some(mut ledger) => {
            ledger.prove_locks()?;
            Ok(Some(ledger.standing()?))
        }
        None => Ok(None),
    });
    findings.add(match standing {
        Ok(Some(standing)) => told(&standing, file),
        Ok(None) => Check::pass(RECORD, "It is still empty."),
        Err(error) => {
            let is_older = is_older(&error);
            let check = Check::fail(RECORD, Exit::Ledger, error).or_fix(
                "Look as the user that owns it; if that fails too, restore it from a backup.",
            );
            if is_older { check.no_worse_than_warn() } else { check }
        }
    });
}

/// An older schema is in order: the next run brings it up to date.
fn is_older(error: &CommandError) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(Error::Older { .. }))
}

fn told(standing: &Standing, file: Option<&Path>) -> Check {
    let size = file.and_then(|file| file.metadata().ok()).map(|file| file.len());
    let size = size.map_or_else(String::new, |bytes| format!(", {}", bytes_told(bytes)));
    let message = format!("Schema {}{size}, {} messages.", standing.schema, standing.messages());
    let states = standing.states.iter().map(|(state, count)| {
        let note = if *state == State::Queued { "the next run sends or expires them" } else { "" };
        Detail::new(state.as_str(), count.to_string(), note)
    });
    let unknown = standing.count(State::Unknown);
    if unknown == 0 {
        return Check::pass(RECORD, message).with(states);
    }
    Check::warn(
        RECORD,
        format!("{message} Of {unknown} nobody knows whether they arrived."),
        "`wxremind log list --state unknown` shows them; say what became of each: `wxremind log resolve ID --as sent` or `--as not-sent`.",
    )
    .with(states)
}

/// Whether cron, another user or the service would write another record, and so remind a patient twice.
fn cron(set_by: LedgerSetBy, file: Option<&Path>) -> Check {
    let fix =
        "Set url under [ledger] in wxremind.toml, and let cron and the service read that file.";
    let message = match set_by {
        LedgerSetBy::Nobody => {
            "No ledger is set, so each user has another one: cron's or the service's run would not know what this user sent."
        }
        LedgerSetBy::Variable => {
            "The ledger is set by a variable of this terminal, which cron and the service do not have."
        }
        LedgerSetBy::File => {
            let service = Path::new(SERVICE_FOLDER);
            let elsewhere = file.is_some_and(|file| !place::absolute(file).starts_with(service));
            if elsewhere && service.is_dir() {
                return Check::warn(
                    CRON,
                    format!("This ledger is not in {SERVICE_FOLDER}, where the service keeps one."),
                    fix,
                );
            }
            return Check::pass(CRON, "Whoever reads these settings uses this ledger.");
        }
    };
    Check::warn(CRON, message, fix)
}

/// Whose it is, when it is not this user's.
fn owner(path: &Path, folder: &Path) -> Option<Check> {
    const NAME: &str = "ledger.owner";
    let user = place::user();
    let owner = place::owner(path).or_else(|| {
        // What root makes in another user's folder, that user cannot write. Other folders, such as /tmp, are common.
        (user == 0 && path.parent() == Some(folder)).then(|| place::owner(folder)).flatten()
    })?;
    if owner == user {
        return path.exists().then(|| Check::pass(NAME, "It belongs to this user."));
    }
    let (name, us) = (actor::name(owner), actor::name(user));
    Some(Check::warn(
        NAME,
        format!(
            "It belongs to {name}, and this is {us}: what {us} writes, {name} may not be able to read."
        ),
        format!("Run as {name}: `sudo -u {name} wxremind …`."),
    ))
}

/// What it lies on, and how much room there is.
fn disk(path: &Path, folder: &Path) -> Check {
    if let Some(mount) = place::mount(path).filter(super::mount::Mount::is_share) {
        return Check::warn(
            DISK,
            format!(
                "It lies on a network share ({} at {}), where SQLite's locks cannot be relied on: it may be damaged, or a patient be reminded twice.",
                mount.kind,
                mount.at.display()
            ),
            "Keep it on a disk of this machine; for several machines, use a PostgreSQL ledger.",
        );
    }
    let fix = "Make room, or move the ledger to another disk.";
    match place::free_bytes(folder) {
        Some(free) if free < NOTHING => {
            let message = format!("Its disk is full: {} are left.", bytes_told(free));
            Check::fail(DISK, Exit::Ledger, CommandError::new(Exit::Ledger, message).hint(fix))
        }
        Some(free) if free < LITTLE => Check::warn(
            DISK,
            format!("Its disk is nearly full: {} are left.", bytes_told(free)),
            fix,
        ),
        _ => Check::pass(DISK, "It lies on this machine, and there is room."),
    }
}

const fn said_by(set_by: LedgerSetBy) -> &'static str {
    match set_by {
        LedgerSetBy::File => "as the settings say",
        LedgerSetBy::Variable => "as $WXREMIND_LEDGER says",
        LedgerSetBy::Nobody => "in this user's state folder",
    }
}

fn bytes_told(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}
