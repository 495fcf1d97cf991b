"""What a version text was read as, and the tables of words, systems and error texts."""

from typing import Final, Literal, TypeAlias

import msgspec

Platform: TypeAlias = Literal["android", "ios", "harmony", "windows", "macos", "linux"]
"""The values of the question `client.platform`."""


class VersionReading(msgspec.Struct, frozen=True):
    """One text read as a WeChat version; encodes to the object of `parse-version --json`.

    `version` is what the page 关于微信 shows and is None where the text gives no usable one; then
    `error` says why in words and `reason` as a stable code. `platform` may be known without a version.
    `form` is the kind of text that was seen, see `FORMS`. `sure` is False where the text names other versions
    as well, or an earlier one alone: then the version may only be asked back, and settles nothing.
    """

    input: str
    version: str | None
    build: str | None
    platform: Platform | None
    form: str
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


class Code(msgspec.Struct, frozen=True):
    """A client version code taken apart: four numbers and the platform its leading digits name."""

    parts: tuple[int, int, int, int]
    platform: Platform | None
    placeholder: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """One place in a text that may be WeChat's version.

    `explicit`: the text says that it is WeChat's. `weak`: the text speaks of the latest or a needed one.
    `coded`: read from a client version code. `owner`: whose it is, see `ownership`.
    """

    form: str
    version: str | None = None
    build: str | None = None
    platform: Platform | None = None
    explicit: bool = False
    weak: bool = False
    coded: bool = False
    reason: str | None = None
    detail: str = ""
    owner: str = "own"


FORMS: dict[str, str] = {
    "user_agent": "a user agent, or its WeChat part",
    "version_with_code": "a number with its client version code, such as 8.0.44(0x18002c2f)",
    "client_code": "a client version code alone, such as 0x63090c33",
    "registry_value": "a client version code as a registry or decimal number",
    "package_record": "a package manager's record: versionName=, CFBundleShortVersionString, a file name",
    "labelled_number": "a dotted number beside WeChat's name",
    "number": "a dotted number alone",
    "partial": "a number with fewer parts than the client shows, such as 8.0",
    "digits": "a number written without its dots, such as 8049",
    "version_code": "an Android versionCode, such as 2600",
    "placeholder": "only the fixed number that every desktop client sends",
    "bound": "a number that is only a bound, such as 8.0.50 and later",
    "wecom": "WeCom (企业微信)",
    "developer_tools": "the simulator of the WeChat developer tools",
    "ambiguous": "several different versions",
    "system_version": "a version of the phone's or computer's system",
    "other_app": "another program's version",
    "phone_model": "the model of a phone",
    "date": "a date or a time",
    "ip_address": "a network address",
    "phone_number": "a telephone or account number",
    "empty": "nothing at all",
    "none": "no version",
}
"""Every value of `VersionReading.form`, with what it means."""


_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "empty": ("没有内容。", "There is no text."),
    "no_version": (
        "没有找到微信版本号。请打开 微信 → 我 → 设置 → 关于微信，抄下顶部的数字，例如 8.0.49。",
        "No WeChat version found. Open WeChat → Me → Settings → About and copy the number, such as 8.0.49.",
    ),
    "ambiguous": (
        "文字里有几个不同的版本，无法确定是哪一个：{detail}。",
        "The text names several different versions, and which one is meant is not clear: {detail}.",
    ),
    "wecom": (
        "这是企业微信（WeCom），不是微信；请提供微信的版本号。",
        "This is WeCom (WeChat Work), not WeChat; please give WeChat's own version.",
    ),
    "developer_tools": (
        "这是微信开发者工具的模拟器，不是手机上的微信。",
        "This is the simulator of the WeChat developer tools, not a WeChat client.",
    ),
    "placeholder": (
        "{detail} 是电脑版微信统一填写的占位数字，不是真实版本。",
        "{detail} is a fixed number that every desktop WeChat sends, not its real version.",
    ),
    "harmony_code": (
        "鸿蒙版的代码 {detail} 与界面显示的版本号不一致，请抄下 关于微信 页面上的数字。",
        "The HarmonyOS code {detail} does not match the number shown; please copy it from the About page.",
    ),
    "unknown_code": (
        "代码 {detail} 不是已知的微信版本代码。",
        "{detail} is not a WeChat version code of a known kind.",
    ),
    "version_code": (
        "{detail} 像是安卓安装包的内部编号（versionCode），不是微信版本号。",
        "{detail} looks like an Android versionCode, which is not a WeChat version.",
    ),
    "system_version": (
        "{detail} 是手机或电脑系统的版本，不是微信版本。",
        "{detail} is the version of the phone's or computer's system, not of WeChat.",
    ),
    "other_app": (
        "{detail} 是其他软件的版本，不是微信版本。",
        "{detail} belongs to another program, not WeChat.",
    ),
    "phone_model": ("{detail} 是手机型号，不是版本号。", "{detail} is a phone model, not a version."),
    "date": ("{detail} 像是日期或时间，不是版本号。", "{detail} looks like a date or a time, not a version."),
    "ip_address": ("{detail} 是网络地址，不是版本号。", "{detail} is a network address, not a version."),
    "phone_number": (
        "这像是电话号码或账号，不是版本号；请不要填写个人号码。",
        "This looks like a telephone or account number, not a version; please give no personal numbers.",
    ),
    "bound": (
        "{detail} 只是一个界限（以上、以下），不是具体的版本号。",
        "{detail} is only a bound, not a version itself.",
    ),
    "doubt": (
        "读成 {detail}，对吗？文字里还有别的版本，或者说的是以前。",
        "Read as {detail}: is that right? The text names other versions too, or an earlier one.",
    ),
    "rough": (
        "{detail} 少了最后一位，不是完整的版本号。",
        "{detail} lacks its last digit and is no whole version.",
    ),
    "not_own": (
        "{detail} 是别人的，或者已经不是现在的版本。",
        "{detail} is somebody else's version, or no longer the current one.",
    ),
    "implausible": (
        "{detail} 不像微信的版本号；如果确实是，请写成“微信 {detail}”。",
        "{detail} does not look like a WeChat version; if it is one, please write “WeChat {detail}”.",
    ),
    "no_system": (
        "没有找到系统版本。请打开 设置 → 关于手机（苹果：设置 → 通用 → 关于本机）查看。",
        "No system version found. See Settings → About phone (iPhone: Settings → General → About).",
    ),
    "no_number": ("只看到 {detail}，没有版本号。", "Only {detail} is named, without a version number."),
    "harmony_on_android": (
        "{detail} 的编号不是安卓版本号；这类手机使用安卓版微信。",
        "The number of {detail} is not an Android version; such phones run the Android WeChat.",
    ),
    "harmony_unclear": (
        "只看到 {detail}：4 及以下使用安卓版微信，5 及以上（NEXT）是鸿蒙版，请补充数字。",
        "Only {detail} is named; its number is needed: up to 4 it runs the Android WeChat, from 5 its own.",
    ),
    "vendor_system": (
        "{detail} 是手机厂商自己的系统编号，不是安卓版本；安卓版本在 设置 → 关于手机 里。",
        "{detail} is the phone maker's own number, not an Android version; see Settings → About phone.",
    ),
    "frozen_number": (
        "浏览器标识里的 {detail} 是固定填写的数字，不能说明真实的系统版本。",
        "{detail} in a user agent is a fixed number and says nothing of the real system version.",
    ),
    "wechat_version": (
        "{detail} 是微信的版本，不是系统版本。",
        "{detail} is a version of WeChat, not of the system.",
    ),
}


def error_text(reason: str, lang: str, detail: str) -> str:
    """Return why no version was read, in Chinese unless `lang` begins with `en`."""
    zh, en = _TEXTS[reason]
    return (en if lang.lower().startswith("en") else zh).format(detail=detail)


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


CODENAMES: Final[dict[str, str]] = {
    "catalina": "10.15",
    "big sur": "11",
    "monterey": "12",
    "ventura": "13",
    "sonoma": "14",
    "sequoia": "15",
    "tahoe": "26",
}
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

VENDORS: Final[tuple[tuple[str, str], ...]] = (
    ("hyperos", "HyperOS"),
    ("澎湃", "HyperOS"),
    ("miui", "MIUI"),
    ("coloros", "ColorOS"),
    ("emui", "EMUI"),
    ("originos", "OriginOS"),
    ("origin os", "OriginOS"),
    ("funtouch", "Funtouch OS"),
    ("magicos", "MagicOS"),
    ("magic os", "MagicOS"),
    ("magic ui", "Magic UI"),
    ("flyme", "Flyme"),
    ("one ui", "One UI"),
    ("oneui", "One UI"),
    ("realme ui", "realme UI"),
    ("oxygenos", "OxygenOS"),
    ("myos", "MyOS"),
    ("joyui", "JOYUI"),
    ("smartisan", "Smartisan OS"),
)
"""Phone makers' own systems on top of Android; their numbers are not Android's."""

NT: Final[dict[str, str]] = {"5.1": "XP", "6.0": "Vista", "6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}
"""Windows NT numbers; NT 10.0 is Windows 10 or 11, which a user agent does not tell apart: the lower is given."""

API_LEVELS: Final[dict[int, str]] = {
    21: "5.0",
    22: "5.1",
    23: "6.0",
    24: "7.0",
    25: "7.1",
    26: "8.0",
    27: "8.1",
    28: "9",
    29: "10",
    30: "11",
    31: "12",
    32: "12",
    33: "13",
    34: "14",
    35: "15",
    36: "16",
}
"""Android versions by API level (developer.android.com, uses-sdk)."""
