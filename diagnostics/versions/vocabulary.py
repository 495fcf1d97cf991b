"""The words that tell whose number it is. Words of a line are parted by `|`; Latin ones in lower case."""

from typing import Final, Literal, TypeAlias

from .model import Platform

Label: TypeAlias = Literal["wechat", "wecom", "tools", "system", "other", "address"]


def _words(*lines: str) -> list[str]:
    return "|".join(lines).split("|")


_WORDS: Final[dict[Label, list[str]]] = {
    "wechat": _words(
        "微信|威信|微 信|微x|v信|vx|wx|wechat|weixin|micromessenger|com.tencent.mm",
        "com.tencent.xin|com.tencent.xinwechat",
        "wechatsetup|weixinsetup|wechatmac|wechatlinux|wechatwin|wechatappex|wechat_setup",
    ),
    "wecom": _words("企业微信|企业版微信|企微|wecom|wxwork|wechat work|com.tencent.wework|com.tencent.ww"),
    "tools": _words("微信开发者工具|开发者工具|微信web开发者工具|wechatdevtools|devtools"),
    "system": _words(
        "android|安卓|ios|ipados|iphone os|harmonyos|harmony|鸿蒙|openharmony|next|windows|win|macos|mac os x",
        "mac os|os x|miui|hyperos|澎湃|澎湃os|coloros|originos|origin os|funtouch|funtouch os|emui|magicos",
        "magic os|magic ui|flyme|one ui|realme ui|oxygenos|watchos|linux|ubuntu|系统|系统版本|固件|内核|kernel",
        "darwin|api|api level|基带|ro.build.version.release",
    ),
    "address": _words("ip|ip地址|ip 地址|ipv4|dns|网关|gateway|ping|服务器|server"),
    "other": _words(
        "qq|tim|qq音乐|支付宝|alipay|alipayclient|淘宝|taobao|天猫|京东|jd|抖音|tiktok|微博|weibo|美团|拼多多|钉钉",
        "dingtalk|飞书|lark|百度|高德|云闪付|小红书|快手|哔哩哔哩|bilibili|知乎|网易云音乐|银行|微众银行|腾讯视频",
        "微信读书|微信输入法|微信键盘|微信电话本|政务微信|微信听书|wetype|weread|微信支付分|小程序|公众号|基础库|基础库版本|sdkversion|sdk|微粒贷",
        "chrome|safari|firefox|edge|浏览器|browser|webkit|applewebkit|webview|xweb|tbs|x5|mozilla|python|java|node",
        "com.tencent.mobileqq|com.eg.android.alipaygphone|whatsapp|telegram|line|signal|wps|steam|蓝牙|bluetooth",
        "微信助手|微信分身|微信分身版|微信零钱|零钱|微信支付|微信红包|红包|微信转账|微信多开|微信双开|微信清理|微信备份|微信运动|微信群",
        "模块|lsposed|xposed|edxposed|magisk|面具|太极|插件版|分身版|多开版|助手版|余额|价格|价钱",
        "google play services|framework|框架|驱动|driver|插件|plugin|输入法|手表|路由器",
    ),
}
LABELS: Final[dict[str, Label]] = {word: label for label, words in _WORDS.items() for word in words}
"""Every known word, with whose number it makes the next one."""

NEUTRAL: Final = frozenset(
    _words(
        "version|versions|ver|vers|v|is|now|the|my|it|its|app|client|current|currently|build|release|rel|installed",
        "have|has|says|shows|about|number|no|mine|latest|newest|new|old|from|to|at|on|in|and|or|was|am|an|this|that",
        "phone|using|use|running|name|versionname|cfbundleshortversionstring|cfbundleversion|string|key|value",
        "update|updated|upgrade|input|for|reg_sz|mac|pc|arm64|apk|setup|dmg|exe|deb|hi|hello|yes|ok|answer|reads",
    )
)
"""Latin words that name no program when they stand before a number."""

PLATFORM_PATTERNS: Final[tuple[tuple[str, Platform], ...]] = (
    (
        r"ohos|openharmony|harmony\s?os\s?next|(?:鸿蒙|harmonyos)\s?(?:next|星河|[5-9])|纯血鸿蒙|鸿蒙版?微信",
        "harmony",
    ),
    (
        r"harmonyos\s?[234](?!\d)|鸿蒙(?:系统)?\s?[234](?!\d)|miui|hyperos|coloros|originos|emui|magicos|flyme|one ui"
        r"|android|安卓|\.apk|com\.tencent\.mm(?![a-z])|versionname\s?=",
        "android",
    ),
    (r"(?<![a-z])ios(?![a-z])|iphone|ipad|ipod|苹果手机|苹果版|com\.tencent\.xin(?![a-z])", "ios"),
    (
        r"(?<![a-z])mac(?:\s?os|book)?(?![a-z])|imac|苹果电脑|com\.tencent\.xinwechat|wechatmac|\.dmg|os x|homebrew",
        "macos",
    ),
    (
        r"windows|(?<![a-z])win(?:7|8|10|11)?(?![a-z0-9])|hkey_|wechatsetup|weixinsetup|wechatwin|\.exe|reg_|winget",
        "windows",
    ),
    (r"(?<![a-z])linux(?![a-z])|ubuntu|deepin|统信|麒麟|flathub|wechatlinux|\.deb|\.rpm|\.appimage", "linux"),
)
"""What names a platform, in lower case."""
