"""What a row below a header is, told by its words: data, a total, a heading, a note, a signature.

How rows hang together, and what lines state of a return, is not decided here.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from pipelines.forms import forms
from pipelines.grids import Row
from pipelines.headers import Line
from pipelines.vietnamese import fold, is_department, squash

# lone: one cell, a name or a heading; only who knows the sender can tell
# to_date: what has come together since the year began, a month's rows with those of others, so nothing here can be compared with it
DATA, TOTAL, SUBTOTAL, TO_DATE, LONE = "data", "total", "subtotal", "to_date", "lone"
# the other kinds are ignored rows: title, header, numbering, group, note, signature, other (of a table of another form)
_TOTAL = re.compile(r"^(tong cong|tong so|tong|t\.? ?cong|cong)[ :.]*$")
_SUM = re.compile(r"^(tong|cong|t\.? ?cong|luy|so luy|tu dau nam|tinh tu dau nam)\b")
_TO_DATE = re.compile(  # nothing but times may follow
    r"^((tong|cong|so)( cong| so)? )?(luy ke|cong don|(tinh )?tu dau nam)"
    r"([ :.,()–-]+(tinh|tu|den|toi|het|dau|cuoi|nam|thang|ky|quy|ngay|nay|truoc|hien|tai|ca|trong|cac|nhiem|bao|cao|[\d/.-]+))*[ :.)]*$"
)
_ACCENTED = re.compile(r"^(tổng\b|cộng[ :.]*$)")  # «Tống» and «Công» are names
_SUBTOTAL = re.compile(
    r"^((tổng cộng|tổng số|tong cong|tong so)|(tổng|tong)(?! (hợp|hop|quan|kết|ket|thể|the|đài|dai|công ty|cong ty))"
    r"|(cộng|cong)(?! (đồng|dong|tác|tac|hưởng|huong|hòa|hoà|hoa|sinh)))\b"
)
# how a row that is no data may begin
_OTHER, _OTHER_KIND = (
    "TtCcVvKkMmLlSs \u00a0",
    re.compile(r"^(tong|cong|t\.? ?cong|vi du|trong|khong|chua|(mang|chuyen) sang|(so )?luy ke|(tinh )?tu dau nam)\b"),
)
_AMONG = re.compile(r"^trong (đó|do)\b")  # «Trọng Đô» is a name
_CARRIED = re.compile(r"^(cong )?(mang|chuyen) sang( trang( sau| truoc)?)?[ :.]*$")  # what a page hands on to the next
_COUNTED = ("count", "money", "number")
_SMALL = re.compile(r"^[\d.]{1,6}$")  # how many there are, in whatever column; no number of a card or an identity
_SIGNATURE = re.compile(
    r"^(nguoi (lap|bao cao|tong hop|thong ke)\b|(ke toan( truong)?|thu quy|xac nhan( cua .*)?|ban chap hanh)[ :.]*$|t/m\b|tm\.|kt\."
    r"|tl\.|\(ky|ky ten|thu truong|noi nhan|chu tich|pho chu tich|(.*, *)?ngay .* thang .* nam )"
)
_SPAN = r"(trong )?(thang|ky|quy)( nay| vua qua)?( \d{1,2})?([/.-]| nam )?(20\d\d)?"
_WHO = rf"({_SPAN},? )?((don vi|cdcs|cong doan co so|cong doan)( chung toi)? )?({_SPAN},? )?"
_NIL = re.compile(rf"^{_WHO}(khong|chua) (co )?phat sinh( [a-z]+){{0,4}}?( {_SPAN})?[ .:!]*$")
# as good as the above where a sheet has no rows; beside rows it may be of one group. No change is no nil: the list is as before
_NONE = re.compile(
    rf"^{_WHO}(khong|chua)( co\b(?!.*\b(bien dong|thay doi|tang|giam|dieu chinh|bo sung)\b).*)?( {_SPAN})?[ .:!]*$"
)
# the list is as it was: neither rows nor none
_AS_BEFORE = re.compile(r"\b(khong|chua) (co )?(su )?(bien dong|thay doi|tang,? giam)\b|^(giu nguyen|nhu (thang|ky) truoc)\b")
_NUMBERING = re.compile(r"^(\(?[a-h]\)?|\(?\d{1,2}[a-c]?\)?(\s*=[\s\da-c()+\-–x×*/:.%]+)?)$")  # «(10)=(8)x(9)», «B», «3=1+2»
# «như trên»: what the cell above says
DITTO = frozenset(
    (
        "nt",
        "NT",
        "Nt",
        "-nt-",
        "-NT-",
        "- nt -",
        "n/t",
        "nt.",
        "như trên",
        "Như trên",
        '"',
        "''",
        "”",
        "“",
        "〃",
        '-"-',
        "-''-",
        ",,",
    )
)
_ZERO = ("0", "-", "/", "//", "0 đ")
_ORDINAL = re.compile(r"^\d+$")
_ORDER = re.compile(r"^([IVX]+|[A-H])\.?$")
_PLACE_OF_PART = re.compile(r"^([a-h]|[ivx]+)([.)-]\d{0,3})*$")
_HEADING = re.compile(r"^([ivx]+|[a-h])\s*[.)/:-]")  # «I. Khối hành chính»

Places = tuple[list[int], list[int], list[int]]


@cache
def places(form: str) -> Places:
    """What of a form decides the kind of a row: where a lone name may stand, which columns hold figures, which an indicator."""
    columns = list(enumerate(forms()[form].columns))
    lonely = [i for i, c in columns if c.mandatory and c.type in ("text", "person")]
    return lonely, [i for i, c in columns if c.type in _COUNTED], [i for i, c in columns if c.type == "indicator"]


def goes_on(raw: Row, cells: Line, columns: int) -> bool:
    """Whether a row below a signature is data again: numbered, or well filled with a figure, which signatures lack."""
    filled, first = [c for c in cells if c], next(c for c in raw if c)
    if _ORDINAL.match(first) and len(filled) - (first in cells) >= 2:
        return True
    return len(filled) >= min(4, columns) and any(d.isdigit() for c in filled for d in c)


def breaks_down(raw: Row, look: Places) -> bool:
    """Whether a row begins «Trong đó»: it and the rows below say what sums are made of. An indicator may be called so too."""
    first = next(c for c in raw if c)
    return first[0] in "Tt" and not look[2] and bool(_AMONG.match(squash(first).lower()))


def kind_of(raw: Row, cells: Line, below_header: int, look: Places) -> str:
    """The kind of a row so many lines below the header; `look` is what `places` says of its form."""
    filled = len(cells) - cells.count(None)
    if filled > 3 and below_header > 2 and (lead := [c for c in raw[:4] if c]):
        for w in lead[:2]:
            if w[0] in _OTHER and _OTHER_KIND.match(fold(w)):
                break
        else:
            return DATA  # nearly every row; the rest of this function is for the others
    lonely, words = look[0], [c for c in raw if c]
    first = fold(words[0])
    if below_header <= 2 and all(_NUMBERING.match(fold(w)) for w in words) and len(words) >= 3:
        return "numbering"
    if _SIGNATURE.match(first) and filled <= 3 and not any(d.isdigit() for i in look[1] for d in cells[i] or ""):
        return "signature"
    if any(_CARRIED.match(fold(w)) for w in words[:2]) and not _ORDINAL.match(words[0]):
        return "note"
    for w in words[:2]:
        if kind := _sum_kind(w, words, cells, look):
            return kind
    if _is_heading(words, cells, look[1]):
        return "group"
    if (
        _is_example(words[0], cells)
        or "khong phat sinh" in first
        or (filled <= 1 and _AS_BEFORE.search(first))
        or filled == 0
        or says_none(words)
        or says_zero(words)
    ):
        return "note"
    if len(words) == 1 and not _ORDINAL.match(words[0]):
        return LONE if any(cells[p] for p in lonely) else "group"
    if filled == 1 and len(words) == 2 and any(cells[p] == words[1] for p in lonely) and _is_part(*words):
        return LONE
    return DATA


def _is_part(order: str, said: str) -> bool:
    """Whether «1 | Khoa Nội», «B | Dược», «I.1 | Tổ X» stand above rows; «3 | Lò Văn Cả» is a person of whom no more is told."""
    return bool(_PLACE_OF_PART.match(fold(order))) or (bool(_ORDINAL.match(order)) and is_department(said))


def _sum_kind(word: str, words: list[str], cells: Line, look: Places) -> str | None:
    """What a row is that `word` makes a sum: «Tổng cộng», «Cộng khối xã», «Lũy kế từ đầu năm»; None when it is none."""
    if not _SUM.match(fold(word)):
        return None
    (_, figures, coded), said = look, squash(word).lower()
    is_numbered, told = bool(_ORDINAL.match(words[0])), [n for n, c in enumerate(cells) if c and c != word and n not in figures]
    if _TOTAL.match(fold(word)):
        if any(n in coded for n in told):
            return None  # an indicator whose label is «Tổng số»
        is_name = is_numbered or any(not _SMALL.match(cells[n] or "") for n in told)
        return None if is_name and not _ACCENTED.match(said) else TOTAL
    kind = TO_DATE if _TO_DATE.match(fold(word)) else SUBTOTAL if _SUBTOTAL.match(said) else None
    if kind is None or is_numbered or coded or any(not _SMALL.match(cells[n] or "") for n in told):
        return None
    return kind if any(cells[i] for i in figures) else "note"


def _is_heading(words: list[str], cells: Line, figures: list[int]) -> bool:
    """Whether a row is «I. Khối xã» or «II | Khối xã», be it with what the rows below come to, and says nothing else."""
    said = words[1] if _ORDER.match(words[0]) and len(words) > 1 and words[1].count(" ") else words[0]
    if said is words[0] and not _HEADING.match(fold(said)):
        return False
    sums = [c for n, c in enumerate(cells) if c and n in figures]
    return len(words) == 1 + (said is not words[0]) + len(sums) and said not in sums


@lru_cache(maxsize=10_000)  # the same lines stand in hundreds of returns
def says_nil(words: tuple[str, ...]) -> bool:
    """Whether a line says «Không phát sinh», or sets the mark beside it."""
    folded = [fold(w) for w in words]
    return any(map(_NIL.match, folded)) or ("x" in folded and any(w.startswith("khong phat sinh") for w in folded))


def says_none(words: Sequence[str]) -> bool:
    """Whether a line says «Không có», or the like, beside nothing but its number and zeros."""
    rest = [bare for bare in map(fold, words) if not (_NIL.match(bare) or _NONE.match(bare))]
    return len(rest) < len(words) and all(bare in _ZERO for bare in rest[bool(rest and _ORDINAL.match(rest[0])) :])


def says_zero(words: Sequence[str]) -> bool:
    """Whether a row has nothing but zeros and dashes beside its number."""
    return all(w.strip() in _ZERO for w in words[len(words) > 1 and bool(_ORDINAL.match(words[0])) :])


def _is_example(word: str, cells: Line) -> bool:
    """Whether a row begins with «Ví dụ»; without accents it may be the name of a person."""
    if fold(word) != "vi du":
        return False
    return squash(word).lower() == "ví dụ" or (word.isascii() and word not in cells)
