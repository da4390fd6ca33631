//! The dictionary of return codes.

use crate::support::Desk;

#[test]
fn a_negative_code_is_explained_in_both_languages() {
    insta::assert_snapshot!(Desk::new().run(["explain", "-1"]), @"
    --- stdout
    -1  system error

    WeChat is busy or had a fault of its own. Many at once mean that requests come too fast.
    Nobody has to act: wait 1, 2, 4, 8 seconds and repeat with the same client_msg_id. If it lasts, lower the rate and the concurrency.
    It was not accepted. It is safe to send again after a wait, with the same client_msg_id.

    微信系统繁忙或内部出错；短时间内大量出现说明请求过快。
    无需人工处理：等待 1、2、4、8 秒后以相同的 client_msg_id 重试。若持续出现，请降低发送速率和并发数。
    消息未被接受，稍后可用相同的 client_msg_id 安全地重发。
    --- exit 0
    ");
}

#[test]
fn one_language_may_be_asked_for() {
    insta::assert_snapshot!(Desk::new().run(["explain", "43004", "--lang", "zh"]), @"
    --- stdout
    43004  require subscribe

    接收者未关注公众号，模板消息只能发给关注者。用户取消后重新关注的短时间内也可能出现。
    请电话联系患者，并在下次就诊时请其关注公众号，之后即可正常发送。
    消息未发出；原样重发无害，但无济于事。
    --- exit 0
    ");
}

#[test]
fn a_code_that_nobody_knows_is_a_usage_error() {
    insta::assert_snapshot!(Desk::new().run(["explain", "12345678"]), @"
    --- stderr
    wxremind: error: 12345678 is not in the dictionary of WeChat's return codes.
    hint: `wxremind explain` lists all that are.
    --- exit 2
    ");
}

#[test]
fn without_a_code_all_are_listed() {
    let desk = Desk::new();
    let list = desk.run(["explain"]).expect(0).stdout;
    for code in ["-1 ", "40001", "40164", "43004", "45009", "47003"] {
        assert!(list.lines().any(|line| line.starts_with(code)), "{code} in\n{list}");
    }
    let entries = desk.run(["explain", "--json"]).expect(0).json().as_array().unwrap().len();
    assert_eq!(entries + 1, list.lines().count());
}
