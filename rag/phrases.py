"""What we ourselves say to the reader, in the reader's language. English where a language is missing."""

from __future__ import annotations

from rag.asking import hint

_PHRASES = {
    "not_found": {
        "vi": "Không tìm thấy câu trả lời trong các bài viết.",
        "en": "The articles do not hold an answer to this question.",
        "fr": "Les articles ne contiennent pas de réponse à cette question.",
        "de": "Die Artikel enthalten keine Antwort auf diese Frage.",
        "es": "Los artículos no contienen una respuesta a esta pregunta.",
        "id": "Artikel-artikel ini tidak memuat jawaban atas pertanyaan tersebut.",
        "zh": "这些文章中没有该问题的答案。",
        "ja": "記事の中にこの質問の答えは見つかりませんでした。",
        "ko": "기사에서 이 질문에 대한 답을 찾을 수 없습니다.",
        "ru": "В статьях нет ответа на этот вопрос.",
    },
    # Why a language model failed: the reasons of `stream.py`. `{detail}` is what its server said.
    "engine_slow": {
        "vi": "Mô hình ngôn ngữ không kịp trả lời xong.",
        "en": "The language model did not finish in time.",
    },
    "engine_unreachable": {
        "vi": "Không kết nối được với mô hình ngôn ngữ.",
        "en": "The language model cannot be reached.",
    },
    "engine_status": {
        "vi": "Máy chủ của mô hình ngôn ngữ báo lỗi: {detail}.",
        "en": "The language model's server answered with an error: {detail}.",
    },
    "engine_cut": {
        "vi": "Mô hình ngôn ngữ bị ngắt giữa chừng.",
        "en": "The language model broke off.",
    },
    "engine_long": {
        "vi": "Câu trả lời đã đạt độ dài tối đa và bị cắt.",
        "en": "The answer reached its longest length and was cut.",
    },
    "engine_endless": {
        "vi": "Mô hình ngôn ngữ viết mãi không dừng.",
        "en": "The language model went on without end.",
    },
    "engine_silent": {
        "vi": "Mô hình ngôn ngữ không viết gì.",
        "en": "The language model wrote nothing.",
    },
    "engine_unreadable": {
        "vi": "Không đọc được những gì mô hình ngôn ngữ viết.",
        "en": "What the language model wrote cannot be read.",
    },
    "engine_error": {
        "vi": "Mô hình ngôn ngữ gặp lỗi: {detail}.",
        "en": "The language model failed: {detail}.",
    },
    "named_together": {
        "vi": "Cùng được nêu tên: {names}.",
        "en": "Named together with them: {names}.",
    },
    "instead": {
        "vi": "Dưới đây là các câu phù hợp nhất trong bài viết.",
        "en": "These are the best sentences of the articles instead.",
    },
    "so_far": {
        "vi": "Chỉ hiển thị phần đã viết xong.",
        "en": "Only what it had finished is shown.",
    },
    "part_missing": {
        "vi": "Không tìm thấy trong các bài viết: “{question}”",
        "en": "Not found in the articles: “{question}”",
    },
    "suggest": {
        "vi": "Có bài về {place} năm {year}. Thử hỏi: “{question}”",
        "en": "There is an article about {place} in {year}. Try: “{question}”",
    },
    "disagree": {
        "vi": "Các bài viết không thống nhất: {first}; {second}.",
        "en": "The articles disagree: {first}; {second}.",
    },
    "disagree_item": {"vi": "{value} (bài ngày {date})", "en": "{value} (article of {date})"},
    "disagree_undated": {"vi": "{value} (bài không ghi ngày)", "en": "{value} (undated article)"},
    "source_holds": {
        "vi": "Nguồn vẫn giữ nguyên câu này.",
        "en": "The source still holds these words.",
    },
    "source_moved": {
        "vi": "Nguồn vẫn còn câu này, nhưng ở chỗ khác.",
        "en": "The source still holds these words, in another place.",
    },
    "source_changed": {
        "vi": "Nguồn đã thay đổi: câu này không còn nguyên văn ở đó.",
        "en": "The source has changed: these words no longer stand in it.",
    },
    "source_gone": {
        "vi": "Nguồn không còn trong kho bài.",
        "en": "The source is no longer among the articles.",
    },
}
_QUESTION = {
    "vi": ("Câu hỏi: {question}", "Cần biết: {wanted}"),
    "en": ("Question: {question}", "Wanted: {wanted}"),
}
_LANGUAGE_NAMES = {
    "ar": "Arabic", "de": "German", "el": "Greek", "es": "Spanish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "id": "Indonesian", "ja": "Japanese", "km": "Khmer", "ko": "Korean", "lo": "Lao",
    "ru": "Russian", "th": "Thai", "zh": "Chinese",
}  # fmt: skip


def phrase(name: str, language: str) -> str:
    """One of our sentences in a language, or in English."""
    return _PHRASES[name].get(language, _PHRASES[name]["en"])


def ask_in(language: str, question: str) -> str:
    """The last lines of the prompt: the question, and what kind of answer it wants or in which language."""
    wanted = hint(question, language)
    if language in _QUESTION:
        asked, wants = _QUESTION[language]
        return asked.format(question=question) + (f"\n{wants.format(wanted=wanted)}" if wanted else "")
    name = _LANGUAGE_NAMES.get(language)
    return f"Question: {question}" + (f"\n(Answer in {name}.)" if name else "")
