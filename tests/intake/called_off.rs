//! A visit that is called off takes its waiting message with it, in whatever form the source says so.

use wechat_simulator::{Fault, FaultKind};

use crate::proof::clinic::{Clinic, MONDAY, openid, visit};
use crate::support::Run;

const SETTINGS: &str = "[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n";

/// A scheduling message as an interface sends it: `SCH-25` says `Booked` whatever the event.
fn siu(event: &str, patient: usize) -> String {
    format!(
        "MSH|^~\\&|HIS|A|B|C|20261123||SIU^{event}|{patient}|P|2.5\rSCH||YY{patient:06}|||||||||^^30^202611300{}00||||||||||||||Booked\rPID|||P{patient:06}^^^^MR||患者^{patient}\r",
        patient + 1,
    )
}

/// A clinic whose contacts know the first five patients.
fn clinic() -> Clinic {
    let clinic = Clinic::with(SETTINGS);
    let rows: Vec<String> = (0..5).map(|n| format!("P{n:06},{}\n", openid(n))).collect();
    clinic.file("contacts.csv", format!("patient_id,openid\n{}", rows.concat()));
    clinic
}

fn remind(clinic: &Clinic, source: &str) -> Run {
    clinic.run(["remind", "--days", "7", "--now", MONDAY, "--contacts", "contacts.csv", source])
}

/// One message is sent and two are left queued, since the day's quota is spent.
fn two_wait(clinic: &Clinic, source: &str) {
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).after(1).forever());
    let arguments = ["--contacts", "contacts.csv", "--concurrency", "1", source];
    let usual = ["remind", "--days", "7", "--now", MONDAY];
    let run = clinic.run(usual.into_iter().chain(arguments)).expect(6);
    assert_eq!(
        (clinic.reached(), clinic.states()),
        (vec![0], "accepted 1, queued 2".to_owned()),
        "{run}"
    );
    clinic.simulator().clear_faults();
}

#[test]
fn a_cancel_event_cancels_the_queued_message_and_never_its_neighbour() {
    for event in ["S15", "S16", "S17", "S26"] {
        let clinic = clinic();
        clinic.file("siu.hl7", (0..3).map(|n| siu("S12", n)).collect::<String>());
        two_wait(&clinic, "siu.hl7");

        clinic.file("later.hl7", siu(event, 1));
        let run = remind(&clinic, "later.hl7").expect(0);
        assert_eq!(clinic.states(), "accepted 1, cancelled 1, queued 1", "{event}\n{run}");
        // The other was not in that input, which proves nothing: a person may send it.
        let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(0);
        clinic.assert_once_each([0, 2]);
    }
}

/// An interface need not repeat when the visit would have been: the number says which it is.
#[test]
fn a_cancel_event_without_a_time_cancels_as_well() {
    let clinic = clinic();
    clinic.file("siu.hl7", (0..3).map(|n| siu("S12", n)).collect::<String>());
    two_wait(&clinic, "siu.hl7");
    let without = siu("S15", 1).replace("^^30^202611300200", "");
    assert!(!without.contains("20261130"));
    clinic.file("later.hl7", without + &siu("S12", 4));
    let _ = remind(&clinic, "later.hl7").expect(0);
    assert_eq!(clinic.states(), "accepted 2, cancelled 1, queued 1");
    clinic.assert_once_each([0, 4]);
}

#[test]
fn a_cancelled_status_in_a_table_does_the_same() {
    let clinic = clinic();
    clinic.visits(0..3);
    two_wait(&clinic, "appointments.csv");
    clinic.source(&[visit(0), visit(1).replace("已预约", "已退号"), visit(2)]);
    let _ = remind(&clinic, "appointments.csv").expect(0);
    assert_eq!(clinic.states(), "accepted 2, cancelled 1");
    clinic.assert_once_each([0, 2]);
}

#[test]
fn a_cancelled_resource_does_the_same() {
    let clinic = clinic();
    let visit = |patient: usize, status: &str| {
        format!(
            "{{\"resourceType\":\"Appointment\",\"id\":\"YY{patient:06}\",\"status\":\"{status}\",\"start\":\"2026-11-30T0{}:00:00+08:00\",\"participant\":[{{\"actor\":{{\"reference\":\"Patient/P{patient:06}\"}},\"status\":\"accepted\"}}]}}\n",
            patient + 1
        )
    };
    clinic.file("fhir.ndjson", (0..3).map(|n| visit(n, "booked")).collect::<String>());
    two_wait(&clinic, "fhir.ndjson");
    clinic.file("fhir.ndjson", visit(1, "cancelled") + &visit(2, "booked"));
    let _ = remind(&clinic, "fhir.ndjson").expect(0);
    assert_eq!(clinic.states(), "accepted 2, cancelled 1");
    clinic.assert_once_each([0, 2]);
}
