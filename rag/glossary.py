"""A small English–Vietnamese glossary, so that an English question has words to look for in Vietnamese text.

Everyday words of news and reference works, their usual translations, and names that Vietnamese writes in its
own way. It need not be complete: what it does not know is left to the encoder.
"""

from __future__ import annotations

import re
from functools import cache

from rag.vietnamese import normal_form

ENTRIES = """
one: một, 1; two: hai, 2; three: ba, 3; four: bốn, 4; five: năm, 5; six: sáu, 6; seven: bảy, 7
eight: tám, 8; nine: chín, 9; ten: mười, 10; eleven: mười một, 11; twelve: mười hai, 12
twenty: hai mươi, 20; thirty: ba mươi, 30; hundred: trăm; thousand: nghìn, ngàn; million: triệu
billion: tỷ, tỉ; half: nửa; double: gấp đôi; dozen: chục; first: đầu tiên, thứ nhất; second: thứ hai, giây
third: thứ ba; last: cuối cùng; percent percentage: phần trăm, %; number: số, con số; total: tổng, tổng cộng
average: trung bình; most: nhất, hầu hết; least: ít nhất; amount: lượng; year: năm; month: tháng; week: tuần
day: ngày; hour: giờ, tiếng; minute: phút; century: thế kỷ; decade: thập kỷ; date: ngày; today: hôm nay
yesterday: hôm qua; morning: sáng; afternoon: chiều; evening night: tối, đêm; age: tuổi; spring: xuân
summer: hè; autumn fall: thu; winter: đông; season: mùa; period era: thời kỳ, giai đoạn, thời đại
january: tháng 1, tháng một; february: tháng 2, tháng hai; march: tháng 3, tháng ba
april: tháng 4, tháng tư; june: tháng 6, tháng sáu; july: tháng 7, tháng bảy; august: tháng 8, tháng tám
september: tháng 9, tháng chín; october: tháng 10, tháng mười; november: tháng 11, tháng mười một
december: tháng 12, tháng mười hai; beginning begin start: bắt đầu, khởi đầu; end finish: kết thúc
before: trước; after: sau; early: sớm, đầu; late: muộn; during: trong; long: dài, lâu; length: chiều dài
short: ngắn; recent: gần đây; ancient: cổ đại, cổ; modern: hiện đại; person people: người, nhân dân
man: đàn ông, nam; woman: phụ nữ, nữ; child children: trẻ em, con; boy: con trai; girl: con gái
father: cha, bố; mother: mẹ; son: con trai; daughter: con gái; brother: anh, em trai; sister: chị, em gái
wife: vợ; husband: chồng; family: gia đình; friend: bạn; citizen: công dân; population: dân số
resident: cư dân; born birth: sinh; die death dead: chết, qua đời, tử vong; live: sống; life: cuộc sống, đời
marry: kết hôn, cưới; name: tên; call: gọi; title: danh hiệu, tước; word: từ; language: ngôn ngữ, tiếng
letter: thư, chữ; english: tiếng anh, anh; king: vua; queen: nữ hoàng, hoàng hậu; emperor: hoàng đế
prince: hoàng tử; empire: đế quốc, đế chế; kingdom: vương quốc; dynasty: triều đại, nhà
president: tổng thống, chủ tịch; minister: bộ trưởng; premier: thủ tướng; leader: lãnh đạo
government: chính phủ, chính quyền; state: nhà nước, tiểu bang, bang; nation: quốc gia, dân tộc
country: quốc gia, nước; national: quốc gia; international: quốc tế; foreign: nước ngoài; federal: liên bang
political politics: chính trị; policy: chính sách; party: đảng; election elect: bầu cử, bầu
vote: bỏ phiếu, bầu; parliament: quốc hội, nghị viện; assembly: quốc hội, hội đồng; council: hội đồng
committee: ủy ban; commission: ủy ban; department: sở, bộ; agency: cơ quan; ministry: bộ; member: thành viên
secretary: bí thư, thư ký; chairman: chủ tịch; deputy: phó; official: quan chức, chính thức
authority: chính quyền, cơ quan; power: quyền lực, sức mạnh, điện; right: quyền; law legal: luật, pháp luật
act: đạo luật; court: tòa án, tòa; judge: thẩm phán; constitution: hiến pháp; treaty: hiệp ước
agreement: hiệp định, thỏa thuận; sign: ký, dấu hiệu; crime criminal: tội phạm, tội; prison: nhà tù, tù
arrest: bắt giữ, bắt; police: cảnh sát, công an; freedom: tự do; democracy democratic: dân chủ
republic: cộng hòa; independence independent: độc lập; union: liên minh, công đoàn; revolution: cách mạng
protest: biểu tình, phản đối; rebellion revolt: nổi dậy, khởi nghĩa; movement: phong trào; war: chiến tranh
battle: trận, trận chiến; army: quân đội; military: quân sự; soldier: lính, binh sĩ; troop: quân
navy: hải quân; force: lực lượng, lực; weapon: vũ khí; bomb: bom; attack: tấn công
defend defense defence: phòng thủ, quốc phòng; security: an ninh; enemy: kẻ thù, địch
victory win winner: chiến thắng, thắng; defeat: đánh bại, thất bại; peace: hòa bình
invade invasion: xâm lược; conquer conquest: chinh phục; occupy: chiếm đóng; kill: giết
general: tướng, chung; command: chỉ huy; commander: chỉ huy, tư lệnh; officer: sĩ quan; colonel: đại tá
border: biên giới, biên phòng; militia: dân quân; recruit: tuyển; training train: huấn luyện, đào tạo
exercise: diễn tập, tập; task duty: nhiệm vụ; mission: nhiệm vụ, sứ mệnh; base: căn cứ; city: thành phố
town: thị trấn, thị xã; village: làng, thôn; province: tỉnh; district: huyện, quận; commune: xã
ward: phường; region area: khu vực, vùng; county: quận, hạt; capital: thủ đô; place: nơi, địa điểm
site: địa điểm; land: đất; territory: lãnh thổ; world: thế giới; earth: trái đất
continent: lục địa, châu lục; island: đảo; sea: biển; ocean: đại dương; river: sông; lake: hồ; mountain: núi
hill: đồi; valley: thung lũng; forest: rừng; desert: sa mạc; coast: bờ biển; beach: bãi biển; bay: vịnh
north northern: bắc, phía bắc; south southern: nam, phía nam; east eastern: đông, phía đông
west western: tây, phía tây; center central centre: trung tâm, trung ương; border: biên giới
street: đường, phố; road: đường; bridge: cầu; port: cảng; house home: nhà; building: tòa nhà
build construct construction: xây dựng; tower: tháp; castle: lâu đài; palace: cung điện
church: nhà thờ, giáo hội; temple: đền; park: công viên; garden: vườn; room: phòng; floor: tầng; wall: tường
gate: cổng; airport: sân bay; station: ga, trạm; train: tàu, xe lửa; railway rail: đường sắt; car: xe, ô tô
vehicle: xe, phương tiện; ship: tàu; boat: thuyền; plane aircraft: máy bay; flight fly: bay
travel: đi, du lịch; traffic: giao thông; transport: vận tải, vận chuyển; tourist tourism: du lịch
visit visitor: thăm, khách; hotel: khách sạn; stadium: sân vận động; museum: bảo tàng; library: thư viện
north america: bắc mỹ; america american: mỹ, hoa kỳ; britain british: anh; england: anh; germany german: đức
france french: pháp; italy italian: ý, italia; spain spanish: tây ban nha; portugal portuguese: bồ đào nha
russia russian: nga; china chinese: trung quốc; japan japanese: nhật bản, nhật
korea korean: hàn quốc, triều tiên; india indian: ấn độ; australia australian: úc; greece greek: hy lạp
rome roman: la mã; egypt egyptian: ai cập; turkey turkish: thổ nhĩ kỳ; poland polish: ba lan
netherlands dutch: hà lan; sweden swedish: thụy điển; norway norwegian: na uy; denmark danish: đan mạch
austria: áo; switzerland swiss: thụy sĩ; belgium: bỉ; ireland irish: ireland, ái nhĩ lan
scotland scottish: scotland; soviet: liên xô; europe european: châu âu; asia asian: châu á
africa african: châu phi; mongolia mongol: mông cổ; arab arabic: ả rập; jew jewish: do thái
muslim islam islamic: hồi giáo; christian: kitô giáo, cơ đốc; catholic: công giáo; protestant: tin lành
vietnam vietnamese: việt nam; thailand: thái lan; laos: lào; cambodia: campuchia; london: luân đôn
paris: paris; berlin: berlin; pacific: thái bình dương; atlantic: đại tây dương
mediterranean: địa trung hải; arctic: bắc cực; antarctica: nam cực; god: chúa, thần
religion religious: tôn giáo; pope: giáo hoàng; priest: linh mục; bishop: giám mục; monk: tu sĩ
bible: kinh thánh; believe belief faith: tin, niềm tin, đức tin; spirit: tinh thần, linh hồn; soul: linh hồn
holy: thánh; saint: thánh; pray: cầu nguyện; school: trường, trường học; university: đại học
college: trường đại học, cao đẳng; student: sinh viên, học sinh; pupil: học sinh; teacher: giáo viên
teach: dạy; professor: giáo sư; education educate: giáo dục; learn study: học, nghiên cứu
class: lớp, giai cấp; research: nghiên cứu; science scientific: khoa học; scientist: nhà khoa học
knowledge: kiến thức; degree: bằng, độ; graduate: tốt nghiệp; book: sách, cuốn; write writer: viết, nhà văn
author: tác giả; read: đọc; publish: xuất bản, công bố; newspaper: báo, tờ báo; paper: giấy, bài báo
story: câu chuyện, truyện; history historical: lịch sử; historian: nhà sử học; document: tài liệu, văn bản
news: tin tức, tin; report: báo cáo; interview: phỏng vấn; journalist: nhà báo; television tv: truyền hình
radio: phát thanh, radio; film movie: phim; music musical: âm nhạc; song: bài hát; sing singer: hát, ca sĩ
artist: nghệ sĩ, họa sĩ; art: nghệ thuật; paint painting: tranh, vẽ; play: chơi, vở kịch
game: trò chơi, trận đấu; sport: thể thao; player: cầu thủ, người chơi; team: đội; football: bóng đá
ball: bóng; coach: huấn luyện viên; champion championship: vô địch; cup: cúp; match: trận
league: giải, liên đoàn; score goal: ghi bàn, bàn thắng, điểm; race: cuộc đua, chủng tộc
compete competition: cạnh tranh, thi đấu; award prize: giải thưởng; record: kỷ lục, ghi; event: sự kiện
festival: lễ hội; ceremony: lễ, buổi lễ; celebrate: kỷ niệm, ăn mừng; dance: múa, nhảy
culture cultural: văn hóa; tradition traditional: truyền thống; custom: phong tục; style: phong cách, kiểu
design: thiết kế; economy economic: kinh tế; economist: nhà kinh tế; money: tiền; bank: ngân hàng
business: kinh doanh, doanh nghiệp; company: công ty; industry industrial: công nghiệp; factory: nhà máy
market: thị trường, chợ; trade: thương mại, buôn bán; price: giá; cost: chi phí, giá
pay payment: trả, thanh toán; buy purchase: mua; sell sale: bán; tax: thuế; wage salary: lương
income: thu nhập; rich wealth: giàu, của cải; poor poverty: nghèo; debt: nợ; fund: quỹ; budget: ngân sách
invest investment: đầu tư; profit: lợi nhuận; dollar: đô la, usd
product produce production: sản phẩm, sản xuất; export: xuất khẩu; import: nhập khẩu
growth grow: tăng trưởng, phát triển; develop development: phát triển; increase: tăng
decrease decline reduce: giảm; project: dự án; plan: kế hoạch; program: chương trình
work worker: làm việc, công nhân, lao động; labor labour: lao động; job: việc làm, công việc
employ employee: nhân viên, thuê; office: văn phòng; service: dịch vụ, phục vụ
organize organization: tổ chức; group: nhóm; society social: xã hội; community: cộng đồng
inequality: bất bình đẳng; equal: bằng, bình đẳng; public: công cộng, công; private: tư nhân, riêng
free: tự do, miễn phí; farm farmer: nông dân, trang trại; agriculture agricultural: nông nghiệp
food: thực phẩm, thức ăn; rice: lúa, gạo; eat: ăn; drink: uống; plant: thực vật, cây, nhà máy; tree: cây
flower: hoa; animal: động vật; dog: chó; cat: mèo; horse: ngựa; bird: chim; fish: cá; cow: bò
insect: côn trùng; species: loài; cell: tế bào; gene genetic: gen, di truyền; body: cơ thể; blood: máu
heart: tim; brain: não; head: đầu, đứng đầu; hand: tay; foot: chân; eye: mắt; skin: da; bone: xương
disease illness: bệnh; virus: virus; bacteria: vi khuẩn; doctor physician: bác sĩ; hospital: bệnh viện
medicine drug: thuốc; medical: y tế, y học; patient: bệnh nhân; treat treatment: điều trị
health: sức khỏe, y tế; pharmacy pharmacist: dược, dược sĩ; vaccine: vắc xin; immune: miễn dịch
infection: nhiễm; plague: dịch hạch; water: nước; air: không khí; fire: lửa, cháy; ice: băng; snow: tuyết
rain: mưa; wind: gió; storm: bão; flood: lũ, lụt; earthquake: động đất; weather: thời tiết; climate: khí hậu
temperature: nhiệt độ; heat: nhiệt; hot: nóng; cold: lạnh; warm: ấm; light: ánh sáng, đèn
sun solar: mặt trời; moon: mặt trăng; star: sao, ngôi sao; planet: hành tinh; space: không gian, vũ trụ
sky: trời; environment: môi trường; pollution: ô nhiễm; energy: năng lượng; electric electricity: điện
oil: dầu; gas: khí; coal: than; fuel: nhiên liệu; steam: hơi nước; engine: động cơ; machine: máy, máy móc
computer: máy tính; technology: công nghệ; internet: internet, mạng; network: mạng, mạng lưới
phone: điện thoại; data: dữ liệu; information: thông tin; system: hệ thống; software: phần mềm
invent invention: phát minh; discover discovery: khám phá, phát hiện; create creation: tạo ra, sáng tạo
metal: kim loại; iron: sắt; gold: vàng; silver: bạc; steel: thép; stone rock: đá; wood: gỗ
glass: kính, thủy tinh; chemical: hóa học, hóa chất; oxygen: oxy, ôxy; carbon: carbon, cacbon
atom: nguyên tử; nuclear: hạt nhân; physics physical: vật lý; mathematics mathematical: toán học, toán
biology: sinh học; theory: lý thuyết, thuyết; problem: vấn đề, bài toán; question: câu hỏi
answer: câu trả lời, trả lời; solve solution: giải quyết, giải pháp; method: phương pháp; example: ví dụ
type kind: loại, kiểu; form: hình thức, dạng; shape: hình dạng; size: kích thước; weight: trọng lượng
speed: tốc độ; distance: khoảng cách; height tall high: cao, chiều cao; deep depth: sâu, độ sâu; wide: rộng
large big: lớn; small: nhỏ; great: vĩ đại, lớn; new: mới; old: cũ, già; young: trẻ; good: tốt; bad: xấu
important: quan trọng; main: chính; major: lớn, chính; famous: nổi tiếng; popular: phổ biến
common: phổ biến, chung; special: đặc biệt; different difference: khác, khác biệt; similar: tương tự
same: cùng, giống; strong: mạnh; weak: yếu; fast: nhanh; slow: chậm; easy: dễ; difficult hard: khó
true: đúng, thật; false wrong: sai; possible: có thể; black: đen; white: trắng; red: đỏ; blue: xanh
green: xanh; yellow: vàng; color colour: màu; open: mở; close: đóng, gần; full: đầy
cause: nguyên nhân, gây ra; reason: lý do; result: kết quả; effect: hiệu ứng, tác động, ảnh hưởng
influence: ảnh hưởng; impact: tác động; role: vai trò; purpose: mục đích; aim: mục tiêu; idea: ý tưởng
thought think: nghĩ, suy nghĩ; opinion: ý kiến; view: quan điểm; see: thấy; say: nói; tell: kể, nói
speak: nói; speech: bài phát biểu, phát biểu; talk: nói chuyện; ask: hỏi, yêu cầu; know: biết; mean: nghĩa
make: làm, tạo; do: làm; use: sử dụng, dùng; give: cho, trao; take: lấy, mất; get receive: nhận, nhận được
bring: mang; send: gửi; find: tìm, tìm thấy; lose loss: mất, thua; keep: giữ; hold: tổ chức, giữ; put: đặt
move: di chuyển; come: đến; go: đi; leave: rời; arrive: đến; return: trở lại, trở về; follow: theo
lead led: dẫn đầu, lãnh đạo, dẫn; help: giúp; support: hỗ trợ, ủng hộ; join: tham gia
meet meeting: họp, cuộc họp, gặp; conference: hội nghị; attend: dự, tham dự; participate: tham gia
chair: chủ trì; discuss: thảo luận; announce: công bố, thông báo; decide decision: quyết định; choose: chọn
allow: cho phép; ban forbid: cấm; require: yêu cầu, đòi hỏi; need: cần, nhu cầu; want: muốn
try: cố gắng, thử; change: thay đổi; become: trở thành; remain: vẫn, còn lại; include: bao gồm
contain: chứa; consist: bao gồm; base: dựa; found establish: thành lập, sáng lập; appoint: bổ nhiệm
replace: thay thế; share: chia sẻ; control: kiểm soát, điều khiển; manage: quản lý
protect protection: bảo vệ; destroy: phá hủy, tiêu diệt; damage: thiệt hại, hư hại
prevent: ngăn chặn, phòng; accident: tai nạn; rescue: cứu, cứu hộ; injure: bị thương; victim: nạn nhân
suffer: chịu, bị; carry: mang, chở; cover: bao phủ, che; cross: vượt, băng qua; connect: kết nối, nối
divide: chia; separate: tách; join: gia nhập; measure: đo, biện pháp; count: đếm; calculate: tính, tính toán
test: kiểm tra, thử nghiệm; show: cho thấy; describe: mô tả; explain: giải thích; argue: cho rằng, lập luận
claim: tuyên bố; propose: đề xuất; suggest: đề nghị, gợi ý; accept: chấp nhận
reject refuse: từ chối, bác bỏ; oppose: phản đối; criticize criticism: chỉ trích, phê bình; accuse: cáo buộc
admit: thừa nhận; early: sớm; original: gốc, ban đầu; current: hiện tại, dòng; future: tương lai
past: quá khứ; level: mức, cấp; rate: tỷ lệ; part: phần; piece: mảnh; side: bên, phía; top: đỉnh, đầu
bottom: đáy; inside: trong; outside: ngoài; front: trước, mặt trận; back: sau, lưng; gift: quà
aid: viện trợ, hỗ trợ; veteran: cựu chiến binh; martyr: liệt sĩ; youth: thanh niên; delegate: đại biểu
task: nhiệm vụ; implement: triển khai, thực hiện; perform: thực hiện, biểu diễn; coordinate: phối hợp
sign: ký kết; launch: phát động, phóng; direction: hướng, phương hướng
result achievement: thành tích, kết quả; local: địa phương; people: nhân dân; committee: ủy ban nhân dân
responsible responsibility: trách nhiệm; encourage: khuyến khích, động viên; improve: cải thiện, nâng cao
strengthen: tăng cường
"""
"""`english words: tiếng Việt, tiếng Việt; …`"""


@cache
def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for entry in re.split(r"[;\n]", ENTRIES):
        words, _, meanings = entry.partition(":")
        found = tuple(normal_form(meaning.strip()) for meaning in meanings.split(",") if meaning.strip())
        for word in words.split():
            table[word] = tuple(dict.fromkeys(table.get(word, ()) + found))
    return table


def translations(word: str) -> tuple[str, ...]:
    """Vietnamese words for an English one in any of its usual endings, in normal form; () when unknown."""
    table = _table()
    for stem in stems(word.lower()):
        if stem in table:
            return table[stem]
    return ()


@cache
def _reverse() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for word, meanings in _table().items():
        for meaning in meanings:
            table[meaning] = (*table.get(meaning, ()), word)
    return table


def english_for(phrase: str) -> tuple[str, ...]:
    """English words for a Vietnamese one in normal form; () when unknown."""
    return _reverse().get(phrase, ())


def stems(word: str) -> list[str]:
    """The word, then what it may be without its English ending."""
    found = [word]
    if word.endswith("ies"):
        found.append(word[:-3] + "y")
    for ending in ("'s", "s", "es", "ed", "d", "ing", "er", "ers", "ly", "al"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            found.append(stem)
            if ending in ("ed", "ing", "er", "ers"):
                found.append(stem + "e")
                if stem[-1] == stem[-2]:
                    found.append(stem[:-1])
    return found
