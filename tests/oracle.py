"""An independent reading of the contract's sections 4 and 6: where each cause stands, the outcome, the situations.

Written from the contract alone, as plain conditions; it shares nothing with the program but the ids.
"""

import random
from typing import Any, Final

from benchmarks.people import HEALTHY
from diagnostics.knowledge import load

Answers = dict[str, Any]
STRENGTH: Final = ("confirmed", "likely", "possible", "unknown", "ruled_out")
REFUSING: Final = frozenset({
    "not_open_yet", "not_approved", "no_limit", "invitation_expired", "closed", "identity_error", "system_busy",
    "account_abnormal",
})  # fmt: skip
LAST_CAUSE: Final = "not_invited"
KINDS: Final = {
    "entry_not_searched": "location", "wrong_client": "location", "other_account": "location",
    "wechat_outdated": "technical", "os_outdated": "technical", "display_glitch": "technical",
    "network_unreachable": "technical", "network_unstable": "technical", "network_intercepted": "technical",
    "account_restricted": "technical", "pay_not_enabled": "technical", "wechat_pay_cancelled": "technical",
    "teen_mode": "technical", "wallet_region": "requirement", "service_closed": "platform",
    "entry_withdrawn": "platform", "age_out_of_range": "requirement", "not_mainland_resident": "requirement",
    "civil_capacity": "requirement", "identity_expired": "requirement", "identity_incomplete": "requirement",
    "identity_of_other": "requirement", "student": "assessment", "credit_record": "assessment",
    "income": "assessment", "debt_ratio": "assessment", "low_activity": "assessment", "not_approved": "platform",
    "not_invited": "platform", "service_maintenance": "platform",
}  # fmt: skip
STEERING: Final = {
    "was_there": {"account.had_entry_before": "yes"}, "never_had": {"account.had_entry_before": "no"},
    "qq_has_it": {"entry.qq_wallet": "shown"}, "paid_offer": {"safety.contact": ["paid_opening"]},
    "where_to_look": {"entry.services_menu": "not_looked"}, "owing": {"service.owing": "yes"},
    "close": {"service.wish": "close"}, "use": {"service.wish": "use"},
}  # fmt: skip
PLATFORM_IN_TEXT: Final = {"Android 5.1": "android", "Android 13": "android", "iOS 11.4": "ios", "iOS 17.1": "ios"}
"""The version texts that the random people write, and the platform that each names."""


class _Known:
    """The answers as they count: `unknown` is no value, and what the first card sets stands where nothing else does."""

    def __init__(self, answers: Answers) -> None:
        whole = dict(answers)
        for id_, value in STEERING.get(str(answers.get("complaint.what")), {}).items():
            whole.setdefault(id_, value)
        self.values = {id_: value for id_, value in whole.items() if value != "unknown"}

    def __call__(self, id_: str) -> Any:
        return self.values.get(id_)


def seen(get: _Known) -> bool:
    """Whether the entry is seen."""
    return get("entry.services_menu") == "shown" or get("entry.official_account") == "opens_application"


def _strongest(*rows: tuple[str, bool]) -> str:
    """Of the rows that apply the strongest one for; ruled out only where none does."""
    applying = [status for status, applies in rows if applies]
    return min(applying, key=STRENGTH.index) if applying else "unknown"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.rpartition(" ")[2].split("."))


def statuses(answers: Answers) -> dict[str, str]:
    """Return where every cause stands."""
    get = _Known(answers)
    menu, account, message = get("entry.services_menu"), get("entry.official_account"), get("entry.page_message")
    found = seen(get)
    had, closed = get("account.had_entry_before"), get("account.closed_service")
    version, system = get("wechat.version"), get("os.version")
    platform = get("client.platform") or PLATFORM_IN_TEXT.get(str(system))
    restarted, other_phone = get("app.restarted"), get("entry.other_phone")
    age, capacity = get("person.age"), get("person.civil_capacity")

    wechat = None  # True: below the minimum, False: at or above, None: not known
    if version is not None and platform in (None, "android", "ios"):
        wechat = _numbers(version) < (8, 0, 0)
    minimum = {"android": (6, 0), "ios": (12, 0), "macos": (12,)}.get(str(platform))
    too_old = None
    if system is not None and minimum is not None and PLATFORM_IN_TEXT.get(system) in (None, platform):
        too_old = _numbers(system) < minimum

    looked_menu, looked_account = ("shown", "not_shown", "no_services_menu"), (
        "opens_application", "refused", "not_found")  # fmt: skip
    in_qq_only = get("entry.qq_wallet") == "shown" and not found and menu in ("not_shown", "no_services_menu")
    loads = get("network.phone_loads_pages")
    cancelled = get("account.wechat_pay_cancelled")
    region, phone = get("account.wallet_region"), get("account.registered_phone")
    profile, name, card = get("identity.profile"), get("account.real_name"), get("account.bank_card")
    overdue, inquiries = get("credit.overdue"), get("credit.recent_inquiries")
    income, paid, loans = get("debt.monthly_income"), get("debt.monthly_repayment"), get("debt.open_loans")
    no_debts = paid == 0 and loans == 0
    percent = 100 * paid / income if income and paid is not None and not no_debts else None
    pays, services = get("activity.wechat_pay"), get("activity.services")

    result = {
        "entry_not_searched": _strongest(
            ("likely", "not_looked" in (menu, account)),
            ("ruled_out", menu in looked_menu and account in looked_account)),
        "wrong_client": _strongest(
            ("confirmed", get("client.kind") in ("desktop", "web", "watch_or_car", "wecom")),
            ("confirmed", platform in ("windows", "macos", "linux")),
            ("possible", get("client.kind") == "tablet" or platform == "harmony"),
            ("ruled_out", get("client.kind") == "phone")),
        "other_account": _strongest(
            ("likely", get("account.other_account") == "yes" or in_qq_only),
            ("ruled_out", get("account.other_account") == "no" and not in_qq_only)),
        "wechat_outdated": _strongest(
            ("confirmed", wechat is True), ("ruled_out", wechat is False),
            ("possible", version is None and menu == "no_services_menu")),
        "os_outdated": _strongest(("confirmed", too_old is True), ("ruled_out", too_old is False)),
        "display_glitch": _strongest(
            ("possible", restarted == "no"), ("likely", had == "yes" and restarted == "no"),
            ("likely", other_phone == "shown"), ("ruled_out", restarted == "yes" and other_phone != "shown")),
        "network_unreachable": _strongest(
            ("confirmed", loads == "no"), ("ruled_out", loads in ("yes", "intermittent"))),
        "network_unstable": _strongest(("likely", loads == "intermittent"), ("ruled_out", loads == "yes")),
        "network_intercepted": _strongest(
            ("possible", get("network.vpn_or_proxy") == "yes"), ("ruled_out", get("network.vpn_or_proxy") == "no")),
        "account_restricted": _strongest(
            ("likely", get("account.restricted") == "yes" or message == "account_abnormal"),
            ("ruled_out", get("account.restricted") == "no")),
        "pay_not_enabled": _strongest(
            ("confirmed", get("account.pay_enabled") == "no"),
            ("likely", menu == "no_services_menu" and wechat is False),
            ("possible", menu == "no_services_menu"),
            ("ruled_out", get("account.pay_enabled") == "yes" or menu in ("shown", "not_shown"))),
        "wechat_pay_cancelled": _strongest(
            ("confirmed", cancelled == "yes"), ("ruled_out", cancelled in ("no", "reopened"))),
        "teen_mode": _strongest(
            ("confirmed", get("account.teen_mode") == "on"), ("ruled_out", get("account.teen_mode") == "off")),
        "wallet_region": _strongest(
            ("confirmed", region == "other"), ("likely", phone == "other" and region != "mainland"),
            ("possible", phone == "other" and region == "mainland"),
            ("ruled_out", region == "mainland" and phone != "other")),
        "service_closed": _strongest(
            ("confirmed", closed == "yes"), ("likely", message == "closed"),
            ("likely", cancelled in ("yes", "reopened") and had == "yes"),
            ("possible", had == "yes" and closed is None),
            ("ruled_out", closed == "no" or had == "no")),
        "entry_withdrawn": _strongest(
            ("likely", not found and had == "yes" and closed == "no" and restarted == "yes"),
            ("possible", not found and had == "yes" and closed != "yes"),
            ("ruled_out", closed == "yes" or had == "no")),
        "age_out_of_range": _strongest(
            ("confirmed", age is not None and not 18 <= age <= 60),
            ("ruled_out", age is not None and 18 <= age <= 60)),
        "not_mainland_resident": _strongest(
            ("confirmed", get("person.residency") in ("hk_mo_tw", "foreign")),
            ("ruled_out", get("person.residency") == "mainland")),
        "civil_capacity": _strongest(
            ("confirmed", capacity in ("limited", "none")),
            ("possible", capacity is None and age is not None and age < 18), ("ruled_out", capacity == "full")),
        "identity_expired": _strongest(
            ("confirmed", get("identity.document") == "expired"),
            ("possible", get("identity.document") == "expiring_soon"),
            ("ruled_out", get("identity.document") == "valid")),
        "identity_incomplete": _strongest(
            ("confirmed", profile == "incomplete" or name == "not_verified"),
            ("likely", message == "identity_error" or card == "not_bound"),
            ("ruled_out", profile == "complete" and name == "verified" and card == "bound")),
        "identity_of_other": _strongest(
            ("confirmed", get("account.real_name_of") == "other"), ("ruled_out", get("account.real_name_of") == "own")),
        "student": _strongest(
            ("likely", get("person.student") == "yes"), ("ruled_out", get("person.student") == "no")),
        "credit_record": _strongest(
            ("likely", overdue == "current"), ("possible", overdue == "settled" or inquiries == "many"),
            ("ruled_out", overdue == "none" and inquiries == "few")),
        "income": _strongest(
            ("likely", get("income.stability") == "none"), ("possible", get("income.stability") == "irregular"),
            ("ruled_out", get("income.stability") == "stable")),
        "debt_ratio": _strongest(
            ("likely", percent is not None and percent >= 70),
            ("likely", income == 0 and ((paid or 0) > 0 or (loans or 0) > 0)),
            ("possible", percent is not None and percent >= 50), ("possible", loans is not None and loans >= 5),
            ("ruled_out", percent is not None and percent < 50 and loans is not None and loans < 5),
            ("ruled_out", no_debts)),
        "low_activity": _strongest(
            ("likely", pays == "rarely"), ("possible", pays == "sometimes" or services == []),
            ("ruled_out", pays == "often" and bool(services))),
        "not_approved": _strongest(
            ("likely", message in ("not_approved", "no_limit")),
            ("likely", found and message in ("not_open_yet", "invitation_expired")),
            ("ruled_out", message is not None)),
        "service_maintenance": _strongest(
            ("likely", message == "system_busy"), ("ruled_out", message is not None)),
    }  # fmt: skip
    result[LAST_CAUSE] = _invited(result, found=found, had=had, message=message)
    return result


def _invited(others: dict[str, str], *, found: bool, had: str | None, message: str | None) -> str:
    if found:
        return "ruled_out"
    if any(KINDS[id_] == "requirement" and status == "confirmed" for id_, status in others.items()):
        return "unknown"
    if message in ("not_open_yet", "invitation_expired", "not_approved"):
        return "likely"
    if had == "yes":
        return "ruled_out"
    first = ("requirement", "technical", "location")
    settled = all(status == "ruled_out" for id_, status in others.items() if KINDS[id_] in first)
    quiet = all(status in ("unknown", "ruled_out") for id_, status in others.items() if KINDS[id_] not in first)
    return "likely" if settled and quiet else "possible"


def situations(answers: Answers) -> list[str]:
    """Return the situations that hold, the leading one first."""
    get, where = _Known(answers), statuses(answers)
    found, message = seen(get), get("entry.page_message")
    menu, account = get("entry.services_menu"), get("entry.official_account")
    wish, owing = get("service.wish"), get("service.owing")
    refuses = message in REFUSING
    held = {
        "harm_done": bool(get("safety.given")) or get("account.stolen") in ("yes", "phone_lost"),
        "scam_contact": bool(get("safety.contact")) or get("scam.offered_paid_opening") == "yes",
        "owing": (owing == "yes" and not found and wish in (None, "open")) or wish in ("repay", "postpone"),
        "protect_family": wish == "limit_family",
        "closing": wish == "close",
        "borrowing_to_repay": wish == "repay_other_loans" or get("credit.overdue") == "current"
        or where["debt_ratio"] == "likely",
        "refused": refuses or (account == "refused" and message in (None, "none") and not found),
        "using": wish in ("use", "cancel_request"),
        "found": found and not refuses,
        "elsewhere": not found and (get("entry.qq_wallet") == "shown" or get("entry.other_phone") == "shown"
                                    or get("account.other_account") == "yes"),
        "not_for_you": not found and (
            any(where[id_] == "confirmed" for id_ in ("age_out_of_range", "not_mainland_resident", "civil_capacity"))
            or where["student"] == "likely"),
        "wrong_place": not found and where["wrong_client"] == "confirmed",
        "gone": not found and get("account.had_entry_before") == "yes",
        "not_looked": not found and "not_looked" in (menu, account),
        "never": not found and "not_looked" not in (menu, account) and (menu is not None or account is not None),
    }  # fmt: skip
    holding = [id_ for id_, holds in held.items() if holds]
    if not holding and wish == "open":
        return ["wants_in"]
    return holding or ["unclear"]


def outcomes(answers: Answers) -> set[str]:
    """Return the outcomes that may be: which of the last two depends on whether anything is left to ask."""
    get = _Known(answers)
    if seen(get):
        return {"entry_refused" if get("entry.page_message") in REFUSING else "entry_found"}
    if any(status in ("confirmed", "likely") for status in statuses(answers).values()):
        return {"cause_found"}
    return {"no_clear_cause", "not_enough_known"}


NUMBERS_AND_TEXTS: Final[dict[str, list[Any]]] = {
    "wechat.version": ["8.0.49", "8.0.0", "7.0.22", "6.5.3"],
    "os.version": ["Android 5.1", "Android 13", "iOS 11.4", "iOS 17.1", "5.1", "13"],
    "person.age": [0, 15, 16, 17, 18, 35, 59, 60, 61, 90],
    "debt.monthly_income": [0, 3000, 10000],
    "debt.monthly_repayment": [0, 1, 4999, 5000, 6999, 7000],
    "debt.open_loans": [0, 1, 4, 5],
    "activity.services": [[], ["spending"], ["wealth", "utilities"]],
    "safety.contact": [[], [], ["paid_opening"], ["close_call"], ["message_link", "fake_app"], ["qr_form"],
                       ["borrow_for_others"], ["pressed_to_pay"]],
    "safety.given": [[], [], [], ["money"], ["screen"], ["password_or_code"], ["id_or_card"], ["loan", "money"]],
}  # fmt: skip
VALUES: Final = NUMBERS_AND_TEXTS | {
    one.id: [*(choice.id for choice in one.value), *([HEALTHY[one.id]] if one.id in HEALTHY else [])]
    for one in load().questions.values() if one.type == "choice"
}  # fmt: skip
"""What random people answer; a value that stands twice is given twice as often."""


def random_people(count: int, seed: int) -> list[Answers]:
    """Return answer sets of all sizes, contradictions and `unknown` among them; the same for the same seed."""
    draw = random.Random(seed)
    people = []
    for _ in range(count):
        share = draw.random() ** 2
        answers = {id_: draw.choice(values) for id_, values in VALUES.items() if draw.random() < share}
        people.append({id_: "unknown" if draw.random() < 0.05 else value for id_, value in answers.items()})
    return people
