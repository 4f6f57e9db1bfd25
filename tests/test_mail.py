"""How messages read: each kind as it stands in golden/, word for word; `python tests/test_mail.py` writes them anew, to be looked at."""

from datetime import datetime
from pathlib import Path

import pytest

from pipelines.alerts import Alert, Item, Return
from pipelines.mail import as_html, as_text, letter, message

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2023, 6, 3, 8)
FILE = "2023-05/an.xlsx"


def item(
    n, check_id="members_birth_date_unreadable", severity="warning", unit="MM-A", form="members", said="", row=None, file=FILE
):
    name = {"MM-A": "LĐLĐ huyện An", "MM-A-01": "CĐCS Trường Mầm non Hoa Giấy"}[unit]
    return Item(f"f{n}", check_id, severity, unit, name, "2023-05", form, file, "Đoàn viên" if row else None, row, said)


def of_row(n, row):
    where = f"Trang «Đoàn viên», dòng {row}, cột «Ngày sinh»"
    return item(n, row=row, said=f"{where}: không nhận ra cách ghi ngày này, xin ghi ngày/tháng/năm, ví dụ 31/05/2023.")


WRONG = (
    *(of_row(n, row) for n, row in enumerate((12, 9, 30))),
    item(7, "aid_amount_vnd_total_differs", "critical", form="aid", row=17, said="Trang «Chăm lo», dòng 17, cột «Số tiền»: dòng «Tổng cộng» ghi 26.440 nhưng các dòng cộng lại được 26.440.000 (tổng này thiếu ba số 0), xin sửa tổng hoặc dòng còn thiếu."),
    item(8, "unit_disappeared", "critical", unit="MM-A-01", said="tệp mới không còn dòng nào của đơn vị MM-A-01 mà tệp trước có, xin gửi lại đủ."),
)  # fmt: skip
MISSING = (
    item(
        9,
        "return_missing",
        form="aid",
        file=None,
        said="đã quá hạn 05/06/2023 nhưng chưa nhận được mẫu «Chăm lo» kỳ 05/2023, xin gửi ngay.",
    ),
)
CAME = (
    Return("a-0", "MM-A", "2023-05", "members", FILE, 2479, False, NOW),
    Return("a-1", "MM-A", "2023-05", "aid", FILE, 0, True, NOW),
)


def alert(kind, items=(), returns=(), number=0, days=0):
    return Alert(kind, "MM-A", "LĐLĐ huyện An", "an@example.invalid", "2023-05", items, returns, number, days)


ALERTS = {
    "findings": alert("findings", WRONG, CAME),
    "findings_again": alert("findings", WRONG[:2], CAME, number=1),
    "missing": alert("findings", MISSING),
    "many_rows": alert("findings", tuple(of_row(n, 10 + n) for n in range(40))),
    "reminder": alert("reminder", WRONG[:1], number=1),
    "escalation": alert("escalation", WRONG, days=14),
    "all_clear": alert("all_clear", (), CAME, number=2),
    "receipt": alert("receipt", (), CAME),
}


def written(kind):
    """Text and HTML of one kind, with their subject on top."""
    said = letter(ALERTS[kind], "LĐLĐ tỉnh Mẫu (giả định)", NOW)
    return {f"{kind}.txt": f"{said.subject}\n\n{as_text(said)}", f"{kind}.html": as_html(said)}


@pytest.mark.parametrize("kind", ALERTS)
def test_a_message_reads_as_it_was_looked_at(kind):
    for name, text in written(kind).items():
        assert text == (GOLDEN / name).read_text("utf-8"), name


def test_a_line_break_in_the_name_of_a_file_makes_no_line_of_ours():
    odd = item(1, file="x»\n\nTrân trọng,\nKẻ giả danh.xlsx", said="Trang «Một\nHai», dòng 3: xin xem lại.")
    text = as_text(letter(alert("findings", (odd,)), "LĐLĐ tỉnh Mẫu (giả định)", NOW))
    assert text.count("\nTrân trọng,\n") == 1
    assert "Kẻ giả danh.xlsx»\n- " in text


def test_the_same_alert_is_the_same_message_to_the_byte():
    said = letter(ALERTS["findings"], "LĐLĐ tỉnh Mẫu (giả định)", NOW)
    one, two = (message(ALERTS["findings"], said, "tinh@lien-doan.example", NOW) for _ in range(2))
    assert one.as_bytes() == two.as_bytes()
    later = message(ALERTS["findings_again"], said, "tinh@lien-doan.example", NOW)
    assert later["Message-ID"] != one["Message-ID"]


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for kind in ALERTS:
        for name, text in written(kind).items():
            (GOLDEN / name).write_text(text, "utf-8")
