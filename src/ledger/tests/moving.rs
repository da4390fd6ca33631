//! From a file to a server.

use super::*;

/// A ledger with something in every table, and no run under way.
fn lived_in(place: &Place) -> Ledger {
    let mut run = place.run();
    run.enqueue(&[
        reminder("oA", 1),
        reminder("oB", 2),
        reminder("oC", 3),
        prescription("oP", "RX1"),
    ])
    .unwrap();
    let claimed = claim(&mut run, 2);
    run.exchange(&tell(claimed[0].message, accepted())).unwrap();
    let failed = Settled::Failed { errcode: 43004, errmsg: "拒收".into(), rid: None };
    run.exchange(&tell(claimed[1].message, failed)).unwrap();
    let who = Who { account: ACCOUNT.into(), identity: Identity::Openid("oGone".into()) };
    run.forget(&who, "nurse").unwrap();
    run.finish_run(&RunEnd::default()).unwrap();
    run
}

#[test]
fn a_copy_holds_everything_and_the_file_is_as_it_was() {
    on_postgres(|server| {
        let file = place();
        let before = lived_in(&file).list(&Filter::default()).unwrap();
        let (from, to) = (&file.settings.address, &server.settings.address);
        let copied = copy(from, to).unwrap().unwrap();
        let of = |name| copied.0.iter().find(|(table, _)| table == name).unwrap().1;
        assert_eq!(
            [of("message"), of("run"), of("opt_out"), of("audit"), of("account")],
            [4, 1, 1, 1, 1]
        );
        assert_eq!(server.open().list(&Filter::default()).unwrap(), before);
        assert_eq!(file.open().list(&Filter::default()).unwrap(), before);

        let mut run = server.run();
        assert_eq!(run.enqueue(&[reminder("oA", 1)]).unwrap().existing, 1, "known as sent");
        assert_eq!(
            run.enqueue(&[reminder("oD", 4)]).unwrap().inserted,
            1,
            "ids go on after the copied ones"
        );
        assert_eq!(run.confirm_all(POLICY).unwrap(), 3);
        assert_eq!(claim(&mut run, 9).len(), 3);
        assert_eq!(run.opted_out().unwrap().len(), 1);
    });
}

#[test]
fn a_copy_is_refused_into_a_ledger_in_use_and_from_one_under_way() {
    on_postgres(|server| {
        let file = place();
        let (from, to) = (&file.settings.address, &server.settings.address);
        assert!(copy(from, to).unwrap().is_none(), "there is nothing yet");
        let mut run = file.run();
        run.enqueue(&[reminder("oA", 1)]).unwrap();
        assert!(matches!(copy(from, to), Err(Error::Running { runs: 1, .. })));
        run.finish_run(&RunEnd::default()).unwrap();
        copy(from, to).unwrap();
        assert!(matches!(copy(from, to), Err(Error::NotEmpty { messages: 1, runs: 1, .. })));
        assert_eq!(count(&server.open(), "SELECT COUNT(*) FROM message"), 1);
    });
}

fn a_migration_makes_what_is_missing_and_says_so(place: &Place) {
    let known = schema::known();
    let address = &place.settings.address;
    assert_eq!(migrate(address).unwrap(), Migrated { from: 0, to: known });
    assert_eq!(migrate(address).unwrap(), Migrated { from: known, to: known });
}

contract![a_migration_makes_what_is_missing_and_says_so];
