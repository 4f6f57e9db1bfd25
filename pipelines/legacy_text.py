"""Text typed in a legacy Vietnamese encoding or damaged on its way, made Unicode again; knows no cell, sheet or file.

Encodings: TCVN3 (fonts `.Vn…`) and VNI-Windows (fonts `VNI-…`), read as the Latin-1 characters a workbook keeps of them.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache, partial

# TCVN 5712:1993, VSCII-3: all lower-case letters and seven capitals; every other capital comes from the font.
_TCVN3: dict[str, str] = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
# VNI-Windows: a letter and, behind it, a mark that is tone and shape in one; ơ, ư, đ, ỵ and i with a tone are one character.
_VNI_CODES = (
    "aù aø aû aõ aï aâ aá aà aå aã aä aê aé aè aú aü aë eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò "
    "où oø oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ"
)
_VNI_LETTERS = "áàảãạâấầẩẫậăắằẳẵặéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ"
_VNI_LOWER: dict[str, str] = dict(zip(_VNI_CODES.split(), _VNI_LETTERS, strict=True))
_VNI = {
    **_VNI_LOWER,
    **{v.upper(): c.upper() for v, c in _VNI_LOWER.items()},
    **{v.capitalize(): c.upper() for v, c in _VNI_LOWER.items()},  # «Aùnh»: capital typed, mark not shifted
}
_TABLES = {"tcvn3": _TCVN3, "vni": _VNI}
_CODES = {kind: re.compile("|".join(sorted(map(re.escape, t), key=len, reverse=True))) for kind, t in _TABLES.items()}

_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"  # level, huyền, sắc, hỏi, ngã, nặng
_STOPS = ("c", "ch", "p", "t")  # a syllable that ends in one has sắc or nặng
_BACK_ONSETS = " b c ch d đ g gi h kh l m n ng nh p ph qu r s t th tr v x"
_FRONT_ONSETS = " b ch d đ g gh gi h k kh l m n ngh nh p ph qu r s t th tr v x"
_RHYMES = {  # nucleus: finals; a blank in front allows none
    "a": " c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c m n ng p t u y",
    "e": " c m n ng o p t",
    "ê": " c ch m n ng nh p t u",
    "i": " c ch m n ng nh p t u",
    "o": " c i m n ng p t",
    "ô": " c i m n ng p t",
    "ơ": " i m n ng p t",
    "u": " c i m n ng p t",
    "ư": " c i m n ng t u",
    "y": " ch nh t",
    "ia": "",
    "iê": "c m n ng p t u",
    "yê": "m n ng t u",
    "ua": "",
    "uô": "c i m n ng t",
    "ưa": "",
    "ươ": "c i m n ng p t u",
    "oa": " c ch i m n ng nh o p t y",
    "oă": "c m n ng t",
    "oe": " m n o t",
    "oo": "ng",
    "uâ": "n ng t y",
    "uê": " ch n nh t u",
    "uơ": " i n t",
    "uy": " ch nh p t u",
    "uyê": "n t",
}

_MARKED = "".join(c for c in _VOWELS if not c.isascii()) + "đ"
_PLAIN = f"{_MARKED}{_MARKED.upper()}\x00-\x7f\xa0°²³€₫‐‑‒–—―‘’“”„…•→≤≥«»×·"
_UNREMARKABLE = "".join(c for c in _PLAIN if ord(c) > 0xFF) + "\x00-\x7f"  # skipped at the speed of a character class
_SUSPECT = re.compile(
    rf"[^{_UNREMARKABLE}](?:"
    rf"(?<=[^{_PLAIN}])"
    r"|(?<=[A-Za-z][«×])|(?<=[»·])(?=[a-z])"  # a quotation mark or a sign where only a letter can be: «C«ng», «B×nh»
    r"|(?<=[a-z][À-Ý])|(?<=[A-Z][À-Ý])(?=[a-z])"  # a capital inside a word: «NguyÔn»
    r"|(?<=[aA][ùõâáàãêéèúÙÕÂÁÀÃÊÉÈÚ])|(?<=[eE][ùõâáàãÙÕÂÁÀÃ])|(?<=[oO][ùõâÙÕÂ])"  # «Leâ»
    r"|(?<=[yYôÔ][ùõÙÕ])|(?<=[uU][ùõÙÕ])"
    r"|(?<=[a-z]Ã)(?=\xa0)|(?<=Ã)(?=[²³][a-z])|(?<=á»))"  # UTF-8 read as Latin-1: «lÃ\xa0», «má»›i»
)
_TOKEN = re.compile(r"(?:[^\W\d_]|[\x80-\x9f\xa1-\xff])+")
_ABBREVIATION = re.compile("(?=.*Đ)[BCDĐGHKLMNPQRSTVXY]{2,9}")  # LĐLĐ, no NIKE®
_UNIT = re.compile("đ|[µ¼½¾×]?m|[a-zN][×·][a-z]")  # «1.000đ», «5 µm», «N·m»
_NO_WEST = {  # what no word of a western language has: one repaired word with such a sign is evidence enough
    "tcvn3": re.compile(r"[¡-\xad®µ¶¸¹»-¾×÷ß]|[a-z][À-Þ]|[A-Z][À-Þ][a-z]|(?i:[b-df-hj-np-tv-z][ïñ]|^n[gh])"),
    "vni": re.compile(r"[aeuyôö][ùøûõâáàåãäêéèüë]|o[øûõâàåãä]|[ôö]ï|ï(n[gh]|ch)|öô|^ñ..|^n[gh]", re.IGNORECASE),
}


def suspect(text: str) -> bool:
    """Whether `repair` without font and hint might change a text: the fast path, for cells by the million.

    False for ASCII and for whatever holds plain signs and Vietnamese letters only, in an order that Vietnamese knows.
    """
    return not text.isascii() and _SUSPECT.search(text) is not None


def repair(text: str, font: str | None = None, hint: str | None = None) -> tuple[str, str | None]:
    """The text in Unicode NFC and what was wrong with it: tcvn3, vni, mojibake, eth, nfd; None when nothing was.

    `font` is the font of the cell: a legacy one decides, unless the words speak against it. `hint` is a legacy kind found
    elsewhere in the same sheet: then one repaired word is enough. Without either a text is converted only on clear evidence,
    and never when its words are Vietnamese as they stand. A repaired text comes back unchanged; its font no longer counts.
    """
    named = _kind_of_font(font)
    if not named and text.isascii():
        return text, None
    composed = unicodedata.normalize("NFC", text)
    kind = None if composed == text else "nfd"
    if named and (decoded := _read_by_font(composed, font or "", named)) not in (None, composed):
        return decoded, named
    if not hint and not suspect(composed):
        return composed, kind
    for mend in (_mend_mojibake, partial(_mend_legacy, hint=hint), _mend_eth):
        mended, found = mend(composed)
        if mended != composed:
            return repair(mended)[0], found  # damage comes in layers; each step has more plausible words or fewer characters
    return composed, kind


@lru_cache(maxsize=1)
def syllables() -> frozenset[str]:
    """Every syllable that Vietnamese spelling allows, in lower-case NFC; the tone of «hoà» and «hòa» stands in either place."""
    return frozenset(
        onset + rhyme
        for nucleus, finals in _RHYMES.items()
        for onset in (_FRONT_ONSETS if nucleus[0] in "eêiy" else _BACK_ONSETS).split(" ")
        for final in finals.split(" ")
        if onset != "qu" or nucleus[0] not in "ouư"
        if onset == "qu" or nucleus != "y" or final == ""  # «quỳnh», «lý»
        for rhyme in _toned(nucleus, final)
    )


def _toned(nucleus: str, final: str) -> Iterator[str]:
    """A rhyme with every tone it can have."""
    places = {0} if nucleus in ("ia", "ua", "ưa") else {len(nucleus) - 1}
    if not final and nucleus in ("oa", "oe", "uy", "uê", "uơ"):
        places.add(0)
    for place in places:
        row = _VOWELS.index(nucleus[place])
        for tone in (2, 5) if final in _STOPS else range(1 if nucleus == "oo" else 6):  # «Đoong»; «Noõng» is VNI
            yield nucleus[:place] + _VOWELS[row + tone] + nucleus[place + 1 :] + final


def _plausible(token: str) -> bool:
    """Whether a run of letters is written as Vietnamese would: a syllable in one case, an abbreviation with Đ, a unit."""
    word = token.replace("ð", "đ").replace("Ð", "Đ")
    cased = word.islower() or word.isupper() or word[1:].islower() or (word[:2].isupper() and word[2:].islower())  # «CÔng»
    return (cased and word.lower() in syllables()) or bool(_ABBREVIATION.fullmatch(word) or _UNIT.fullmatch(word))


def _kind_of_font(font: str | None) -> str | None:
    name = (font or "").lower()
    return "tcvn3" if name.startswith(".vn") else "vni" if name.startswith("vni-") else None


def _read_by_font(text: str, font: str, kind: str) -> str | None:
    """The text in the encoding of its font; None when the words rather are Unicode, or the font of another encoding's."""
    if (decoded := _decoded(text, kind)) is None:
        return None
    fixed, broken, stuck, _ = _compare(text, decoded, kind)
    if broken > fixed or (stuck > fixed and _mend_legacy(text, None)[1]):
        return None
    decoded = decoded.upper() if kind == "tcvn3" and font.endswith("H") else decoded
    return decoded if repair(decoded)[1] is None else None


def _decode(token: str, kind: str, text: str) -> str:
    """A word of a text read in an encoding. TCVN3 types «NGUYÔN» with the ễ of lower case."""
    table = _TABLES[kind]
    word = _CODES[kind].sub(lambda code: table[code[0]], token)
    return word.upper() if kind == "tcvn3" and (_capital(token) or _capital(text)) else word


def _capital(text: str) -> bool:
    return bool(re.search("[A-Z]{2}", text)) and not re.search("[a-z]", text)


def _decoded(text: str, kind: str) -> str | None:
    """The text read in an encoding; None when it has a letter that the encoding has not."""
    if any(c.isalpha() and not c.isascii() for c in _CODES[kind].sub("", text)):
        return None
    return _TOKEN.sub(lambda m: _decode(m[0], kind, text), text)


def _compare(text: str, decoded: str, kind: str) -> tuple[int, int, int, bool]:
    """Different words that decoding repairs, breaks, leaves unreadable, and whether one repaired is like no western word."""
    fixed, broken, stuck, clear = 0, 0, 0, False
    for before, after in set(zip(_TOKEN.findall(text), _TOKEN.findall(decoded), strict=True)):
        if before == after or len(before) == len(after) == 1:
            continue
        was, now = _plausible(before), _plausible(after)
        fixed += now and not was
        broken += was and not now
        stuck += not was and not now
        clear |= now and not was and bool(_NO_WEST[kind].search(before))
    return fixed, broken, stuck, clear


def _mend_legacy(text: str, hint: str | None) -> tuple[str, str | None]:
    """The text in the one encoding that repairs more words than any other, and enough of them."""
    best, result = 0, (text, None)
    for kind in sorted(_TABLES, key=lambda k: k != hint):
        if (decoded := _decoded(text, kind)) is None:
            continue
        fixed, broken, stuck, clear = _compare(text, decoded, kind)
        gain = 0 if broken else fixed - stuck
        if gain > best:
            best, result = gain, (decoded, kind) if clear or fixed > 1 or kind == hint else (text, None)
        elif gain == best and result[1] != hint:
            result = text, None  # two readings are none
    return result


def _mend_mojibake(text: str) -> tuple[str, str]:
    """UTF-8 read as a one-byte encoding, read anew; a text whose words are all Vietnamese is not asked: «“XÃ”» is no «XÔ»."""
    if all(map(_plausible, _TOKEN.findall(text))):
        return text, "mojibake"
    from ftfy import TextFixerConfig, bad_codecs, fix_encoding  # slow to import, and most runs meet none

    mended = fix_encoding(text, TextFixerConfig(replace_lossy_sequences=False, fix_c1_controls=False))
    if mended == text:  # ftfy wants more evidence than one short word; that a Vietnamese word results is evidence too
        bad_codecs.ok()
        try:
            reread = text.encode("sloppy-windows-1252").decode()
        except UnicodeError:
            return text, "mojibake"
        words = _TOKEN.findall(reread)
        mended = reread if words and all(map(_plausible, words)) else text
    return unicodedata.normalize("NFC", mended), "mojibake"


def _mend_eth(text: str) -> tuple[str, str]:
    """The Icelandic letters that look like đ and Đ, where a Vietnamese word results."""
    swap = str.maketrans("ðÐ", "đĐ")
    return _TOKEN.sub(lambda m: m[0].translate(swap) if _plausible(m[0]) else m[0], text), "eth"
