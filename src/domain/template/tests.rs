//! What a template makes of a row, and what it refuses to make.

use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;
use crate::domain::appointment::{Appointment, Start};
use crate::domain::privacy::Privacy;
use crate::domain::reason::Reason;
use crate::domain::status::Status;

fn visit() -> Appointment {
    Appointment {
        line: 2,
        appointment_id: "YY0001".into(),
        openid: None,
        patient_id: None,
        patient: Some("欧阳小小".into()),
        phone: None,
        start: Start::at(date(2026, 11, 30), time(8, 30, 0, 0)).with_slot("08:30-09:00"),
        department: Some("心血管内科".into()),
        doctor: Some("李医生".into()),
        hospital: Some("协和医院".into()),
        location: None,
        status: Status::Remind,
        status_word: None,
    }
}

fn template(fields: &str) -> Template {
    Template::parse("sample", &format!("[fields]\n{fields}")).unwrap()
}

fn render(template: &Template, visit: &Appointment) -> Result<Vec<String>, Misfit> {
    let facts = Facts::of_visit(visit, 7, &Privacy::default());
    let rendered = template.render(&facts, &Rendering::default())?;
    Ok(rendered.fields.into_iter().map(|(_, value)| value).collect())
}

#[test]
fn the_shipped_templates_load_and_say_what_a_patient_must_know() {
    let reminder =
        Template::parse("reminder", include_str!("../../../templates/reminder.toml")).unwrap();
    let fields = render(&reminder, &visit()).unwrap();
    assert_eq!(fields[1..4], ["YY0001", "2026年11月30日 08:30", "协和医院"]);
    let bare = Appointment { doctor: None, hospital: None, ..visit() };
    assert_eq!(
        render(&reminder, &bare).unwrap()[3..],
        ["您预约的医院", "如需取消或改期，请提前联系医院。"]
    );

    let prescription =
        Template::parse("prescription", include_str!("../../../templates/prescription.toml"))
            .unwrap();
    let mut facts = Facts::default();
    facts.set("reference", Some("83C40E-A23856-00123W".to_owned()));
    facts.set("issued", Some("2026年11月30日 08:30".to_owned()));
    let rendered = prescription.render(&facts, &Rendering::default()).unwrap();
    assert_eq!(rendered.fields[1].1, "83C40E-A23856-00123W");
}

#[test]
fn a_session_stands_in_text_fields_and_not_in_clock_fields() {
    let morning = Appointment { start: Start::on(date(2026, 11, 30), Some("上午")), ..visit() };
    assert_eq!(
        render(&template("keyword2 = '{{ start }}'"), &morning).unwrap(),
        ["2026年11月30日 上午"]
    );
    let misfit = render(&template("time2 = '{{ start }}'"), &morning).unwrap_err();
    assert_eq!(misfit.reason, Reason::NoClockTime);
    assert!(misfit.detail.contains("[source.sessions]"), "{misfit}");

    let sessions = [("上午".to_owned(), time(8, 0, 0, 0))].into();
    let facts = Facts::of_visit(&morning, 7, &Privacy::default());
    let rendered =
        template("time2 = '{{ start }}'").render(&facts, &Rendering { sessions }).unwrap();
    assert_eq!(rendered.fields[0].1, "2026年11月30日 08:00");
}

#[test]
fn the_first_text_that_renders_and_fits_is_used() {
    let thing = template(
        "thing1 = ['{{ location }} {{ doctor }}', '{{ department }}：{{ hospital }} {{ hospital }} {{ hospital }} {{ date }}', '{{ doctor }}']",
    );
    assert_eq!(render(&thing, &visit()).unwrap(), ["李医生"]);
}

#[test]
fn nothing_is_cut_to_fit() {
    let long = Appointment { appointment_id: "A".repeat(21).into(), ..visit() };
    let misfit = render(&template("keyword1 = '{{ appointment_id }}'"), &long).unwrap_err();
    assert_eq!(misfit.reason, Reason::DoesNotFit);
    assert!(!misfit.to_string().contains("AAA"), "the value is nobody's business: {misfit}");
    let raised =
        Template::parse("t", "[fields]\nkeyword1 = '{{ appointment_id }}'\n[max]\nkeyword1 = 32")
            .unwrap();
    assert_eq!(render(&raised, &long).unwrap(), ["A".repeat(21)]);
}

#[test]
fn a_value_that_the_row_does_not_have_is_named() {
    let misfit = render(&template("thing1 = '{{ location }}'"), &visit()).unwrap_err();
    assert_eq!(
        (misfit.reason, misfit.detail.as_str()),
        (Reason::MissingValue, "the row has no location")
    );
}

#[test]
fn sensitive_departments_are_not_named_nor_their_doctor_nor_their_room() {
    let sensitive = Appointment {
        department: Some("精神科".into()),
        location: Some("精神卫生楼".into()),
        ..visit()
    };
    let fields = render(
        &template(
            "thing1 = '{{ department }}'\nthing2 = '{{ doctor }}'\nthing3 = '{{ location }}'\nthing4 = '{{ patient }}'",
        ),
        &sensitive,
    );
    assert_eq!(fields.unwrap(), ["门诊", "接诊医生", "门诊", "欧阳**"]);
}

#[test]
fn a_cell_with_template_syntax_is_only_text() {
    let hostile = Appointment { doctor: Some("{{ patient_id }}".into()), ..visit() };
    assert_eq!(
        render(&template("thing1 = '{{ doctor }}'"), &hostile).unwrap(),
        ["{{ patient_id }}"]
    );
}

#[test]
fn a_wrong_template_is_found_when_it_is_loaded() {
    let error = |text: &str| Template::parse("t", text).unwrap_err().to_string();
    assert!(error("[fields]\nthing1 = '{{ docter }}'").contains("did you mean doctor?"));
    assert!(error("[fields]\nthing1 = '{{ doctor'").contains("not a valid template text"));
    assert!(error("[fields]\nthing1 = 4").contains("a text or a list of texts"));
    assert!(error("titel = 'x'\n[fields]\nthing1 = 'y'").contains("line 1"));
    assert!(error("title = 'x'").contains("[fields]"));
    assert!(
        error(&format!("[fields]\nthing1 = '{}'", "长".repeat(21))).contains("can never be sent")
    );
}

#[test]
fn fields_stand_in_the_order_that_a_message_shows() {
    let keys = |template: &Template| {
        template.fields().iter().map(|field| field.key.clone()).collect::<Vec<_>>()
    };
    let template = template(
        "remark = 'r'\ncharacter_string10 = '1'\nthing2 = 'b'\nfirst = 'f'\ntime1 = '{{ start }}'",
    );
    assert_eq!(keys(&template), ["first", "time1", "thing2", "character_string10", "remark"]);
}

proptest! {
    #[test]
    fn what_is_rendered_keeps_its_rule_whatever_the_cell_holds(doctor in "\\PC{0,30}", slot in "\\PC{0,12}") {
        let row = Appointment { doctor: Some(doctor.into()), start: Start::on(date(2026, 11, 30), Some(&slot)), ..visit() };
        let template = template("thing1 = ['{{ doctor }}', '医生']\nkeyword2 = ['{{ start }}', '{{ date }}']");
        for (field, value) in ["thing1", "keyword2"].iter().zip(render(&template, &row).unwrap()) {
            prop_assert!(wechat::field::check(field, &value, None).is_ok());
        }
    }
}
