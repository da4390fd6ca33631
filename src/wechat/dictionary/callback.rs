//! Codes about the callback URL: WeChat's check of it, and the encryption of what it pushes.
//!
//! The negative ones are those of Tencent's sample code for receiving encrypted pushes; a receiver reports them.

use super::{Again, Explanation, full};
use crate::Class::Unknown;

const KEY: &str = "Compare Token and EncodingAESKey with the console (设置与开发 → 基本配置 → 服务器配置), without spaces.";
const KEY_ZH: &str = "请与公众平台“设置与开发 → 基本配置 → 服务器配置”中的 Token 和 EncodingAESKey 逐字核对，勿含空格。";
const REPORT: &str = "A fault of the receiving program; report it.";
const REPORT_ZH: &str = "属于接收程序的错误，请反馈。";

pub(super) const TABLE: &[Explanation] = &[
    full(
        40201,
        Unknown,
        Again::Unrelated,
        "invalid url",
        (
            "The callback check was asked about a URL that is not one.",
            "The operator corrects the URL; it must be http or https on port 80 or 443.",
        ),
        ("回调检测：URL 不合法。", "请更正 URL；须为 80 或 443 端口的 http(s) 地址。"),
    ),
    full(
        40202,
        Unknown,
        Again::Unrelated,
        "invalid action",
        (
            "The callback check was asked to do something it does not know.",
            "Use `dns`, `ping` or `all`.",
        ),
        ("回调检测：action 参数不合法。", "请使用 dns、ping 或 all。"),
    ),
    full(
        40203,
        Unknown,
        Again::Unrelated,
        "invalid check_operator",
        (
            "The callback check was asked for a network operator it does not know.",
            "Leave the operator at its default.",
        ),
        ("回调检测：check_operator 参数不合法。", "请使用默认的运营商参数。"),
    ),
    full(
        -40001,
        Unknown,
        Again::Unrelated,
        "",
        (
            "The signature of a push does not match: the Token differs, or the request is not WeChat's.",
            KEY,
        ),
        ("推送的签名校验失败：Token 不一致，或请求并非来自微信。", KEY_ZH),
    ),
    full(
        -40002,
        Unknown,
        Again::Unrelated,
        "",
        ("The XML of a push cannot be read.", REPORT),
        ("推送的 XML 解析失败。", REPORT_ZH),
    ),
    full(
        -40003,
        Unknown,
        Again::Unrelated,
        "",
        ("The signature of a push could not be computed.", REPORT),
        ("签名计算失败。", REPORT_ZH),
    ),
    full(
        -40004,
        Unknown,
        Again::Unrelated,
        "",
        ("The EncodingAESKey is not 43 letters and digits.", KEY),
        ("EncodingAESKey 不合法（应为 43 位字母和数字）。", KEY_ZH),
    ),
    full(
        -40005,
        Unknown,
        Again::Unrelated,
        "",
        (
            "The push is meant for another account: its app id differs.",
            "The operator compares the app id with the console.",
        ),
        ("推送中的 AppID 与本账号不一致。", "请与公众平台核对 AppID。"),
    ),
    full(
        -40006,
        Unknown,
        Again::Unrelated,
        "",
        ("The reply could not be encrypted.", KEY),
        ("回复加密失败。", KEY_ZH),
    ),
    full(
        -40007,
        Unknown,
        Again::Unrelated,
        "",
        ("The push could not be decrypted.", KEY),
        ("推送解密失败。", KEY_ZH),
    ),
    full(
        -40008,
        Unknown,
        Again::Unrelated,
        "",
        ("What was decrypted is not a push: the key is another one.", KEY),
        ("解密后得到的内容不合法：密钥不符。", KEY_ZH),
    ),
    full(
        -40009,
        Unknown,
        Again::Unrelated,
        "",
        ("The reply could not be encoded in base64.", REPORT),
        ("回复的 base64 编码失败。", REPORT_ZH),
    ),
    full(
        -40010,
        Unknown,
        Again::Unrelated,
        "",
        ("The push is not base64.", REPORT),
        ("推送的 base64 解码失败。", REPORT_ZH),
    ),
    full(
        -40011,
        Unknown,
        Again::Unrelated,
        "",
        ("The reply's XML could not be made.", REPORT),
        ("生成回复 XML 失败。", REPORT_ZH),
    ),
];
