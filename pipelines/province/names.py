"""Invented names of people, places and initiatives; who they belong to is decided elsewhere."""

from random import Random

PEOPLES = {"Kinh": 44, "Thái": 27, "Mông": 14, "Dao": 8, "Giáy": 4, "Hà Nhì": 3}
_FAMILIES = {
    people: names.split()
    for people, names in {
        "Kinh": "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Ngô Dương Đinh Phan Trịnh Mai Cao Tạ Lương",
        "Thái": "Lò Lường Quàng Cà Tòng Hoàng Điêu Cầm Bạc Vì Lù Mào",
        "Mông": "Giàng Vàng Sùng Thào Lầu Mùa Hạng Cứ Ly Tráng",
        "Dao": "Phàn Tẩn Chẻo Lý Triệu Đặng Bàn",
        "Giáy": "Lù Vàng Nông Hoàng Lục Sần",
        "Hà Nhì": "Lỳ Pờ Phùng Chu Toán Vù",
    }.items()
}
_MIDDLES = {
    sex: names.split()
    for sex, names in {
        "male": "Văn Văn Đức Minh Quang Hữu Xuân Ngọc Tuấn Thanh Công Đình",
        "female": "Thị Thị Thị Thị Thu Ngọc Thanh Hồng Phương Kim Bích Minh",
    }.items()
}
_GIVEN = {
    sex: names.split()
    for sex, names in {
        "male": (
            "Anh Bình Chiến Cường Dũng Duy Đạt Đông Hải Hiếu Hòa Hùng Hưng Khánh Kiên Lâm Long Mạnh Nam Nghĩa Phong "
            "Phúc Quân Sơn Tài Thắng Thành Thịnh Tiến Toàn Trung Tú Tuấn Tùng Việt Vinh"
        ),
        "female": (
            "An Anh Bích Chi Diệp Dung Duyên Giang Hà Hạnh Hằng Hiền Hoa Hoài Huệ Huyền Hương Lan Liên Linh Loan "
            "Mai My Nga Ngân Nhung Oanh Phương Quyên Tâm Thảo Thoa Thu Thủy Trang Tuyết Vân Yến"
        ),
    }.items()
}

_HEADS, _TAILS = (
    names.split()
    for names in (
        "Nậm Mường Bản Pa Tả Hua Phìn Khun Sì Thèn Lùng Chăn",
        "Ngoan Thoong Lìm Khao Hinh Mẩy Sèo Đoong Pằn Xoan Lưởng Chồ Mằn Phung Sủm Ngài Tốn Rằm Khẻo Nhùa",
    )
)

_ACTIONS = (
    "Cải tiến",
    "Ứng dụng công nghệ thông tin vào",
    "Rút ngắn thời gian",
    "Nâng cao chất lượng",
    "Đổi mới cách",
    "Xây dựng bộ công cụ",
    "Một số giải pháp",
    "Thiết kế biểu mẫu",
    "Tổ chức lại quy trình",
    "Tiết kiệm chi phí",
)
_TOPICS = {
    "Hành chính": (
        "tiếp nhận và trả kết quả một cửa",
        "lưu trữ hồ sơ công việc",
        "theo dõi văn bản đến",
        "tổng hợp báo cáo định kỳ",
        "quản lý tài sản công",
        "tiếp công dân ở cơ sở",
    ),
    "Giáo dục": (
        "dạy tiếng Việt cho trẻ vùng cao",
        "tổ chức hoạt động trải nghiệm",
        "ôn tập cho học sinh bán trú",
        "làm đồ chơi từ vật liệu sẵn có",
        "duy trì sĩ số học sinh",
        "dạy đọc cho học sinh lớp 1",
    ),
    "Y tế": (
        "quản lý tiêm chủng mở rộng",
        "tư vấn chăm sóc bà mẹ",
        "kiểm kê thuốc và vật tư",
        "sàng lọc bệnh không lây nhiễm",
        "trực cấp cứu ngoài giờ",
        "bảo dưỡng thiết bị xét nghiệm",
    ),
    "Kỹ thuật": (
        "vận hành trạm bơm nước sạch",
        "bảo dưỡng máy công trình",
        "sấy và đóng gói chè",
        "chống sạt lở taluy đường",
        "giảm tiêu hao điện năng",
        "ươm giống cây bản địa",
    ),
}
_ENDINGS = (
    "tại cơ sở",
    "ở vùng đặc biệt khó khăn",
    "phù hợp điều kiện địa phương",
    "giai đoạn 2022-2023",
    "bằng bảng tính dùng chung",
    "theo nhóm công việc",
    "với sự tham gia của tổ công đoàn",
    "cho người mới vào nghề",
    "trong mùa mưa lũ",
    "không tăng thêm kinh phí",
)
FIELDS = tuple(_TOPICS)


def full_name(rng: Random, sex: str, people: str) -> str:
    """An invented name, usual for a sex and a people."""
    return " ".join((rng.choice(_FAMILIES[people]), rng.choice(_MIDDLES[sex]), rng.choice(_GIVEN[sex])))


def anyone(rng: Random) -> str:
    """A person of whom only the name is told."""
    return full_name(rng, rng.choice(("male", "female")), rng.choices(list(PEOPLES), list(PEOPLES.values()))[0])


def places(rng: Random) -> list[str]:
    """Every commune name there can be, shuffled; all differ."""
    names = [f"{head} {tail}" for head in _HEADS for tail in _TAILS]
    rng.shuffle(names)
    return names


def initiative_title(rng: Random, field: str) -> str:
    """An invented title, plausible in a field."""
    return f"{rng.choice(_ACTIONS)} {rng.choice(_TOPICS[field])} {rng.choice(_ENDINGS)}"
