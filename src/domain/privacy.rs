//! What a message may say on a lock screen: masked names, neutral words for sensitive departments.
//!
//! Conventions follow what hospitals' own booking pages show (surname and stars) and the rule that full name, hospital
//! and department together are health data.

use unicode_normalization::UnicodeNormalization;

/// Departments whose name alone tells a diagnosis; matched as part of a name, in both scripts and English.
const SENSITIVE: &[&str] = &[
    "精神",
    "心理",
    "心身",
    "感染",
    "传染",
    "傳染",
    "肝病",
    "结核",
    "結核",
    "艾滋",
    "愛滋",
    "hiv",
    "性病",
    "皮肤性病",
    "生殖",
    "不孕",
    "计划生育",
    "計劃生育",
    "人流",
    "肿瘤",
    "腫瘤",
    "癌",
    "放疗",
    "放療",
    "化疗",
    "化療",
    "安宁",
    "安寧",
    "戒毒",
    "戒酒",
    "成瘾",
    "成癮",
    "泌尿",
    "男科",
    "遗传",
    "遺傳",
    "青少年",
    "psychiatr",
    "psycholog",
    "mental",
    "std",
    "sexual",
    "oncolog",
    "cancer",
    "fertil",
    "ivf",
    "addict",
    "urolog",
    "androlog",
    "genetic",
    "tubercul",
    "hepatitis",
    "palliative",
    "hospice",
    "radiotherap",
    "chemotherap",
    "adolescent",
];

/// Surnames of two characters, which stay whole.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "夏侯", "东方", "東方", "皇甫",
    "尉迟", "尉遲", "公孙", "公孫", "慕容", "长孙", "長孫", "宇文", "司空", "令狐", "钟离", "鍾離",
    "闻人", "聞人", "独孤", "獨孤", "端木", "南宫", "南宮", "西门", "西門", "百里", "呼延", "轩辕",
    "軒轅", "淳于", "单于", "單于", "太史", "申屠", "仲孙", "仲孫", "澹台", "公冶", "宗政", "濮阳",
    "濮陽", "赫连", "赫連", "张简", "張簡", "范姜",
];

/// What is said in place of a sensitive department.
pub const NEUTRAL_DEPARTMENT: &str = "门诊";
/// What is said in place of a doctor of a sensitive department.
pub const NEUTRAL_DOCTOR: &str = "接诊医生";
/// What is said in place of the room of a sensitive department.
pub const NEUTRAL_LOCATION: &str = "门诊";

/// What messages may say.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// Names are masked: 张**.
    pub mask_names: bool,
    /// A sensitive department, its doctor and its room are replaced by neutral words.
    pub neutral_departments: bool,
    /// Further parts of department names that are sensitive, lower case.
    pub sensitive: Vec<String>,
    /// The only departments that are named; empty: all that are not sensitive.
    pub named: Vec<String>,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            mask_names: true,
            neutral_departments: true,
            sensitive: Vec::new(),
            named: Vec::new(),
        }
    }
}

impl Privacy {
    /// Whether a department is named only in neutral words.
    pub fn is_sensitive(&self, department: &str) -> bool {
        let department = folded(department);
        let named = || self.named.iter().any(|name| folded(name) == department);
        self.neutral_departments
            && (SENSITIVE.iter().any(|part| department.contains(part))
                || department.split(|c: char| !c.is_alphanumeric()).any(|word| word == "sti")
                || self.sensitive.iter().any(|part| department.contains(&folded(part)))
                || (!self.named.is_empty() && !named()))
    }

    /// A patient's name as a message says it; `None` when the name cannot be trusted (a character was lost).
    pub fn name(&self, name: &str) -> Option<String> {
        let name = name.trim();
        if name.is_empty() || name.chars().any(is_lost) {
            return None;
        }
        Some(if self.mask_names { mask_name(name) } else { name.to_owned() })
    }
}

/// Width and case make no other department.
fn folded(department: &str) -> String {
    department.nfkc().flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// A name with the given part starred: 张*, 张**, 欧阳**, 买买提·**, `CHAN T* M*`.
pub fn mask_name(name: &str) -> String {
    if let Some((first, rest)) = name.split_once(['·', '•', '‧', '・']) {
        return format!("{first}·{}", stars(rest.chars().count()));
    }
    if name.chars().any(|c| c.is_ascii_alphabetic()) {
        return mask_latin(name);
    }
    let surname =
        if COMPOUND_SURNAMES.iter().any(|surname| name.starts_with(surname)) { 2 } else { 1 };
    let length = name.chars().count();
    if length <= surname {
        return stars(length);
    }
    let shown: String = name.chars().take(surname).collect();
    format!("{shown}{}", stars(length - surname))
}

fn mask_latin(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let initial = |word: &str| word.chars().next().map_or_else(String::new, |c| format!("{c}*"));
    match words.split_first() {
        Some((first, rest)) if !rest.is_empty() => {
            let rest: Vec<String> = rest.iter().map(|word| initial(word)).collect();
            format!("{first} {}", rest.join(" "))
        }
        _ => initial(name),
    }
}

/// At most two stars: the length of a given name is nobody's business either.
fn stars(count: usize) -> String {
    "*".repeat(count.clamp(1, 2))
}

/// A character that stands for one that was lost on the way: replacement, private use, a question mark.
fn is_lost(c: char) -> bool {
    matches!(c, '\u{FFFD}' | '?' | '？' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masks_as_hospitals_do() {
        for (name, masked) in [
            ("张三", "张*"),
            ("王小明", "王**"),
            ("欧阳小小", "欧阳**"),
            ("欧阳", "**"),
            ("买买提·艾力", "买买提·**"),
            ("CHAN Tai Man", "CHAN T* M*"),
            ("Muthu", "M*"),
            ("张", "*"),
        ] {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn a_name_with_a_lost_character_is_not_said() {
        for name in ["张\u{FFFD}", "陳?", "\u{E000}明", " "] {
            assert_eq!(Privacy::default().name(name), None);
        }
    }

    #[test]
    fn sensitive_departments_are_found_in_both_scripts_and_english() {
        let privacy = Privacy { sensitive: vec!["特需".to_owned()], ..Privacy::default() };
        for department in [
            "精神科门诊",
            "皮膚性病科（皮肤性病）",
            "Medical Oncology",
            "腫瘤內科",
            "特需一区",
            "ＨＩＶ門診",
            "STI/GUM",
        ] {
            assert!(privacy.is_sensitive(department), "{department}");
        }
        for department in ["心血管内科", "骨科", "眼科", "Cardiology"] {
            assert!(!privacy.is_sensitive(department), "{department}");
        }
    }

    #[test]
    fn where_some_departments_are_named_the_others_are_not() {
        let privacy = Privacy {
            named: vec!["骨科".to_owned(), "肿瘤科".to_owned()],
            ..Privacy::default()
        };
        assert!(!privacy.is_sensitive("骨科"));
        for department in ["新设科室", "肿瘤科", "骨科二区"] {
            assert!(privacy.is_sensitive(department), "{department}");
        }
    }

    proptest! {
        #[test]
        fn the_last_character_of_a_given_name_never_shows(name in "[一-龥]{2,6}") {
            let masked = mask_name(&name);
            prop_assert!(masked.ends_with('*'));
            prop_assert!(masked.chars().filter(|c| *c != '*').count() <= 2);
        }
    }
}
