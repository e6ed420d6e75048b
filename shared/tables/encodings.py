"""Which encoding a text file is in: proven, never guessed. That bytes decode says little; Big5 decodes as GB18030."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from shared.core.errors import InvalidError

SLICE = 1 << 20
LONGEST_LINE = 2_000_000
"""Bytes; a longer line is refused as a row before anybody decodes it."""
UTF_8_CHINESE = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
"""What Chinese looks like in UTF-8, and hardly ever in another encoding."""
FREQUENT = frozenset(
    "统一社会信用代码中文名称类型行政区划英曾资质级别编号发证日期有效起止公开是否企业事单位科研机构院所检测验联盟园运营者"
    "限责任股份集团司总厂店部室心学校医大小高新技术产品制造工程业农林牧渔建筑设计装饰材料电子汽车零部件机械能源生物药化"
    "纺织服务食商贸易物流输软硬信息网络数据智能安全环保金融投资管理咨询文旅游体育教培训广告传媒印刷包装五金塑料橡胶"
    "模具轴承阀门泵仪表器气油煤矿钢铁铝铜有色光伏池半导芯片通讯互联云计算人工合作经济开发区省市县乡镇街道路村东西南北"
    "上下天地山川江河湖海州京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵滇藏陕甘宁青宇宏达华瑞泰鑫盛成都重庆四"
    "绵阳德宜宾泸广昌龙凤福兴隆祥顺发利源丰润恒远博创卓越腾飞翔亿佳美嘉禾康乐明星辰晨阳春秋民国家和平正义诚力合众"
    "专精特巨试示范例甲乙丙丁戊己庚辛壬癸一二三四五六七八九十百千万年月日之的与及无不长自来水土地产房城交水利局委"
    "金银宝石玉木火力动车船航空铁轨道设备施材料检定认可证书标准志愿者协会基层社团组织办处站队党共青妇联双两江经圈"
)
"""Characters of which real names, places and headings are mostly made; a text read wrongly holds few of them."""
LEAST_FREQUENT, MOST_RARE = 0.4, 0.1
"""Shares of all characters but punctuation; two frequent ones there must be in any case."""


def encoding_of(file: BinaryIO) -> str:
    """`utf-8`, `utf-8-sig` or `gb18030`; raises `InvalidError` with row and byte where the file is neither for sure."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _unknown("是 UTF-16 文本", "is text in UTF-16")
    if any(b"\0" in piece for piece in _pieces(file)):
        raise _unknown("不是文本(含 NUL 字节)", "is no text (it holds NUL bytes)")
    wrong = _first_wrong(file)
    if wrong is None:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if start.startswith(codecs.BOM_UTF8) or _is_mostly_utf_8(file):
        raise _broken("UTF-8", file, at=wrong)
    _check_gb18030(file)
    return "gb18030"


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(SLICE):
        yield piece


def _first_wrong(file: BinaryIO) -> int | None:
    """The place of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    for piece in _pieces(file):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            return done - pending + error.start
        done += len(piece)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done - len(decoder.getstate()[0])
    return None


def _is_mostly_utf_8(file: BinaryIO) -> bool:
    whole = other = 0
    for piece in _pieces(file):
        chinese = 3 * len(UTF_8_CHINESE.findall(piece))
        whole, other = whole + chinese, other + len(piece.translate(None, bytes(range(128)))) - chinese
    return whole >= 2 * other


def _check_gb18030(file: BinaryIO) -> None:
    """Every line decodes, none reads as UTF-8 besides, and the whole reads like Chinese."""
    kinds: dict[str, str] = {}
    counts = {"frequent": 0, "usual": 0, "rare": 0, "mark": 0}
    strange_row = done = 0
    file.seek(0)
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
        try:
            text = line.decode("gb18030")
        except UnicodeDecodeError as error:
            raise _broken("GB18030", file, at=done + error.start) from error
        done += len(line)
        seen = [kinds.get(mark) or kinds.setdefault(mark, _kind(mark)) for mark in text if mark > "\x7f"]
        for kind in seen:
            counts[kind] += 1
        rare = len(seen) > 2 and seen.count("rare") * 2 > len(seen)
        if not strange_row and (rare or (UTF_8_CHINESE.search(line) and _is_utf_8(line))):
            strange_row = number
    total = counts["frequent"] + counts["usual"] + counts["rare"]
    if counts["frequent"] < max(2, LEAST_FREQUENT * total) or counts["rare"] > MOST_RARE * total:
        raise _unknown("不能确定是 GB18030 编码(也可能是 Big5 等)", "is not surely GB18030 (it may be Big5 or another)")
    if strange_row:
        raise InvalidError(
            "encoding_mixed",
            f"第 {strange_row} 行的编码与其他行不同(UTF-8 或 Big5 混入 GB18030)。{ANEW_ZH}",
            f"Row {strange_row} is in another encoding than the rest (UTF-8 or Big5 among GB18030). {ANEW_EN}",
        )


def _kind(mark: str) -> str:
    """How likely a character is in a text that really is GB18030; punctuation says nothing."""
    if mark in FREQUENT:
        return "frequent"
    try:
        first, second = mark.encode("gb2312")
    except UnicodeEncodeError:
        return "rare"
    if first in (0xA1, 0xA3):
        return "mark"
    return "usual" if 0xB0 <= first <= 0xF7 and second else "rare"


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


ANEW_ZH = "请用表格软件打开核对后,另存为“CSV UTF-8”或 .xlsx 再上传。"
ANEW_EN = "Open it in a spreadsheet, compare, save it as 'CSV UTF-8' or .xlsx, and upload it again."


def _unknown(what_zh: str, what_en: str) -> InvalidError:
    return InvalidError("encoding_unknown", f"文件{what_zh}。{ANEW_ZH}", f"The file {what_en}. {ANEW_EN}")


def _broken(encoding: str, file: BinaryIO, *, at: int) -> InvalidError:
    row, line = 1, at
    file.seek(0)
    left = at
    while left > 0 and (piece := file.read(min(SLICE, left))):
        row, left = row + piece.count(b"\n"), left - len(piece)
        if b"\n" in piece:
            line = len(piece) - piece.rindex(b"\n") - 1 + left
    byte = file.read(1)
    shown = f"0x{byte[0]:02X}" if byte else "…"
    return InvalidError(
        "encoding_broken",
        f"第 {row} 行第 {line + 1} 个字节({shown},即文件第 {at + 1} 个字节)不是 {encoding} 文本,"
        f"可能有字符被截断。{ANEW_ZH}",
        f"Byte {line + 1} of row {row} ({shown}, byte {at + 1} of the file) is not {encoding}: perhaps a character was "
        f"cut. {ANEW_EN}",
    )
