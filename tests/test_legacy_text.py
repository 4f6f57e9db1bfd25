import random
import re
import subprocess
import timeit
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.legacy_text import repair, suspect, syllables
from pipelines.province import names

VOWELS = "aăâeêioôơuưy"
TONES = {"sắc": "\u0301", "huyền": "\u0300", "hỏi": "\u0309", "ngã": "\u0303", "nặng": "\u0323"}
LETTERS = ["đ", *sorted({unicodedata.normalize("NFC", v + t) for v in VOWELS for t in ("", *TONES.values())} - set("aeiouy"))]
SYLLABLES = sorted(syllables())
ACCENTED = [s for s in SYLLABLES if not s.isascii()]
VALID = [
    *SYLLABLES,
    *(s.capitalize() for s in SYLLABLES),
    *(s.upper() for s in SYLLABLES),
]
FOREIGN = (
    "Café Müller Señor Škoda Noël Zoë Loïc où très été naïf maïs Thaï Köln Jürgen Björn Møn smør São Tomé Peña Niño ESPAÑA Guðrún Þór façade "
    "Málaga Kraków Dvořák Łódź Erdoğan hôtel Côte Citroën Straße groß Fuß Häagen-Dazs Über Malmö gång Säng på män für Núñez aún Ñandú ñame "
    "Chloé Hanoï goût août maître forêt cœur Coruña Tromsø høj Håkon Tæt väg röd Bär Süd tämä Krông Nô"
)
SIGNS = """NLT-2023-01|31/05/2023|1.234.567đ|120 m²|5 × 3|2×4m|5 µm|N·m|m×n|«Hoa Ban»|“XÃ”|– 25°C|50 €|LĐLĐ|Toán Mª|Krông Nô|CÔng ty|1º 2ª nº|§5|½|Nike®
LEGO®|© 2023|a.b@c.vn|số 12-QĐ/LĐLĐ|Đoòng|Soóc|Số 5, ngõ 12, tổ 3, phường Tân Phong, Lai Châu|\u200b|😀|Дом|日本"""


def tcvn3_by_iconv():
    """What glibc, which knows the standard, reads in each byte that TCVN3 fonts draw."""
    codes = bytes([*range(0xA1, 0xAF), *range(0xB5, 0xFF)])
    read = [
        subprocess.run(["iconv", "-f", "TCVN", "-t", "UTF-8"], input=bytes([c]), capture_output=True, check=True) for c in codes
    ]
    letters = {r.stdout.decode(): bytes([c]).decode("latin-1") for r, c in zip(read, codes, strict=True)}
    return {letter: code for letter, code in letters.items() if letter.islower() or letter in "ĂÂĐÊÔƠƯ"}


def vni_by_rule():
    """VNI as published: the bare letter, then a mark for its tone, or for its shape and tone; i, y, đ, ơ, ư are special."""
    plain = dict(zip(TONES.values(), "ùøûõï", strict=True))
    shaped = {"\u0302": dict(zip(("", *TONES.values()), "âáàåãä", strict=True))}
    shaped["\u0306"] = dict(zip(("", *TONES.values()), "êéèúüë", strict=True))
    alone = dict(zip("íìỉĩịỵđ", "íìæóòîñ", strict=True))
    table = {}
    for letter in LETTERS:
        base, *marks = unicodedata.normalize("NFD", letter)
        shape = next((m for m in marks if m in "\u0302\u0306\u031b"), "")
        tone = next((m for m in marks if m != shape), "")
        if letter in alone:
            table[letter] = alone[letter]
        elif shape == "\u031b":
            table[letter] = {"o": "ô", "u": "ö"}[base] + plain.get(tone, "")
        else:
            table[letter] = base + (shaped[shape][tone] if shape else plain[tone])
    return table | {letter.upper(): code.upper() for letter, code in table.items()}


TCVN3, VNI = tcvn3_by_iconv(), vni_by_rule()
TABLES = {"tcvn3": TCVN3 | {c.upper(): TCVN3[c] for c in LETTERS if c.upper() not in TCVN3}, "vni": VNI}
FONTS = {"tcvn3": ".VnTime", "vni": "VNI-Times"}


def typed(text, kind):
    """A text as an officer's keyboard program of that time stored it; TCVN3 has few capitals of its own."""
    return "".join(TABLES[kind].get(c, c) for c in text)


def same(repaired, text, kind):
    return repaired.lower() == text.lower() if kind == "tcvn3" else repaired == text


def share(texts, kind, **known):
    return sum(same(repair(typed(t, kind), **known)[0], t, kind) for t in texts) / len(texts)


@pytest.mark.parametrize(("kind", "count"), [("tcvn3", 67 + 7), ("vni", 134)])
def test_every_letter_of_an_encoding_is_read_as_an_independent_source_says(kind, count):
    table = TCVN3 if kind == "tcvn3" else VNI
    assert len(table) == len(set(table.values())) == count
    assert {letter: repair(f"{code} 1", FONTS[kind])[0] for letter, code in table.items()} == {x: f"{x} 1" for x in table}


@pytest.mark.parametrize(
    ("damaged", "text", "kind"),
    [
        ("Ninh B×nh", "Ninh Bình", "tcvn3"),
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức", "tcvn3"),
        ("M\xad\xeang TÌ – “C«ng ®oµn”, 120 m²", "Mường Tè – “Công đoàn”, 120 m²", "tcvn3"),
        ("NGUYÔN V¡N §øC", "NGUYỄN VĂN ĐỨC", "tcvn3"),
        ("CNVCL§ tØnh", "CNVCLĐ tỉnh", "tcvn3"),
        ("Lª", "Lê", "tcvn3"),
        ("Nguyeãn Vaên Ñöùc", "Nguyễn Văn Đức", "vni"),
        ("LIEÂN ÑOAØN LAO ÑOÄNG", "LIÊN ĐOÀN LAO ĐỘNG", "vni"),
        ("Aùnh", "Ánh", "vni"),
        ("Nguyá»…n VÄƒn A", "Nguyễn Văn A", "mojibake"),
        ("má»›i", "mới", "mojibake"),
        ("nhÃ\xa0", "nhà", "mojibake"),
        ("MÃ¼ller", "Müller", "mojibake"),
        ("Ðơn vị: LÐLÐ", "Đơn vị: LĐLĐ", "eth"),
        ("1.234.567ð", "1.234.567đ", "eth"),
        ("C«ng ®oµn".encode().decode("latin-1"), "Công đoàn", "mojibake"),  # damaged twice
        (unicodedata.normalize("NFD", "Hoà Bình"), "Hoà Bình", "nfd"),
        (unicodedata.normalize("NFD", "Ðiện Biên"), "Điện Biên", "eth"),
    ],
)
def test_damage_is_repaired_named_and_seen_by_the_fast_path(damaged, text, kind):
    assert repair(damaged) == (text, kind)
    assert suspect(damaged)
    assert repair(text) == (text, None)


@pytest.mark.parametrize(
    ("cell", "font", "repaired"),
    [
        ("nguyÔn thÞ lª", ".VnTimeH", ("NGUYỄN THỊ LÊ", "tcvn3")),
        ("lai chau", ".VnArial NarrowH", ("LAI CHAU", "tcvn3")),
        ("LAI CHAU", ".VnTimeH", ("LAI CHAU", None)),
        ("Vò", ".VnTime", ("Vũ", "tcvn3")),  # either reading is Vietnamese: the font decides
        ("Sôn", "VNI-Helve", ("Sơn", "vni")),
        ("100.000®", ".VnTime", ("100.000đ", "tcvn3")),
        ("Toán – Lý", ".VnTime", ("Toán – Lý", None)),  # Unicode typed into an old workbook
        ("Nguyễn Văn Đức", ".VnTimeH", ("Nguyễn Văn Đức", None)),
        ("Nguyá»…n VÄƒn A", ".VnTime", ("Nguyễn Văn A", "mojibake")),
        ("Coâng ñoaøn", ".VnTime", ("Công đoàn", "vni")),
        ("C«ng ®oµn", "VNI-Times", ("Công đoàn", "tcvn3")),
        ("Vò", "Times New Roman", ("Vò", None)),
        ("Vò", None, ("Vò", None)),
    ],
)
def test_a_legacy_font_decides_unless_the_words_speak_against_it(cell, font, repaired):
    assert repair(cell, font) == repaired


def test_a_hint_lets_one_word_count_but_never_touches_what_is_vietnamese_as_it_stands():
    assert [repair("Hång"), repair("Hång", hint="tcvn3")] == [("Hång", None), ("Hồng", "tcvn3")]
    assert [repair("Phaïm"), repair("Phaïm", hint="vni")] == [("Phaïm", None), ("Phạm", "vni")]
    assert repair("“XÃ”", hint="tcvn3") == ("“XÃ”", None)  # no XÔ
    assert [t for t in VALID for kind in TABLES if repair(t, hint=kind) != (t, None)] == []


def test_two_readings_are_none_until_the_sheet_says_which():
    assert [repair("Thuû", hint=h)[0] for h in (None, "tcvn3", "vni")] == ["Thuû", "Thuỷ", "Thủ"]
    assert [repair("Ngöng", hint=h)[0] for h in (None, "tcvn3", "vni")] == ["Ngöng", "Ngửng", "Ngưng"]


def test_every_syllable_in_every_case_is_left_alone_by_both_paths():
    assert len(SYLLABLES) > 15_000
    assert [t for t in VALID if suspect(t) or repair(t) != (t, None)] == []


def test_what_the_project_itself_writes_is_left_alone():
    rng = random.Random(1)
    texts = [names.anyone(rng) for _ in range(2000)] + names.places(rng)
    texts += [names.initiative_title(rng, f) for f in names.FIELDS for _ in range(200)]
    forms = [p.read_text(encoding="utf-8") for p in Path("assets/raw").glob("*.yml")]
    texts += [c[key] for f in forms for c in yaml.safe_load(f)["columns"] for key in ("label", "hint")] + forms
    assert len(forms) >= 4
    for each in (str, str.upper):
        assert [t for t in map(each, texts) if suspect(t) or repair(t) != (t, None)] == []


@pytest.mark.parametrize("around", ["{}", "{} 2023", "({})", "{0} {0}", "Lai Chau, {}"])
def test_foreign_words_are_left_alone(around):
    texts = [around.format(word) for f in FOREIGN.split() for word in (f, f.upper())]
    assert [t for t in texts if repair(t) != (t, None)] == []


@pytest.mark.parametrize("text", re.split(r"[|\n]", SIGNS))
def test_numbers_codes_signs_and_other_scripts_are_left_alone(text):
    assert repair(text) == (text, None)


@given(st.lists(st.sampled_from(VALID), min_size=1, max_size=8).map(" ".join))
def test_valid_vietnamese_comes_back_as_it_is_however_composed(text):
    assert repair(text) == (text, None)
    assert not suspect(text)
    assert repair(unicodedata.normalize("NFD", text))[0] == text


ANY_TEXT = (
    st.text()
    | st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F))
    | st.text("aoueynghtSNTÃÂá»ºùøïâÔ×®§\xad\xa0²ðÐđ…")
)


@example("2U£\x91\x82$Ë", ".VnTime", None)  # what the font says looks damaged itself
@given(
    ANY_TEXT, st.sampled_from([None, ".VnTime", ".VnTimeH", "VNI-Times", "Arial", ""]), st.sampled_from([None, *TABLES, "eth"])
)
def test_any_text_comes_back_composed_and_a_second_time_unchanged(text, font, hint):
    repaired, kind = repair(text, font, hint)
    assert unicodedata.is_normalized("NFC", repaired)
    assert (kind is None) == (repaired == text)
    assert repair(repaired) == (repaired, None)
    if not suspect(text):
        assert repair(text) == (text, None)


@pytest.mark.parametrize("kind", TABLES)
@given(data=st.data())
def test_a_font_brings_back_every_text_that_it_typed(kind, data):
    text = " ".join(data.draw(st.lists(st.sampled_from(ACCENTED), min_size=1, max_size=9)))
    assert repair(typed(text, kind), FONTS[kind])[0] == text


@pytest.mark.parametrize(
    ("kind", "one", "hinted", "two", "four"),  # the rest can be read as Vietnamese as it stands
    [("tcvn3", 0.66, 0.87, 0.91, 0.995), ("vni", 0.79, 0.93, 0.96, 0.995)],
)
def test_without_a_font_most_texts_come_back(kind, one, hinted, two, four):
    rng = random.Random(7)
    words = [s.capitalize() for s in ACCENTED]
    assert share(words, kind) > one
    assert share(words, kind, hint=kind) > hinted
    for count, least in ((2, two), (4, four)):
        assert share([" ".join(rng.choices(words, k=count)) for _ in range(4000)], kind) > least


@pytest.mark.parametrize(("kind", "alone", "hinted"), [("tcvn3", 0.97, 0.98), ("vni", 0.94, 0.97)])
def test_without_a_font_nearly_every_name_of_a_person_comes_back(kind, alone, hinted):
    rng = random.Random(7)
    people = [p for p in (names.anyone(rng) for _ in range(2000)) if not p.isascii()]
    assert share(people, kind) > alone
    assert share(people, kind, hint=kind) > hinted


@pytest.mark.parametrize(("encoding", "one", "two"), [("cp1252", 0.96, 0.99), ("latin-1", 0.98, 0.99)])
def test_utf8_read_as_a_one_byte_encoding_is_read_anew(encoding, one, two):
    rng = random.Random(7)
    for count, least in ((1, one), (2, two)):
        texts = [" ".join(rng.choices(ACCENTED, k=count)).title() for _ in range(2000)]
        damaged = ["".join(bytes([b]).decode(encoding, "ignore") or chr(b) for b in t.encode()) for t in texts]
        assert sum(repair(d) == (t, "mojibake") for d, t in zip(damaged, texts, strict=True)) / len(texts) > least


def test_the_fast_path_is_fast():
    def cost(text):
        return min(timeit.repeat(lambda: suspect(text), number=5000, repeat=7)) / 5000

    assert cost("Nguyen Van A, 31/05/2023") < 0.5e-6
    assert cost("Nguyễn Thị Thu Hương") < 3e-6
