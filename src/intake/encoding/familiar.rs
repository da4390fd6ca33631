//! Characters that every hospital's export is full of: surnames, parts of names, departments, titles, statuses.

use std::collections::HashSet;
use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GB18030};

/// In both scripts; those that both share count for both.
const FAMILIAR: &str = "王李张张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾\
肖田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范范金石廖贾賈夏韦韋傅方白邹鄒孟熊秦邱江尹薛阎段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武戴莫孔向汤湯\
明国國文华華建志伟偉强強军軍平东東海波辉輝春永生龙刚剛勇敏静靜丽麗艳艷娟芳霞玲燕红紅梅英秀玉桂兰蘭淑珍美惠雅婷怡宜君雪慧小一二三四五六七八九十大子家宇浩然轩軒梓涵欣佳思晨欧歐阳陽俊杰傑豪宏信正德义義仁\
内內外科妇婦产產儿兒眼耳鼻喉口腔皮肤膚骨心血管神经經消化呼吸肾腎病中医醫生师師士主任副教授专家專急诊診门門室院区區楼樓号號总總部分本西南北新约約预預挂掛就看日期时時段上下午晚间間状狀态態已取消未到完成改退确認认確待付支缴繳费費名姓患者手机機电電话話年月男女人民协協和友好";

static SET: LazyLock<HashSet<char>> = LazyLock::new(|| FAMILIAR.chars().collect());

/// The shares of familiar characters when the bytes are read as GB18030 and as Big5.
pub(super) fn shares(bytes: &[u8]) -> [f64; 2] {
    [share(bytes, GB18030), share(bytes, BIG5)]
}

/// The share of familiar characters among all that are not ASCII.
fn share(bytes: &[u8], encoding: &'static Encoding) -> f64 {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let (mut familiar, mut all) = (0u32, 0u32);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        all += 1;
        familiar += u32::from(SET.contains(&c));
    }
    if all == 0 { 0.0 } else { f64::from(familiar) / f64::from(all) }
}
