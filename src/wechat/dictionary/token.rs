//! Codes about the token: getting one (`/cgi-bin/stable_token`) and being refused with one.

use super::{Again, Explanation, full};
use crate::Class::{Account, Backoff, Refresh};
use crate::Endpoint;

pub(super) const TABLE: &[Explanation] = &[
    full(
        -1,
        Backoff,
        Again::Later,
        "system error",
        (
            "WeChat is busy or had a fault of its own. Many at once mean that requests come too fast.",
            "Nobody has to act: wait 1, 2, 4, 8 seconds and repeat with the same client_msg_id. If it lasts, lower the rate and the concurrency.",
        ),
        (
            "微信系统繁忙或内部出错；短时间内大量出现说明请求过快。",
            "无需人工处理：等待 1、2、4、8 秒后以相同的 client_msg_id 重试。若持续出现，请降低发送速率和并发数。",
        ),
    ),
    full(
        40001,
        Refresh,
        Again::Now,
        "invalid credential, access_token is invalid or not latest",
        (
            "The access token is not, or no longer, valid. At the token endpoint itself: the AppSecret is wrong.",
            "A fresh token is fetched and the request repeated once. If it persists, another system fetches tokens by /cgi-bin/token for the same account and replaces yours, or the token is of another account: have that system use stable_token. At the token endpoint: enter the AppSecret again.",
        ),
        (
            "access_token 无效或不是最新的；若由获取 token 的接口返回，则是 AppSecret 错误。",
            "程序会重新获取 token 并重试一次。若仍出现，可能有其他系统用 /cgi-bin/token 为同一账号获取 token 而使其失效，或 token 属于其他账号：请让该系统改用 stable_token。若由获取 token 的接口返回，请重新填写 AppSecret。",
        ),
    )
    .account_at(&[Endpoint::Token]),
    full(
        40002,
        Account,
        Again::Mended,
        "invalid grant_type",
        (
            "The token was asked for in a way that WeChat does not know.",
            "A fault of the program, or of a gateway that rewrites requests. Check the base URL; report it with the request id.",
        ),
        ("获取 token 时的 grant_type 不合法。", "属于程序错误，或网关改写了请求。请检查接口地址，并附上 rid 反馈。"),
    ),
    full(
        40013,
        crate::Class::Template,
        Again::Mended,
        "invalid appid",
        (
            "The app id is not one. In answer to a send: the mini-program named in the message is not linked with the account.",
            "At the token endpoint, the operator corrects the app id (`wx` and 16 characters, no spaces). At a send, an administrator links the mini-program in the console (广告与服务 → 小程序管理), or the template's mini-program is removed.",
        ),
        (
            "AppID 不合法；发送消息时返回则说明消息中的小程序未与公众号关联。",
            "获取 token 时：请核对 AppID（wx 加 16 位字符，不含空格）。发送时：请管理员在公众平台“广告与服务 → 小程序管理”中关联该小程序，或去掉模板中的小程序。",
        ),
    )
    .account_at(&[Endpoint::Token, Endpoint::Other]),
    full(
        40014,
        Refresh,
        Again::Now,
        "invalid access_token",
        (
            "The text sent as the access token is not a token of this account.",
            "A fresh token is fetched and the request repeated once. If it persists, check that app id and base URL belong together.",
        ),
        ("access_token 不合法。", "程序会重新获取 token 并重试一次。若仍出现，请检查 AppID 与接口地址是否对应。"),
    ),
    full(
        40125,
        Account,
        Again::Mended,
        "invalid appsecret",
        (
            "The AppSecret is wrong, or was reset in the console.",
            "The operator enters the current AppSecret again. If nobody has it, an administrator resets it in the console (设置与开发 → 基本配置); every other system of the account then needs the new one too.",
        ),
        (
            "AppSecret 无效，可能已在公众平台被重置。",
            "请重新填写当前的 AppSecret。若已遗失，由管理员在“设置与开发 → 基本配置”中重置；该账号的其他系统也须同步更新。",
        ),
    ),
    full(
        40164,
        Account,
        Again::Mended,
        "invalid ip 203.0.113.5 ipv6 ::ffff:203.0.113.5, not in whitelist",
        (
            "Tokens are given only to addresses on the account's whitelist, and this machine's public address is not on it.",
            "An administrator adds the address that stands in the message (it is the one WeChat saw) in the console: 设置与开发 → 基本配置 → IP白名单. If the address changes from time to time, the network needs a fixed one for its way out.",
        ),
        (
            "本机的公网出口 IP 不在公众号的 IP 白名单中，无法获取 token。",
            "请管理员把报错中显示的 IP（即微信看到的地址）加入公众平台“设置与开发 → 基本配置 → IP白名单”。若出口 IP 经常变化，请网络管理员提供固定出口。",
        ),
    ),
    full(
        40243,
        Account,
        Again::Mended,
        "",
        (
            "The AppSecret is frozen, so no token is given.",
            "An administrator unfreezes it in the console (设置与开发 → 基本配置).",
        ),
        ("AppSecret 已被冻结，无法获取 token。", "请管理员在公众平台“设置与开发 → 基本配置”中解冻。"),
    ),
    full(
        41001,
        Account,
        Again::Mended,
        "access_token missing",
        (
            "The request arrived without its access token.",
            "A proxy or gateway removes the query from the URL, or it is a fault of the program. Check the base URL and the proxy.",
        ),
        ("请求中缺少 access_token。", "可能是代理或网关去掉了 URL 参数，或程序有误。请检查接口地址与代理。"),
    ),
    full(
        41002,
        Account,
        Again::Mended,
        "appid missing",
        ("No app id was given.", "The operator sets the app id in the configuration."),
        ("缺少 AppID。", "请在配置中填写 AppID。"),
    ),
    full(
        41004,
        Account,
        Again::Mended,
        "appsecret missing",
        ("No AppSecret was given, or it is empty.", "The operator enters the AppSecret."),
        ("缺少 AppSecret，或其为空。", "请填写 AppSecret。"),
    ),
    full(
        42001,
        Refresh,
        Again::Now,
        "access_token expired",
        (
            "The access token has reached its end.",
            "A fresh token is fetched and the request repeated once; nobody has to act.",
        ),
        ("access_token 已过期。", "程序会重新获取 token 并重试一次，无需人工处理。"),
    ),
    full(
        43001,
        Account,
        Again::Mended,
        "require GET method",
        ("The call was made by another method than GET.", "A proxy rewrites requests, or it is a fault of the program."),
        ("该接口须用 GET 方法调用。", "可能是代理改写了请求，或程序有误。"),
    ),
    full(
        43002,
        Account,
        Again::Mended,
        "require POST method",
        (
            "The call was made by another method than POST: some proxies turn a POST into a GET.",
            "Take the proxy out of the way or have its owner stop rewriting requests to WeChat.",
        ),
        ("该接口须用 POST 方法调用；有些代理会把 POST 改为 GET。", "请绕过该代理，或让其管理员停止改写发往微信的请求。"),
    ),
    full(
        43003,
        Account,
        Again::Mended,
        "require https",
        ("The call was made over plain http.", "The operator sets a base URL that begins with https://."),
        ("该接口须用 HTTPS 调用。", "请把接口地址改为以 https:// 开头。"),
    ),
    full(
        50004,
        Account,
        Again::Mended,
        "user not allow to use accesstoken, maybe for punishment",
        (
            "The account may not fetch tokens, perhaps as a penalty.",
            "An administrator reads the notices in the console (mp.weixin.qq.com) and appeals there.",
        ),
        ("该账号被禁止获取 access_token，可能因违规受罚。", "请管理员登录公众平台查看通知并申诉。"),
    ),
    full(
        50007,
        Account,
        Again::Mended,
        "",
        ("The account is frozen.", "An administrator reads the notices in the console and has it unfrozen."),
        ("账号已被冻结。", "请管理员登录公众平台查看通知并申请解冻。"),
    ),
    full(
        89501,
        Account,
        Again::Mended,
        "",
        (
            "This address waits for an administrator's confirmation.",
            "The account's administrator opens the prompt in WeChat and confirms; better, the address is put on the whitelist.",
        ),
        ("该 IP 正在等待管理员确认。", "请管理员在微信中打开提示并确认；更好的办法是把该 IP 加入白名单。"),
    ),
    full(
        89503,
        Account,
        Again::Mended,
        "",
        (
            "A call from this address needs an administrator's confirmation: WeChat has sent the administrator a message.",
            "The administrator confirms in WeChat, and adds the address to the whitelist so that it is not asked again. Refusing blocks the address for an hour, then for a day.",
        ),
        (
            "此 IP 的调用需要管理员确认，微信已向管理员推送消息。",
            "请管理员在微信中确认，并把该 IP 加入白名单以免再次询问。若拒绝，该 IP 会先被禁 1 小时，再次拒绝则 24 小时。",
        ),
    ),
    full(
        89504,
        Account,
        Again::Mended,
        "",
        ("The administrator's confirmation is still open.", "Wait for it, or add the address to the whitelist."),
        ("管理员确认尚未完成。", "请等待管理员确认，或把该 IP 加入白名单。"),
    ),
    full(
        89505,
        Account,
        Again::Mended,
        "",
        ("The administrator's confirmation is still open.", "Wait for it and try later, or add the address to the whitelist."),
        ("管理员确认尚未完成，请稍后再试。", "请等待管理员确认后再试，或把该 IP 加入白名单。"),
    ),
    full(
        89506,
        Account,
        Again::Mended,
        "",
        (
            "The administrator has refused this address repeatedly; it is blocked for 24 hours or longer.",
            "Agree with the administrator, add the address to the whitelist and try again after the block.",
        ),
        ("管理员多次拒绝该 IP 的调用，24 小时内（或更久）不可调用。", "请与管理员沟通，把该 IP 加入白名单，禁止期过后再试。"),
    ),
    full(
        89507,
        Account,
        Again::Mended,
        "",
        (
            "The administrator has refused this address; it is blocked for an hour.",
            "Agree with the administrator, add the address to the whitelist and try again in an hour.",
        ),
        ("管理员拒绝了该 IP 的调用，1 小时内不可调用。", "请与管理员沟通，把该 IP 加入白名单，1 小时后再试。"),
    ),
];
