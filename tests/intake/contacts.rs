//! Whom a row reaches when the source knows no openid: by patient id, by telephone, by the newest binding, or nobody.

use crate::proof::clinic::{Clinic, MONDAY, openid};
use crate::support::Run;

/// A clinic with these settings and contacts, and a source of patient, telephone and time.
fn clinic(contacts: &str, table: &str, rows: &str) -> Clinic {
    let clinic = Clinic::with(&format!(
        "[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n[contacts]\nurl = \"contacts.csv\"\n{contacts}\n"
    ));
    clinic.file("contacts.csv", table);
    clinic.file("appointments.csv", format!("预约号,病历号,手机号,就诊日期,就诊时间\n{rows}"));
    clinic
}

fn remind(clinic: &Clinic) -> Run {
    clinic.run(["remind", "--days", "7", "--now", MONDAY, "--json", "appointments.csv"])
}

#[test]
fn a_telephone_number_is_the_same_however_it_is_written() {
    let contacts = format!(
        "手机,openid\n+86 138-0000-0001,{}\n008613800000002,{}\n１３８０００００００３,{}\n13800000004.0,{}\n138****0005,{}\n",
        openid(1),
        openid(2),
        openid(3),
        openid(4),
        openid(5),
    );
    let rows = "A1,P1,13800000001,2026-11-30,9:00\nA2,P2,138 0000 0002,2026-11-30,9:01\nA3,P3,+8613800000003,2026-11-30,9:02\n\
                A4,P4,(86)13800000004,2026-11-30,9:03\nA5,P5,138****0005,2026-11-30,9:04\nA6,P6,,2026-11-30,9:05\n";
    let clinic = clinic("key = \"phone\"", &contacts, rows);
    let told = remind(&clinic).expect(0).json();
    clinic.assert_once_each([1, 2, 3, 4]);
    assert_eq!((&told["due"], &told["skipped"]["no_openid"]), (&4.into(), &2.into()));
    // They are on the list of whom to telephone.
    assert_eq!(clinic.states(), "accepted 4, skipped 2");
}

#[test]
fn eight_digits_are_of_the_country_that_is_set_or_of_the_clinics_city() {
    let contacts =
        format!("phone,openid\n+852 2123 4567,{}\n+65 8123 4567,{}\n", openid(1), openid(2));
    let rows = "A1,P1,21234567,2026-11-30,9:00\nA2,P2,8123-4567,2026-11-30,9:01\n";
    for (settings, reached) in [
        ("key = \"phone\"\ncountry = \"852\"", vec![1]),
        ("key = \"phone\"\ncountry = \"+65\"", vec![2]),
        ("key = \"phone\"", vec![]),
    ] {
        let clinic = clinic(settings, &contacts, rows);
        let _ = remind(&clinic).expect(0);
        clinic.assert_once_each(reached);
    }
}

#[test]
fn a_mother_gets_one_message_for_each_child_and_the_same_pair_twice_is_one() {
    let mother = openid(7);
    let contacts = format!("病历号,openid\nP1,{mother}\nP2,{mother}\nP1,{mother}\n");
    let clinic = clinic("", &contacts, "A1,P1,,2026-11-30,9:00\nA2,P2,,2026-11-30,9:00\n");
    let _ = remind(&clinic).expect(0);
    clinic.assert_once_each([7, 7]);
}

#[test]
fn of_several_openids_the_newest_counts_and_without_a_date_none() {
    let (old, new) = (openid(1), openid(2));
    let rows = "A1,P1,,2026-11-30,9:00\n";
    let dated = format!("病历号,openid,绑定时间\nP1,{new},2026-03-01 09:00\nP1,{old},2025/03/01\n");
    let clinic_dated = clinic("", &dated, rows);
    let _ = remind(&clinic_dated).expect(0);
    clinic_dated.assert_once_each([2]);

    let undated = format!("病历号,openid\nP1,{new}\nP1,{old}\n");
    let clinic_undated = clinic("", &undated, rows);
    let told = remind(&clinic_undated).expect(1).json();
    assert!(clinic_undated.reached().is_empty());
    assert_eq!(told["rejected"]["several_openids"], 1);
    assert_eq!(clinic_undated.states(), "skipped 1");
}

#[test]
fn a_row_of_contacts_that_cannot_be_used_is_said() {
    let contacts = format!("病历号,openid\nP1,{}\nP2\nP3,{},x\n", openid(1), openid(3));
    let clinic = clinic("", &contacts, "A1,P1,,2026-11-30,9:00\nA3,P3,,2026-11-30,9:01\n");
    let told = remind(&clinic).expect(1).json();
    clinic.assert_once_each([1]);
    assert_eq!(told["contacts"]["rejected"]["ragged"], 2);
    assert_eq!(told["rejected"]["damaged_contact"], 1);
}
