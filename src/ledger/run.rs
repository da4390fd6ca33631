//! A run's life in the ledger: its row, and the lock that says it lives.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::asked::{Reach, SERVICE};
use super::db::Db;
use super::doubt::InDoubt;
use super::lock::{self, Lock};
use super::pace::Pace;
use super::{Error, Ledger, Unknowns, insight, receipt};

/// The verbs whose runs keep what they plan to themselves while they live: somebody waits for their one message, and the
/// morning's run could put it back when it is interrupted. When such a run dies, the others finish its part.
const ALONE: [&str; 3] = ["prescribe", "serve", "templates preview"];

/// Who begins a run, and for which account.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// The app id of the account the run sends for.
    pub account: &'a str,
    /// The command: `remind`, `prescribe`, `templates preview`.
    pub verb: &'a str,
    /// Who acts: the operating-system user or the name of an API key.
    pub actor: &'a str,
    /// The machine's name, where known.
    pub host: Option<&'a str>,
}

/// A run, by the id that people and JSON see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RunId(pub Uuid);

/// How a run ended, for its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit_code: u8,
    /// Messages that WeChat took.
    pub accepted: u64,
    /// Messages under WeChat's review.
    pub held: u64,
    /// Messages that WeChat refused.
    pub failed: u64,
    /// Messages whose outcome cannot be known.
    pub unknown: u64,
    /// Messages left queued.
    pub left: u64,
}

/// What became of messages whose last attempt may have arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Their outcome is unknown.
    pub unknown: InDoubt,
    /// A receipt had come already, so WeChat took them.
    pub resolved: u64,
}

/// What a run leaves to the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Messages that are not sent for sure.
    pub queued: u64,
    /// Messages that may have arrived.
    pub open: u64,
}

/// The run that this process is.
pub(super) struct Current {
    /// Its row.
    pub id: i64,
    /// The account it sends for.
    pub account: String,
    /// Runs seen alive beside it that have not ended in order: it may claim what they planned.
    pub peers: BTreeSet<i64>,
    /// The messages that the caller holds, and whether each had an open intent before it was claimed.
    pub in_hand: HashMap<i64, bool>,
    /// Templates whose messages are left alone.
    pub stopped: BTreeSet<String>,
    /// What may be sent again without a person's word.
    pub policy: Unknowns,
    /// Dead runs whose rows it closed as it began; told by the first recovery.
    pub found_dead: u64,
    /// The last exchange failed, maybe after its commit.
    pub in_doubt: bool,
    /// The id that people see, which the lock goes by.
    pub run_id: Uuid,
    /// The connection that held the lock is lost: nothing may be claimed until the lock is held again.
    pub unlocked: bool,
    /// Messages in hand that another run may have taken over while the lock was lost; not claimed again before their
    /// own outcome is here.
    pub taken_over: BTreeSet<i64>,
    pub lock: Lock,
}

impl Ledger {
    /// Begins a run: takes its lock, writes its row, and takes note of the runs alive beside it.
    pub fn begin_run(&mut self, run: &NewRun<'_>) -> Result<RunId, Error> {
        // One that could not be ended, because its ledger was lost, counts as dead.
        if let Some(lost) = self.run.take() {
            lost.lock.release(&self.db);
        }
        let run_id = Uuid::now_v7();
        let lock = Lock::take(&self.db, run_id)?;
        let written = self.db.transaction(|| {
            let id = write_run(&self.db, run, run_id)?;
            Ok((id, sweep(&self.db, run.account, id)?))
        });
        let (id, swept) = match written {
            Ok(written) => written,
            Err(error) => {
                lock.release(&self.db);
                return Err(error);
            }
        };
        lock::forget(&self.db, &swept.dead);
        lock::sweep_strays(&self.db);
        self.run = Some(Current {
            id,
            account: run.account.to_owned(),
            peers: swept.alive.iter().copied().collect(),
            in_hand: HashMap::new(),
            stopped: BTreeSet::new(),
            policy: Unknowns::default(),
            found_dead: swept.dead.len() as u64,
            in_doubt: false,
            run_id,
            unlocked: false,
            taken_over: BTreeSet::new(),
            lock,
        });
        Ok(RunId(run_id))
    }

    /// Ends the run: closes its row and releases its lock. What it left `sending` is an orphan from now on.
    pub fn finish_run(&mut self, ended: &RunEnd) -> Result<(), Error> {
        self.patiently(|ledger| ledger.close_run(ended))?;
        if let Some(run) = self.run.take() {
            run.lock.release(&self.db);
        }
        Ok(())
    }

    fn close_run(&self, ended: &RunEnd) -> Result<(), Error> {
        let id = self.current()?.id;
        self.db.transaction(|| {
            Pace::hold(&self.db, &self.current()?.account)?;
            let sql = "UPDATE run SET ended_at = $2, exit_code = $3, accepted = $4, held = $5, failed = $6,
                unknown = $7, left_queued = $8 WHERE id = $1";
            let values = [
                id.into(),
                self.db.now()?.into(),
                i64::from(ended.exit_code).into(),
                ended.accepted.into(),
                ended.held.into(),
                ended.failed.into(),
                ended.unknown.into(),
                ended.left.into(),
            ];
            self.outbox().finished(&self.db, id, ended)?;
            let closed = format!("{} AND m.account = $1", insight::CLOSED);
            insight::fold(&self.db, &closed, &[self.current()?.account.as_str().into()])?;
            self.db.execute(sql, &values)?;
            leave_open(&self.db, &self.current()?.account)
        })
    }

    /// Ends a run that did nothing, as if it had never begun: a plan that was refused leaves no trace.
    pub fn abandon_run(&mut self) -> Result<(), Error> {
        let id = self.current()?.id;
        self.db.transaction(|| {
            Pace::hold(&self.db, &self.current()?.account)?;
            self.db.execute("DELETE FROM run WHERE id = $1", &[id.into()])?;
            leave_open(&self.db, &self.current()?.account)
        })?;
        if let Some(run) = self.run.take() {
            run.lock.release(&self.db);
        }
        Ok(())
    }

    /// How many messages that this run planned or confirmed (of a service's: that others asked for) are still queued, not
    /// sent for sure; and how many it tried that may have arrived: the next run repeats them, or says that nobody knows.
    pub fn left(&mut self) -> Result<Left, Error> {
        let run = self.current()?;
        let planner = if self.reach == Reach::Orders { SERVICE } else { run.id };
        let account = run.account.clone();
        let sql =
            "SELECT COUNT(CASE WHEN intent_at IS NULL THEN 1 END), COUNT(intent_at) FROM message
            WHERE state = 'queued' AND planned_run = $1 AND account = $2";
        self.patiently(|ledger| {
            let row = ledger.db.query(sql, &[planner.into(), account.as_str().into()])?.pop();
            let mut row = row.ok_or(Error::Stored { column: "count" })?;
            Ok(Left { queued: row.count("queued")?, open: row.count("open")? })
        })
    }

    /// Says of queued messages of this run whose last attempt may have arrived that their outcome is unknown: the run is
    /// about to end, and `queued` promises that a message was not sent. A receipt that came meanwhile resolves it at once.
    pub fn doubt(&mut self) -> Result<Doubts, Error> {
        self.patiently(|ledger| {
            let (run, db, keep) = (ledger.current()?, &ledger.db, ledger.settings.keep_content);
            db.transaction(|| {
                let now = Pace::hold(db, &run.account)?.now()?;
                let sql = "UPDATE message SET state = 'unknown', settled_at = $2, not_before = NULL
                    WHERE state = 'queued' AND planned_run = $1 AND intent_at IS NOT NULL";
                let doubted = ledger.outbox().change(db, sql, &[run.id.into(), now.into()])?;
                if doubted == 0 {
                    return Ok(Doubts::default());
                }
                receipt::rematch(db, ledger.outbox(), &run.account, keep, now)?;
                let sql = "SELECT kind FROM message
                    WHERE state = 'unknown' AND account = $3 AND planned_run = $1 AND settled_at = $2";
                let values = [run.id.into(), now.into(), run.account.as_str().into()];
                let mut unknown = InDoubt::default();
                for mut row in db.query(sql, &values)? {
                    unknown.add(row.word("kind")?);
                }
                Ok(Doubts { unknown, resolved: doubted.saturating_sub(unknown.total()) })
            })
        })
    }

    /// Whether claims also take what runs alive at the same time have planned, and what a person released
    /// (`true` unless set). A nurse's `prescribe` sets `false`: it sends its own message and is done.
    pub fn share_work(&mut self, share: bool) {
        self.reach = if share { Reach::Others } else { Reach::Own };
    }
}

/// Makes the account's row where there is none, holds it, and writes the run's.
fn write_run(db: &Db, run: &NewRun<'_>, run_id: Uuid) -> Result<i64, Error> {
    Pace::open(db, run.account)?;
    let now = Pace::hold(db, run.account)?.now()?;
    let sql = "INSERT INTO run (run_id, account, verb, actor, host, started_at, died)
        VALUES ($1, $2, $3, $4, $5, $6, 0) RETURNING id";
    let values = [
        run_id.to_string().into(),
        run.account.into(),
        run.verb.into(),
        run.actor.into(),
        run.host.into(),
        now.into(),
    ];
    let row = db.query(sql, &values)?.pop();
    row.ok_or(Error::Stored { column: "run.id" })?.int("run.id")
}

/// Says of what may have arrived that its outcome is open, once no run lives that has it in hand or may claim it: `queued`
/// promises that a message was not sent, and the next run takes care of what ended runs left in flight. Where another
/// message of the openid is in flight, it is only read so: two never are at a time.
fn leave_open(db: &Db, account: &str) -> Result<(), Error> {
    let ended = "IN (SELECT id FROM run WHERE ended_at IS NOT NULL)";
    let alive = "IN (SELECT id FROM run WHERE ended_at IS NULL)";
    let sql = format!(
        "UPDATE message SET state = 'sending', not_before = NULL
         WHERE state = 'queued' AND account = $1 AND intent_at IS NOT NULL AND run {ended} AND planned_run NOT {alive}
           AND NOT EXISTS (SELECT 1 FROM message AS f
             WHERE f.state = 'sending' AND f.account = $1 AND f.openid = message.openid)"
    );
    db.execute(&sql, &[account.into()]).map(drop)
}

/// The account's other runs that have not ended.
#[derive(Default)]
pub(super) struct Swept {
    /// Those alive.
    pub alive: Vec<i64>,
    /// Those of the living that share nothing.
    pub alone: Vec<i64>,
    /// Those found dead just now, whose rows now say so.
    pub dead: Vec<Uuid>,
}

/// Looks at the locks of the account's other open runs, and closes the rows of the dead. The account's row is held, so
/// that no run takes its lost lock back between the look and the closing.
pub(super) fn sweep(db: &Db, account: &str, mine: i64) -> Result<Swept, Error> {
    let sql =
        "SELECT id, run_id, verb FROM run WHERE account = $1 AND id <> $2 AND ended_at IS NULL";
    let (mut open, mut run_ids) = (Vec::new(), Vec::new());
    for mut row in db.query(sql, &[account.into(), mine.into()])? {
        let id = row.int("id")?;
        run_ids.push(row.word::<Uuid>("run_id")?);
        open.push((id, ALONE.contains(&row.text("verb")?.as_str())));
    }
    let mut swept = Swept::default();
    let alive = lock::alive(db, &run_ids)?;
    for (((id, alone), run_id), alive) in open.into_iter().zip(run_ids).zip(alive) {
        if alive {
            swept.alive.push(id);
            swept.alone.extend(alone.then_some(id));
            continue;
        }
        let close = "UPDATE run SET ended_at = $2, died = 1 WHERE id = $1 AND ended_at IS NULL";
        db.execute(close, &[id.into(), db.now()?.into()])?;
        swept.dead.push(run_id);
    }
    Ok(swept)
}

/// The peers after a sweep: those seen alive, less those that ended in order. What a killed peer planned stays ours to finish.
pub(super) fn peers(
    db: &Db,
    before: &BTreeSet<i64>,
    swept: &Swept,
) -> Result<BTreeSet<i64>, Error> {
    let mut now: BTreeSet<i64> = swept.alive.iter().copied().collect();
    for &peer in before.difference(&now.clone()) {
        let rows = db.query("SELECT 1 FROM run WHERE id = $1 AND died = 1", &[peer.into()])?;
        if !rows.is_empty() {
            now.insert(peer);
        }
    }
    Ok(now)
}
