//! The sentences for why a row got no message, in one place for whoever says so.

use crate::domain::reason::Reason;

pub(super) const fn english(reason: Reason) -> &'static str {
    match reason {
        Reason::Ragged => "the row has another number of cells than the header",
        Reason::Malformed => "the entry is damaged",
        Reason::Empty => "a needed cell is empty",
        Reason::UnreadableDate => "the date cannot be read",
        Reason::UnreadableTime => "the time cannot be read",
        Reason::UnreadableText => "some bytes are not text",
        Reason::Destroyed => "a spreadsheet program has destroyed the value",
        Reason::UnknownStatus => "the status is not on any list",
        Reason::TwoPatients => "one appointment id at one time has two patients",
        Reason::SeveralOpenids => "contacts give several openids",
        Reason::DamagedContact => "the patient's row in contacts cannot be used",
        Reason::DoesNotFit => "a value does not fit its field",
        Reason::MissingValue => "a field needs a value that the row does not have",
        Reason::NoClockTime => "the row has a session but no clock time",
        Reason::MalformedOpenid => "the openid cannot be one",
        Reason::NoOpenid => "no openid is known for the patient",
        Reason::OnHold => "the visit is not firm yet",
        Reason::NotTakingPlace => "the visit is cancelled, moved or over",
        Reason::TooLate => "the visit has begun or is too near",
        Reason::OptedOut => "the patient wants no messages",
        Reason::Unsubscribed => "the patient no longer follows the account",
    }
}

pub(super) const fn chinese(reason: Reason) -> &'static str {
    match reason {
        Reason::Ragged => "该行的列数与表头不符",
        Reason::Malformed => "该条目已损坏",
        Reason::Empty => "必填项为空",
        Reason::UnreadableDate => "日期无法识别",
        Reason::UnreadableTime => "时间无法识别",
        Reason::UnreadableText => "文字编码有误",
        Reason::Destroyed => "数值已被表格软件破坏",
        Reason::UnknownStatus => "预约状态不在任何列表中",
        Reason::TwoPatients => "同一预约号同一时间对应两名患者",
        Reason::SeveralOpenids => "对照表中有多个 openid",
        Reason::DamagedContact => "对照表中该患者的一行不可用",
        Reason::DoesNotFit => "内容超出字段长度",
        Reason::MissingValue => "模板所需内容缺失",
        Reason::NoClockTime => "只有时段而没有钟点",
        Reason::MalformedOpenid => "openid 格式不正确",
        Reason::NoOpenid => "未找到患者的 openid",
        Reason::OnHold => "预约尚未确认",
        Reason::NotTakingPlace => "预约已取消、改期或已结束",
        Reason::TooLate => "就诊已开始或即将开始",
        Reason::OptedOut => "患者不愿接收消息",
        Reason::Unsubscribed => "患者已取消关注公众号",
    }
}
