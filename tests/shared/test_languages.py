"""Chinese text has the punctuation that belongs to it; names and everything else stay as they are."""

from __future__ import annotations

import pytest

from shared.pages.languages import typeset


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("请先登录:请求须带令牌,否则拒绝。", "请先登录\uff1a请求须带令牌\uff0c否则拒绝。"),
        ("依照 GB/T 2260,填写代码", "依照 GB/T 2260\uff0c填写代码"),
        ("面积(平方千米)", "面积\uff08平方千米\uff09"),
        ("导入模板(XLSX)", "导入模板\uff08XLSX\uff09"),
        ("不能继续!要重试吗?", "不能继续\uff01要重试吗\uff1f"),
        ("今天 09:00, 12:30", "今天 09:00, 12:30"),
        ("GB/T 1.1-2020 (en)", "GB/T 1.1-2020 (en)"),
        ("https://example.cn/a?b=1", "https://example.cn/a?b=1"),
    ],
)
def test_marks_beside_chinese_are_full_width(given: str, printed: str) -> None:
    assert typeset(given) == printed
    assert typeset(printed) == printed
