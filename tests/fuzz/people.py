"""Random people: valid answers of every question, for Hypothesis and for the mutator alike."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from diagnostics.evidence import UNKNOWN, Value
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Question

VERSIONS = (
    "8.0.49", "8.0.0", "7.0.22", "微信 ８．０．４９", "asdf", "iOS 微信 8.0.49", "Android 6.7.2", "3.9.12.51",
    "0x28003133", "MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64",
    "MicroMessenger/6.8.0 WindowsWechat(0x63090c33)",
)  # fmt: skip
SYSTEMS = (
    "Android 13", "Android 5.1", "iOS 12.0", "iOS 11.4", "6.0", "HarmonyOS 4.0", "HarmonyOS NEXT 5.0", "MIUI 14", "?",
)  # fmt: skip
NUMBERS = {
    "person.age": (0, 8, 15, 16, 17, 18, 35, 60, 61, 130),
    "debt.monthly_income": (0, 0.3, 1, 2999.99, 10_000, 1e12),
    "debt.monthly_repayment": (0, 0.21, 1, 4999, 5000, 6999.99, 7000, 1e12),
    "debt.open_loans": (0, 1, 4, 5, 1000),
}


def values(question: Question) -> SearchStrategy[Value]:
    """Return a strategy of known answers to a question, with the boundaries of its rows among them."""
    ids = [choice.id for choice in question.value]
    if question.type == "choices":
        return st.lists(st.sampled_from(ids), unique=True)
    if ids:
        return st.sampled_from(ids)
    if question.type == "text":
        return st.sampled_from(VERSIONS if question.id == "wechat.version" else SYSTEMS)
    return st.sampled_from(NUMBERS[question.id])


def people(*, unknown: bool = True) -> SearchStrategy[dict[str, Value]]:
    """Return a strategy of answers to some of the questions, `unknown` among them where wanted."""
    told = {
        id_: st.one_of(values(question), st.just(UNKNOWN)) if unknown else values(question)
        for id_, question in load().questions.items()
    }
    return st.sets(st.sampled_from(sorted(told)), max_size=18).flatmap(
        lambda ids: st.fixed_dictionaries({id_: told[id_] for id_ in sorted(ids)})
    )
