"""The questions as one page for the user's own phone, and the short code that brings the answers back."""

from diagnostics.questionnaire.codec import CodeError, decode, encode
from diagnostics.questionnaire.message import ChatMessage, Sent, write_message
from diagnostics.questionnaire.page import build_page

__all__ = ["ChatMessage", "CodeError", "Sent", "build_page", "decode", "encode", "write_message"]
