"""Why no version could be read, in words. The keys are the stable codes of `reason`."""

from typing import Final

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
