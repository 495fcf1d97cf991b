"""What a version text was read as, and the tables of words and systems."""

from typing import Final, Literal, TypeAlias

import msgspec

Platform: TypeAlias = Literal["android", "ios", "harmony", "windows", "macos", "linux"]
"""The values of the question `client.platform`."""
Form: TypeAlias = Literal[
    "user_agent", "version_with_code", "client_code", "registry_value", "package_record", "placeholder",
    "labelled_number", "number", "partial", "digits", "bound", "ambiguous",
    "wecom", "developer_tools", "system_version", "other_app", "phone_model", "date", "ip_address", "phone_number",
    "version_code", "empty", "none",
]  # fmt: skip
"""What kind of text was seen.

Of a machine: a user agent, a number with its code (`8.0.44(0x18002c2f)`), a code alone (`0x63090c33`), as the registry
or a decimal number has it, a package manager's record or file name, the fixed number of every desktop client. Of a
person: a number beside WeChat's name, alone, with fewer parts than the client shows, without its dots (`8049`), only
a limit, several that differ. Then what is no version of WeChat's.
"""


class VersionReading(msgspec.Struct, frozen=True):
    """One text read as a WeChat version; encodes to the object of `parse-version --json`.

    `version` is what the page 关于微信 shows and is None where the text gives no usable one; then
    `error` says why in words and `reason` as a stable code. `platform` may be known without a version.
    `form` is the kind of text that was seen, see `Form`. `sure` is False where the text names other versions
    as well, or an earlier one alone: then the version may only be asked back, and settles nothing.
    """

    input: str
    version: str | None
    build: str | None
    platform: Platform | None
    form: Form
    error: str | None
    reason: str | None = None
    sure: bool = True


class SystemReading(msgspec.Struct, frozen=True):
    """One text read as the version of a phone's or computer's system.

    `name` is the system as its maker calls it (`iPadOS`, `MIUI`); `version` counts in the numbering of
    `platform`, so a vendor's own number is never given as an Android version: then `error` says why.
    """

    input: str
    version: str | None
    platform: Platform | None
    name: str | None
    error: str | None
    reason: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """One place in a text that may be WeChat's version.

    `explicit`: the text says that it is WeChat's. `weak`: the text speaks of the latest or a needed one.
    `coded`: read from a client version code. `owner`: whose it is, see `Owner`.
    """

    form: Form
    version: str | None = None
    build: str | None = None
    platform: Platform | None = None
    explicit: bool = False
    weak: bool = False
    coded: bool = False
    reason: str | None = None
    detail: str = ""
    owner: str = "own"


Label: TypeAlias = Literal["wechat", "wecom", "developer_tools", "system_version", "other_app", "ip_address"]
"""Whose a number is: the form of what is not WeChat's."""


def _words(*lines: str) -> list[str]:
    return "|".join(lines).split("|")


_WORDS: Final[dict[Label, list[str]]] = {
    "wechat": _words(
        "微信|威信|微 信|微x|v信|vx|wx|wechat|weixin|micromessenger|com.tencent.mm",
        "com.tencent.xin|com.tencent.xinwechat",
        "wechatsetup|weixinsetup|wechatmac|wechatlinux|wechatwin|wechatappex|wechat_setup",
    ),
    "wecom": _words("企业微信|企业版微信|企微|wecom|wxwork|wechat work|com.tencent.wework|com.tencent.ww"),
    "developer_tools": _words("微信开发者工具|开发者工具|微信web开发者工具|wechatdevtools|devtools"),
    "system_version": _words(
        "android|安卓|ios|ipados|iphone os|harmonyos|harmony|鸿蒙|openharmony|next|windows|win|macos|mac os x",
        "mac os|os x|miui|hyperos|澎湃|澎湃os|coloros|originos|origin os|funtouch|funtouch os|emui|magicos",
        "magic os|magic ui|flyme|one ui|realme ui|oxygenos|watchos|linux|ubuntu|系统|系统版本|固件|内核|kernel",
        "darwin|api|api level|基带|ro.build.version.release",
    ),
    "ip_address": _words("ip|ip地址|ip 地址|ipv4|dns|网关|gateway|ping|服务器|server"),
    "other_app": _words(
        "qq|tim|qq音乐|支付宝|alipay|alipayclient|淘宝|taobao|天猫|京东|jd|抖音|tiktok|微博|weibo|美团|拼多多|钉钉",
        "dingtalk|飞书|lark|百度|高德|云闪付|小红书|快手|哔哩哔哩|bilibili|知乎|网易云音乐|银行|微众银行|腾讯视频",
        "微信读书|微信输入法|微信键盘|微信电话本|政务微信|微信听书|wetype|weread|微信支付分|小程序|公众号|基础库|基础库版本|sdkversion|sdk",
        "微粒贷app|微粒贷 app|微粒贷软件|微粒贷客户端",
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
    (r"ohos|openharmony|harmony\s?os\s?next|(?:鸿蒙|harmonyos)\s?(?:next|星河|[5-9])|纯血鸿蒙|鸿蒙版?微信", "harmony"),
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


CODENAMES: Final[dict[str, str]] = {
    "catalina": "10.15", "big sur": "11", "monterey": "12", "ventura": "13", "sonoma": "14", "sequoia": "15",
    "tahoe": "26",
}  # fmt: skip
"""macOS by its marketing name."""

_MAC_NAMES: Final = "|".join(CODENAMES)

NAMES: Final[tuple[tuple[str, str, Platform], ...]] = (
    (r"openharmony(?:\(os\))?", "OpenHarmony", "harmony"),
    (r"ro\.build\.version\.release|android|安卓", "Android", "android"),
    (r"ipados|ipad os", "iPadOS", "ios"),
    (r"iphone os|cpu os|(?<![a-z])ios|苹果系统|苹果(?=\s?\d{1,2}(?:\.\d{1,2}){1,2}\s?系统)", "iOS", "ios"),
    (rf"(?:macos|mac os x|mac os|os x|(?<![a-z])mac)(?![a-z])(?:\s?(?:{_MAC_NAMES}))?", "macOS", "macos"),
    (r"windows(?! phone)|(?<![a-z])win(?=\s?(?:7|8|10|11)(?!\d))", "Windows", "windows"),
    (r"ubuntu", "Ubuntu", "linux"),
    (r"debian", "Debian", "linux"),
    (r"统信|(?<![a-z])uos", "UOS", "linux"),
    (r"deepin", "deepin", "linux"),
    (r"麒麟|kylin", "Kylin", "linux"),
    (r"(?<![a-z])linux", "Linux", "linux"),
)
"""Patterns in lower case, the name to show, and the platform; the first that carries a number counts."""

AGENT_TOKENS: Final[dict[str, Platform | None]] = {
    "openharmony": "harmony", "windows phone": None, "unifiedpcwindows": "windows", "unifiedpcmac": "macos",
    "unifiedpclinux": "linux", "iphone": "ios", "ipad": "ios", "ipod": "ios", "android": "android",
    "macwechat": "macos", "macintosh": "macos", "x11; linux": "linux", "windows nt": "windows",
    "windowswechat": "windows",
}  # fmt: skip
"""What a user agent names a platform by, the first that is there; `MiniProgramEnv/Windows` also stands on Linux."""

VENDORS: Final[dict[str, str]] = {
    "hyperos": "HyperOS", "澎湃": "HyperOS", "miui": "MIUI", "coloros": "ColorOS", "emui": "EMUI",
    "originos": "OriginOS", "origin os": "OriginOS", "funtouch": "Funtouch OS", "magicos": "MagicOS",
    "magic os": "MagicOS", "magic ui": "Magic UI", "flyme": "Flyme", "one ui": "One UI", "oneui": "One UI",
    "realme ui": "realme UI", "oxygenos": "OxygenOS", "myos": "MyOS", "joyui": "JOYUI", "smartisan": "Smartisan OS",
}  # fmt: skip
"""Phone makers' own systems on top of Android; their numbers are not Android's."""

NT: Final[dict[str, str]] = {"5.1": "XP", "6.0": "Vista", "6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}
"""Windows NT numbers; NT 10.0 is Windows 10 or 11, which a user agent does not tell apart: the lower is given."""

API_LEVELS: Final[dict[int, str]] = {
    21: "5.0", 22: "5.1", 23: "6.0", 24: "7.0", 25: "7.1", 26: "8.0", 27: "8.1", 28: "9", 29: "10", 30: "11", 31: "12",
    32: "12", 33: "13", 34: "14", 35: "15", 36: "16",
}  # fmt: skip
"""Android versions by API level (developer.android.com, uses-sdk)."""
