//! Codes about the person a message is for.

use super::{Again, Explanation, brief, full};
use crate::Class::{Backoff, Defer, Recipient};
use crate::Endpoint;

pub(super) const TABLE: &[Explanation] = &[
    full(
        40003,
        Recipient,
        Again::No,
        "invalid openid",
        (
            "The openid is not one of this account: it is of another account or of a mini-program, it was cut or changed, or the person has closed their WeChat account.",
            "Staff correct the patient's openid in the contacts. An openid is case-sensitive, begins with `o` and usually has 28 characters.",
        ),
        (
            "OpenID 不属于本公众号：可能属于其他公众号或小程序、被截断或改动，或用户已注销。",
            "请工作人员更正该患者的 OpenID。OpenID 区分大小写，以 o 开头，一般为 28 个字符。",
        ),
    ),
    full(
        40132,
        Recipient,
        Again::No,
        "invalid username",
        ("The WeChat id is not one.", "Use the openid, and correct it where the patient is recorded."),
        ("微信号不合法。", "请使用 OpenID，并更正患者记录。"),
    ),
    full(
        41009,
        Recipient,
        Again::Mended,
        "missing openid",
        ("The message has no openid.", "Staff fill in the patient's openid: the cell is empty."),
        ("缺少 OpenID。", "请补填该患者的 OpenID（单元格为空）。"),
    ),
    full(
        43004,
        Recipient,
        Again::No,
        "require subscribe",
        (
            "The person does not follow the account; template messages reach followers only. It was also reported for a short while after following again.",
            "Reach the patient by telephone. Ask them to follow the account at their next visit; then messages work again.",
        ),
        (
            "接收者未关注公众号，模板消息只能发给关注者。用户取消后重新关注的短时间内也可能出现。",
            "请电话联系患者，并在下次就诊时请其关注公众号，之后即可正常发送。",
        ),
    ),
    full(
        43005,
        Recipient,
        Again::No,
        "require friend relations",
        ("The account and the person are not connected.", "Reach the patient by telephone; ask them to follow the account."),
        ("需要好友关系。", "请电话联系患者，并请其关注公众号。"),
    ),
    full(
        43006,
        Recipient,
        Again::No,
        "require not block",
        ("One side has blocked the other.", "Reach the patient by telephone."),
        ("对方已被拉黑，或已拉黑公众号。", "请电话联系患者。"),
    ),
    full(
        43019,
        Recipient,
        Again::Mended,
        "require remove blacklist",
        ("The person is on the account's blacklist.", "An administrator removes them from the blacklist in the console (用户管理)."),
        ("接收者在公众号的黑名单中。", "请管理员在公众平台“用户管理”中将其移出黑名单。"),
    ),
    full(
        43101,
        Recipient,
        Again::No,
        "user refuse to accept the msg",
        (
            "The person has not agreed to this subscription notice, or their one agreement is used up. It answers subscription notices only.",
            "Reach the patient in another way; they must agree again before a notice can be sent.",
        ),
        ("用户拒收或未订阅该消息，或一次性订阅已用完（仅用于订阅通知）。", "请用其他方式联系患者；用户重新订阅后才能发送。"),
    ),
    full(
        43108,
        Backoff,
        Again::Later,
        "",
        (
            "Several messages to the same person were sent at once.",
            "Nobody has to act: send one after the other.",
        ),
        ("对同一用户并发下发消息。", "无需人工处理：逐条发送即可。"),
    ),
    full(
        43117,
        Defer,
        Again::Later,
        "Sending messages to this openid too frequently,please try later",
        (
            "This person has received too many messages in a short time. WeChat does not publish the limit.",
            "Nobody has to act at once: try this person again in some minutes or hours; others are not affected. If it recurs, send them fewer messages.",
        ),
        (
            "短时间内向该用户发送过于频繁，微信未公布具体限制。",
            "无需立即处理：几分钟至几小时后再发给该用户，其他人不受影响。若反复出现，请减少对其发送的条数。",
        ),
    ),
    full(
        46004,
        Recipient,
        Again::No,
        "user no exist",
        ("There is no such user.", "Staff correct the patient's openid."),
        ("用户不存在。", "请更正该患者的 OpenID。"),
    ),
    full(
        48002,
        Recipient,
        Again::No,
        "user block receive message",
        ("The person has switched the account's messages off.", "Reach the patient by telephone; they can switch messages on again in the account's settings."),
        ("粉丝拒收消息（已关闭接收消息）。", "请电话联系患者；患者可在公众号设置中重新打开“接收消息”。"),
    ),
    full(
        49003,
        Recipient,
        Again::No,
        "not match openid with appid",
        ("The openid belongs to another account than the app id.", "Staff take the openid that this account knows the patient by."),
        ("OpenID 与 AppID 不匹配。", "请使用该患者在本公众号下的 OpenID。"),
    ),
    full(
        50001,
        Recipient,
        Again::No,
        "api unauthorized or user unauthorized",
        (
            "The person, or the account, has not authorised this call.",
            "If all messages get it, an administrator checks the account's permissions in the console; else the patient is reached by telephone.",
        ),
        ("用户未授权，或该接口未授权。", "若所有消息都如此，请管理员检查接口权限；否则请电话联系该患者。"),
    )
    .account_at(&[Endpoint::Token, Endpoint::Other]),
    full(
        50002,
        Recipient,
        Again::No,
        "user limited",
        (
            "The person's WeChat account is limited or frozen. At other calls than a send: the Official Account is.",
            "Reach the patient by telephone. If other calls get it, an administrator reads the notices in the console.",
        ),
        ("用户受限或被冻结；若非发送接口返回，则是公众号受限。", "请电话联系患者；若其他接口也返回，请管理员查看公众平台通知。"),
    )
    .account_at(&[Endpoint::Token, Endpoint::Other]),
    full(
        50003,
        Recipient,
        Again::No,
        "user unexpected, maybe not in white list",
        ("The person is not among those whom the account may reach.", "Check the account's restrictions in the console; reach the patient by telephone."),
        ("用户不在允许范围内（可能不在白名单）。", "请检查公众号的限制，并电话联系患者。"),
    ),
    full(
        50005,
        Recipient,
        Again::No,
        "user is unsubscribed",
        ("The person does not follow the account.", "Reach the patient by telephone; ask them to follow the account."),
        ("用户未关注公众号。", "请电话联系患者，并请其关注公众号。"),
    ),
    full(
        65302,
        Recipient,
        Again::No,
        "",
        ("There is no such user.", "Staff correct the patient's openid."),
        ("没有相应的用户。", "请更正该患者的 OpenID。"),
    ),
    brief(45015, Recipient, Again::No, "response out of time limit or subscription is canceled", "Customer-service messages only: the time to reply is over, or the person no longer follows.", "仅客服消息：回复超时或用户已取消关注。"),
    brief(45047, Defer, Again::Later, "out of response count limit", "Customer-service messages only: too many messages before the person answered.", "仅客服消息：下行条数超过上限。"),
];
