"""The units of the made-up province and which of them send returns; their CSV files are written in reference.py."""

from dataclasses import dataclass
from datetime import date
from random import Random

from pipelines.province.names import places

PROVINCE = "MM"
OLD = date(2018, 1, 1)
# code → (name, public units, business units)
UPPER = {
    "MM-TP": ("LĐLĐ thành phố Mường Mây", 74, 32),
    "MM-BL": ("LĐLĐ huyện Bản Lìm", 76, 5),
    "MM-HX": ("LĐLĐ huyện Hua Xoan", 76, 5),
    "MM-KS": ("LĐLĐ huyện Khun Sèo", 76, 5),
    "MM-NT": ("LĐLĐ huyện Nậm Thoong", 76, 5),
    "MM-PK": ("LĐLĐ huyện Pa Khẻo", 76, 4),
    "MM-SL": ("LĐLĐ huyện Sì Lưởng", 76, 4),
    "MM-TM": ("LĐLĐ huyện Tả Mẩy", 76, 4),
    "MM-GD": ("CĐ ngành Giáo dục", 35, 0),
    "MM-YT": ("CĐ ngành Y tế", 22, 0),
    "MM-VC": ("CĐ Viên chức tỉnh", 37, 0),
}
DISTRICTS = {code: name.removeprefix("LĐLĐ ") for code, (name, *_) in UPPER.items() if name.startswith("LĐLĐ")}
# where and when the ten business units of 2023 were founded
FOUNDED = (
    ("MM-TP", 2, 8),
    ("MM-TP", 2, 17),
    ("MM-BL", 3, 7),
    ("MM-TP", 3, 14),
    ("MM-HX", 3, 20),
    ("MM-TP", 4, 6),
    ("MM-NT", 4, 12),
    ("MM-TP", 4, 19),
    ("MM-KS", 5, 9),
    ("MM-TP", 5, 16),
)

_LOCAL_OFFICES = (
    "Văn phòng HĐND và UBND",
    "Phòng Nội vụ",
    "Phòng Tài chính - Kế hoạch",
    "Phòng Tư pháp",
    "Phòng Y tế",
    "Phòng Lao động - Thương binh và Xã hội",
    "Phòng Giáo dục và Đào tạo",
    "Phòng Văn hóa và Thông tin",
    "Phòng Tài nguyên và Môi trường",
    "Phòng Nông nghiệp và Phát triển nông thôn",
    "Phòng Kinh tế và Hạ tầng",
    "Phòng Dân tộc",
    "Thanh tra",
    "Trung tâm Y tế",
    "Trung tâm GDNN - GDTX",
    "Trung tâm Dịch vụ nông nghiệp",
    "Trung tâm Văn hóa, Thể thao và Truyền thông",
    "Trung tâm Phát triển quỹ đất",
    "Ban Quản lý dự án",
    "Ban Quản lý rừng phòng hộ",
    "Văn phòng cấp ủy",
    "Ban Tổ chức cấp ủy",
    "Ban Tuyên giáo cấp ủy",
    "Ban Dân vận cấp ủy",
    "Cơ quan Ủy ban Kiểm tra cấp ủy",
    "Cơ quan Ủy ban MTTQ",
    "Hội Nông dân",
    "Hội Liên hiệp Phụ nữ",
    "Đoàn Thanh niên",
    "Hội Cựu chiến binh",
    "Hội Chữ thập đỏ",
    "Trung tâm Chính trị",
    "Hạt Kiểm lâm",
    "Đội Quản lý trật tự",
)
_LOCAL_BODIES = ("Ủy ban nhân dân xã", "Trường Mầm non", "Trường Tiểu học", "Trường THCS", "Trường PTDTBT")
_HEALTH = (
    "Bệnh viện Đa khoa tỉnh",
    "Bệnh viện Y học cổ truyền tỉnh",
    "Bệnh viện Phổi tỉnh",
    "Cơ quan Sở Y tế",
    "Trung tâm Kiểm soát bệnh tật tỉnh",
    "Trung tâm Kiểm nghiệm tỉnh",
    "Trung tâm Pháp y tỉnh",
    "Trung tâm Giám định y khoa tỉnh",
    "Chi cục Dân số tỉnh",
    "Chi cục An toàn vệ sinh thực phẩm tỉnh",
)
_OFFICES = (
    "Sở Nội vụ",
    "Sở Tài chính",
    "Sở Tư pháp",
    "Sở Công Thương",
    "Sở Xây dựng",
    "Sở Giao thông vận tải",
    "Sở Khoa học và Công nghệ",
    "Sở Kế hoạch và Đầu tư",
    "Sở Thông tin và Truyền thông",
    "Sở Ngoại vụ",
    "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Tài nguyên và Môi trường",
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Sở Lao động - Thương binh và Xã hội",
    "Thanh tra tỉnh",
    "Ban Dân tộc tỉnh",
    "Văn phòng UBND tỉnh",
    "Văn phòng Tỉnh ủy",
    "Ban Tổ chức Tỉnh ủy",
    "Ban Tuyên giáo Tỉnh ủy",
    "Ban Dân vận Tỉnh ủy",
    "Ban Nội chính Tỉnh ủy",
    "Ủy ban Kiểm tra Tỉnh ủy",
    "Ủy ban MTTQ tỉnh",
    "Tỉnh đoàn",
    "Hội Nông dân tỉnh",
    "Hội Liên hiệp Phụ nữ tỉnh",
    "Hội Cựu chiến binh tỉnh",
    "Cơ quan LĐLĐ tỉnh",
    "Chi cục Kiểm lâm tỉnh",
    "Chi cục Thủy lợi tỉnh",
    "Bảo tàng tỉnh",
    "Thư viện tỉnh",
    "Trung tâm Lưu trữ tỉnh",
    "Trường Chính trị tỉnh",
    "Hội Chữ thập đỏ tỉnh",
    "Hội Văn học Nghệ thuật tỉnh",
)
_STRAIGHT = (
    "Báo Mường Mây",
    "Đài Phát thanh - Truyền hình tỉnh",
    "Trường Cao đẳng Cộng đồng tỉnh",
    "Ban Quản lý khu kinh tế",
    "Quỹ Đầu tư phát triển tỉnh",
    "Ban Quản lý dự án đầu tư xây dựng tỉnh",
    "Trung tâm Dịch vụ việc làm tỉnh",
    "Trung tâm Xúc tiến đầu tư tỉnh",
    "Liên minh Hợp tác xã tỉnh",
    "Vườn quốc gia Mường Mây",
    "Trung tâm Nước sạch nông thôn tỉnh",
    "Nhà Văn hóa Lao động tỉnh",
)
_CENTRAL = (
    "Cục Thuế tỉnh",
    "Kho bạc Nhà nước tỉnh",
    "Bảo hiểm xã hội tỉnh",
    "Cục Thống kê tỉnh",
    "Cục Hải quan tỉnh",
    "Tòa án nhân dân tỉnh",
    "Viện Kiểm sát nhân dân tỉnh",
    "Cục Thi hành án dân sự tỉnh",
    "Điện lực tỉnh",
    "Bưu điện tỉnh",
    "Viễn thông tỉnh",
    "Ngân hàng Nhà nước tỉnh",
    "Ngân hàng Nông nghiệp tỉnh",
    "Ngân hàng Chính sách xã hội tỉnh",
    "Ngân hàng Đầu tư tỉnh",
    "Cục Quản lý thị trường tỉnh",
    "Cục Dự trữ Nhà nước khu vực",
    "Kiểm toán Nhà nước khu vực",
    "Đài Khí tượng Thủy văn tỉnh",
    "Thủy điện Mường Mây",
    "Thủy điện Hua Xoan",
    "Cao su Mường Mây",
    "Truyền tải điện Mường Mây",
    "Xăng dầu Mường Mây",
)
_TRADES = (
    "chè",
    "xây dựng",
    "vận tải",
    "may mặc",
    "nông sản",
    "dược liệu",
    "gạch không nung",
    "thương mại",
    "du lịch",
    "nước sạch",
    "lâm nghiệp",
    "thủy sản",
)
_BRANDS = ("Hoa Ban", "Mây Ngàn", "Suối Bạc", "Đỉnh Xanh", "Sao Rừng", "Tân Phú Mây", "Bình Minh Núi", "Thảo Nguyên Gió")


@dataclass(frozen=True)
class Unit:
    """One unit of the province, as a line of units.csv."""

    code: str
    name: str
    level: str
    parent: str
    sector: str
    managed: str
    officer_email: str
    valid_from: date

    @property
    def sender(self) -> str:
        """Who sends this unit's returns: its upper union, or itself."""
        return self.parent if self.level == "grassroots" and self.parent != PROVINCE else self.code

    @property
    def is_new(self) -> bool:
        return self.valid_from > OLD


def make_units(seed: int) -> list[Unit]:
    """The province, its upper unions, then every grassroots unit in the order of its code."""
    rng = Random(f"{seed}-registry")
    towns = iter(places(rng))
    firms = iter(_firm_names(rng))
    units = [_unit(PROVINCE, "LĐLĐ tỉnh Mường Mây (giả định)", "province", "")]
    units += [_unit(code, name, "upper", PROVINCE) for code, (name, *_) in UPPER.items()]
    for code, (_, public, business) in UPPER.items():
        names = _public_names(code, towns)[:public]
        units += [_unit(f"{code}-{n:03}", f"CĐCS {name}", "grassroots", code, "public") for n, name in enumerate(names, 1)]
        founded = [date(2023, m, d) for at, m, d in FOUNDED if at == code]
        dates = [OLD] * (business - len(founded)) + founded
        units += [
            _unit(f"{code}-{n:03}", f"CĐCS {next(firms)}", "grassroots", code, "business", valid_from=when)
            for n, when in enumerate(dates, public + 1)
        ]
    straight = [(name, "public") for name in _STRAIGHT] + [(next(firms), "business"), (next(firms), "business")]
    units += [
        _unit(f"MM-TT-{n:02}", f"CĐCS {name}", "grassroots", PROVINCE, sector, mail=True)
        for n, (name, sector) in enumerate(straight, 1)
    ]
    units += [
        _unit(f"MM-TW-{n:02}", f"CĐCS {name}", "grassroots", PROVINCE, "public", managed="central", mail=True)
        for n, name in enumerate(_CENTRAL, 1)
    ]
    return units


def senders(units: list[Unit]) -> list[Unit]:
    """The province, the upper unions and the grassroots units straight under the province."""
    return [u for u in units if u.sender == u.code]


def _unit(code, name, level, parent, sector="", managed="direct", mail=False, valid_from=OLD) -> Unit:
    address = f"cd.{code.lower()}@example.org" if mail or level != "grassroots" else ""
    return Unit(code, name, level, parent, sector, managed, address, valid_from)


def _public_names(code: str, towns) -> list[str]:
    if code in DISTRICTS:
        offices = [f"{office} {DISTRICTS[code]}" for office in _LOCAL_OFFICES]
        kinds = [b.replace("xã", "phường") for b in _LOCAL_BODIES] if code == "MM-TP" else _LOCAL_BODIES
        return offices + [f"{kind} {town}" for town in (next(towns) for _ in range(9)) for kind in kinds]
    if code == "MM-GD":
        boarding = [f"Trường PTDTNT {place}" for place in DISTRICTS.values()]
        return [
            "Cơ quan Sở Giáo dục và Đào tạo",
            "Trường Cao đẳng Sư phạm tỉnh",
            "Trung tâm GDTX tỉnh",
            *boarding,
            *(f"Trường THPT {next(towns)}" for _ in range(24)),
        ]
    if code == "MM-YT":
        return [*_HEALTH, *(f"Phòng khám Đa khoa khu vực {next(towns)}" for _ in range(12))]
    return list(_OFFICES)


def _firm_names(rng: Random) -> list[str]:
    forms = ("Công ty TNHH", "Công ty Cổ phần", "Hợp tác xã")
    names = [f"{rng.choice(forms)} {trade} {brand}" for trade in _TRADES for brand in _BRANDS]
    rng.shuffle(names)
    return names
