//! A PostgreSQL ledger that goes away while messages are being sent.

use std::collections::BTreeSet;

use super::clinic::{Clinic, MONDAY, appointment, wait};
use super::crash::until;
use super::shared::{Shared, Wire, reminding};

const FAST: [&str; 4] = ["--rate", "0", "--concurrency", "8"];
const MESSAGES: usize = 600;

#[test]
fn losing_the_database_ends_the_run_with_7_and_a_later_one_completes_the_work() {
    let Some(shared) = Shared::new() else { return };
    // The patience of two minutes is as short as the other waits.
    let clinic = Clinic::with("[send]\nwait_scale = 0.01\n");
    clinic.visits(0..MESSAGES);
    let wire = Wire::to(&shared);
    let hold = clinic.simulator().hold_after(wechat_simulator::Moment::Answer, 100);
    let child = reminding(&clinic, &shared.by(wire.host()), MONDAY, &FAST).spawn();
    wait(hold.waiting(8));
    wire.cut();
    hold.release();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(7), "{said}");
    assert!(said.contains("cannot be reached") && !said.contains("wxremind-test"), "{said}");

    // Whoever was reached had an intent on disk.
    let reached: BTreeSet<String> = clinic.reached().into_iter().map(appointment).collect();
    assert!((100..MESSAGES).contains(&reached.len()), "{}", reached.len());
    for entry in shared.entries() {
        let intended = matches!(entry.state.as_str(), "sending" | "accepted");
        assert!(
            intended || !reached.contains(entry.appointment_id.as_deref().unwrap()),
            "{entry:?}"
        );
    }
    wire.mend();
    let _ = reminding(&clinic, &shared.by(wire.host()), MONDAY, &FAST).run().expect(0);
    clinic.assert_once_each(0..MESSAGES);
    assert_eq!(shared.states(), format!("accepted {MESSAGES}"));
}

#[test]
fn a_short_outage_is_survived() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::with("[send]\nwait_scale = 0.2\n");
    clinic.visits(0..MESSAGES);
    let wire = Wire::to(&shared);
    let hold = clinic.simulator().hold_after(wechat_simulator::Moment::Answer, 100);
    let child = reminding(&clinic, &shared.by(wire.host()), MONDAY, &FAST).spawn();
    wait(hold.waiting(8));
    wire.cut();
    hold.release();
    until(|| wire.refused() >= 3);
    wire.mend();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    clinic.assert_once_each(0..MESSAGES);
    assert_eq!(shared.states(), format!("accepted {MESSAGES}"));
    assert_eq!(shared.runs(), 1);
}

#[test]
fn two_machines_survive_a_server_that_restarts() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::with("[send]\nwait_scale = 0.2\n");
    clinic.visits(0..MESSAGES);
    let hold = clinic.simulator().hold_after(wechat_simulator::Moment::Answer, 100);
    let url = shared.url();
    let machines = [(); 2].map(|()| reminding(&clinic, &url, MONDAY, &FAST).spawn());
    wait(hold.waiting(8));
    until(|| shared.runs() == 2);
    // Which of them comes back first finds the other dead.
    shared.end_sessions();
    hold.release();
    for machine in machines {
        let ended = machine.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    clinic.assert_once_each(0..MESSAGES);
    assert_eq!(shared.states(), format!("accepted {MESSAGES}"));
}
