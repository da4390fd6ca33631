//! The names that hospital systems give to columns, and what they mean here.
//!
//! Collected from exports and from the column sets of widespread systems (创业 `MS_YYGH`, 展望 `CO05O`, a Taiwanese
//! feed). `就诊序号` and `序號` are left out on purpose: they number rows or the queue of a day, not visits.

mod view;

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::column::Column;

/// What a header can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The column.
    pub column: Column,
    /// Which of several columns with the same meaning is taken: the lowest. Equals must agree in every row.
    pub rank: u8,
    /// Whether the header (`就诊时间`) names the time alone where another column names the day.
    pub or_time: bool,
}

/// The rank of the canonical name itself.
const CANONICAL: u8 = 0;
/// The rank of a header that says plainly what it is.
const PLAIN: u8 = 1;
/// The rank of a header that may mean less: a code beside a name, a session beside a clock time.
pub(super) const LOOSE: u8 = 2;
/// The rank of `预约…` for a date: it is often when the booking was made.
pub(super) const BOOKING: u8 = 3;

type Names = &'static [(Column, u8, &'static [&'static str])];
const NAMES: Names = &[
    (
        Column::AppointmentId,
        PLAIN,
        &[
            "预约号",
            "预约编号",
            "预约ID",
            "预约单号",
            "挂号序号",
            "挂号编号",
            "流水号",
            "记录编号",
            "預約號",
            "預約編號",
            "預約單號",
            "預約序號",
            "掛號號",
            "掛號編號",
            "掛號序號",
            "流水號",
            "appointment_no",
            "appointment number",
            "appt_no",
            "appt_id",
            "apptid",
            "booking_id",
            "booking no",
            "YYXH",
            "GHXH",
        ],
    ),
    (Column::Openid, PLAIN, &["微信openid", "wx_openid", "wechat_openid", "open_id"]),
    (
        Column::PatientId,
        PLAIN,
        &[
            "门诊号",
            "病历号",
            "病案号",
            "患者ID",
            "患者编号",
            "病人ID",
            "登记号",
            "就诊卡号",
            "卡号",
            "健康卡号",
            "門診號",
            "病歷號",
            "病歷號碼",
            "病患編號",
            "病患ID",
            "卡號",
            "就診卡號",
            "mrn",
            "patient_no",
            "patient number",
            "chart_no",
            "chart number",
            "BRID",
            "MZHM",
            "KCSTMR",
        ],
    ),
    (
        Column::Patient,
        PLAIN,
        &[
            "患者姓名",
            "患者",
            "姓名",
            "病人姓名",
            "病患姓名",
            "就诊人",
            "就诊人姓名",
            "就診人",
            "name",
            "patient_name",
            "PAT_NAME",
            "MNAME",
            "BRXM",
            "TNAME",
        ],
    ),
    (
        Column::Phone,
        PLAIN,
        &[
            "手机号",
            "手机",
            "手机号码",
            "联系电话",
            "电话",
            "电话号码",
            "联系方式",
            "手機",
            "手機號碼",
            "行動電話",
            "聯絡電話",
            "電話",
            "mobile",
            "mobile_no",
            "mobile_phone",
            "phone_number",
            "phone_no",
            "tel",
            "telephone",
            "contact_no",
            "MTELH",
        ],
    ),
    (
        Column::Start,
        PLAIN,
        &[
            "就诊日期",
            "看诊日期",
            "出诊日期",
            "就診日期",
            "看診日期",
            "出診日期",
            "appointment_date",
            "appointment_datetime",
            "appointment_start",
            "appt_date",
            "visit_date",
            "start_time",
            "start_at",
            "start_datetime",
        ],
    ),
    (Column::Start, LOOSE, &["date", "datetime", "日期", "REG_DATE", "TBKDATE", "TBKDT"]),
    (Column::Start, BOOKING, &["预约日期", "預約日期", "YYRQ", "booking_date"]),
    (
        Column::Time,
        PLAIN,
        &[
            "时段",
            "时间段",
            "就诊时段",
            "看诊时段",
            "時段",
            "時間段",
            "就診時段",
            "看診時段",
            "slot",
            "time_slot",
            "appointment_time",
            "appt_time",
            "REG_TIME",
            "TBKTIME",
        ],
    ),
    (
        Column::Time,
        LOOSE,
        &["时间", "時間", "上下午", "午别", "午別", "診別", "诊别", "session", "ZBLB", "NOON"],
    ),
    (Column::Time, BOOKING, &["预约时段", "預約時段"]),
    (
        Column::Department,
        PLAIN,
        &[
            "科室",
            "就诊科室",
            "预约科室",
            "挂号科室",
            "科室名称",
            "科別",
            "科别",
            "科別名稱",
            "就診科別",
            "看診科別",
            "門診",
            "department_name",
            "dept",
            "dept_name",
            "clinic",
            "KSMC",
        ],
    ),
    (
        Column::Department,
        LOOSE,
        &["科室代码", "科室编码", "科別代碼", "dept_code", "KSDM", "HDEPT_CODE"],
    ),
    (
        Column::Doctor,
        PLAIN,
        &[
            "医生",
            "医师",
            "医生姓名",
            "医师姓名",
            "就诊医生",
            "预约医生",
            "专家",
            "醫師",
            "醫生",
            "醫師姓名",
            "看診醫師",
            "就診醫師",
            "doctor_name",
            "provider",
            "physician",
            "YSXM",
            "DOC_NAME",
        ],
    ),
    (Column::Doctor, LOOSE, &["医生代码", "医生工号", "醫師代碼", "doctor_code", "YSDM"]),
    (
        Column::Hospital,
        PLAIN,
        &["医院", "医院名称", "医疗机构", "医疗机构名称", "醫院", "醫院名稱", "hospital_name"],
    ),
    (
        Column::Campus,
        PLAIN,
        &["院区", "院区名称", "分院", "院區", "院區名稱", "院所", "site", "branch", "facility"],
    ),
    (Column::Campus, LOOSE, &["JGID"]),
    (
        Column::Location,
        PLAIN,
        &[
            "就诊地点",
            "就诊位置",
            "地点",
            "诊室",
            "诊区",
            "就診地點",
            "看診地點",
            "地點",
            "診間",
            "診區",
            "room",
            "AREA_NAME",
        ],
    ),
    (Column::Location, LOOSE, &["楼层", "樓層", "floor"]),
    (
        Column::Status,
        PLAIN,
        &[
            "状态",
            "预约状态",
            "就诊状态",
            "挂号状态",
            "退号标志",
            "狀態",
            "預約狀態",
            "看診狀態",
            "就診狀態",
            "掛號狀態",
            "appointment_status",
            "appt_status",
            "TSTS",
            "GHBZ",
            "THBZ",
            "CANCELFLAG",
            "EXAMSTATUS",
        ],
    ),
    (
        Column::BoundAt,
        PLAIN,
        &["绑定时间", "绑定日期", "綁定時間", "綁定日期", "bind_time", "bound_time", "binded_at"],
    ),
    (
        Column::BirthDate,
        PLAIN,
        &["出生日期", "出生年月日", "生日", "birthday", "birthdate", "date_of_birth", "dob"],
    ),
    (
        Column::Reference,
        PLAIN,
        &[
            "处方号",
            "处方编号",
            "医保处方编号",
            "处方追溯码",
            "取药码",
            "處方箋號",
            "處方號",
            "領藥號",
            "rx_no",
            "hiRxno",
            "rxTraceCode",
            "prescription_id",
            "prescription_no",
            "ref",
        ],
    ),
    (
        Column::Issued,
        PLAIN,
        &[
            "开具时间",
            "开具日期",
            "开方时间",
            "开方日期",
            "處方日期",
            "开立时间",
            "開立日期",
            "issued_at",
            "issue_date",
        ],
    ),
    (
        Column::Expires,
        PLAIN,
        &[
            "有效期",
            "有效期至",
            "失效日期",
            "截止日期",
            "有效期限",
            "valid_until",
            "rx_valid_until",
            "expires_at",
            "expiry",
        ],
    ),
];

/// Headers that name a moment: the day, or the day and time, or the time alone beside a column for the day.
const MOMENTS: &[(u8, &[&str])] = &[
    (PLAIN, &["就诊时间", "看诊时间", "出诊时间", "就診時間", "看診時間", "開診時間"]),
    (BOOKING, &["预约时间", "預約時間", "预约就诊时间", "預約就診時間"]),
];

static MEANINGS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (rank, names) in MOMENTS {
        let meaning = Meaning { column: Column::Start, rank: *rank, or_time: true };
        all.extend(names.iter().map(|name| (normalise(name), meaning)));
    }
    for (column, rank, names) in NAMES.iter().chain(view::VIEW) {
        let meaning = Meaning { column: *column, rank: *rank, or_time: false };
        all.extend(names.iter().map(|name| (normalise(name), meaning)));
    }
    for column in Column::ALL {
        let meaning = Meaning { column, rank: CANONICAL, or_time: false };
        all.insert(normalise(column.as_str()), meaning);
    }
    all
});

/// What a header means, if it is one that is known.
pub(super) fn meaning(header: &str) -> Option<Meaning> {
    // No name is this long; a cell of free text is not worth normalising.
    if header.is_empty() || header.len() > 120 {
        return None;
    }
    MEANINGS.get(&normalise(header)).copied()
}

/// How headers are compared: NFKC, lower case, letters and digits only, without what stands in parentheses.
pub(super) fn normalise(header: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::with_capacity(header.len());
    let mut inside = String::new();
    for c in header.nfkc().flat_map(char::to_lowercase) {
        match c {
            '(' | '[' | '【' | '〔' => depth += 1,
            ')' | ']' | '】' | '〕' => depth = depth.saturating_sub(1),
            c if !c.is_alphanumeric() => {}
            c if depth == 0 => kept.push(c),
            c => inside.push(c),
        }
    }
    if kept.is_empty() { inside } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_space_and_punctuation_do_not_matter() {
        assert_eq!(normalise(" Ｐatient_ID： "), "patientid");
        assert_eq!(normalise("手机号（必填）"), "手机号");
        assert_eq!(normalise("【状态】"), "状态");
        assert_eq!(meaning("Appointment ID").unwrap().column, Column::AppointmentId);
    }

    #[test]
    fn numbers_of_rows_are_no_appointment_ids() {
        for header in ["就诊序号", "序號", "序号", "id", "微信号", ""] {
            assert_eq!(meaning(header), None, "{header}");
        }
    }

    #[test]
    fn the_day_of_the_visit_beats_the_day_of_the_booking() {
        for (visit, booking) in [("就诊日期", "预约时间"), ("看診日期", "預約日期")]
        {
            assert!(meaning(visit).unwrap().rank < meaning(booking).unwrap().rank);
        }
    }

    #[test]
    fn every_name_means_one_thing() {
        let mut seen = HashMap::new();
        for (column, _, names) in NAMES {
            for name in *names {
                let other = seen.insert(normalise(name), *column);
                assert!(other.is_none() || other == Some(*column), "{name}");
            }
        }
        for (_, names) in MOMENTS {
            assert!(names.iter().all(|name| !seen.contains_key(&normalise(name))));
        }
    }
}
