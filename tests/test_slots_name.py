"""Names and forms of address, and what only begins like one."""

import pytest

from tests.slots_at import slot, slots_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我姓王", "王"),
        ("她叫周敏,13800138000", "周敏"),
        ("俺是老郭", "老郭"),
        ("张三 电话 13800138000", "张三"),
        ("免贵姓欧阳", "欧阳"),
        ("我叫王强", "王强"),
        ("找李女士", "李女士"),
        ("联系人张三", "张三"),
        ("联系人:诸葛小明", "诸葛小明"),
        ("13800138003,姓孙", "孙"),
        ("曹操13800138401", "曹操"),
        ("13800138401曹操", "曹操"),
        ("明天下午取,13800138401 曹操", "曹操"),
        ("赵敏 13800138000 杭州西湖区文三路90号", "赵敏"),
        ("寄件人鲁肃;13800138220", "鲁肃"),
        ("周先生 13800138065", "周先生"),
        ("我是王强", "王强"),
        ("叫我老吴就好", "老吴"),
        ("找前台小周就行", "小周"),
        ("张先生", "张先生"),
        ("姓名:陈晓东\n电话:13800138000", "陈晓东"),
        ("联系人換成劉小姐", "劉小姐"),
        ("王总13800138017,要两箱", "王总"),
        ("我姓林,双木林", "林"),
        ("名字是李小龙", "李小龙"),
        ("我小吴,13911024567", "小吴"),
        ("托运人何律师", "何律师"),
        ("浙江省嘉兴市平湖市人民西路55号 乔师傅", "乔师傅"),
        ("内蒙古赤峰市克什克腾旗经棚镇应昌路12号 乌云其木格 15047618923", "乌云其木格"),
        ("陕西省 西安市 雁塔区 小寨西路26号 , 石磊 , 15029667310", "石磊"),
    ],
)
def test_a_name_is_found(text: str, name: str) -> None:
    assert slot("name", text) == name


@pytest.mark.parametrize(
    ("text", "name", "receiver"),
    [
        ("收件人老刘13900139003", None, "老刘"),
        ("收件人李女士", None, "李女士"),
        ("收货人是我妈,叫孙秀英", None, "孙秀英"),
        ("收件人:刘芳 13900139043", None, "刘芳"),
        ("我叫王强,收件人李梅", "王强", "李梅"),
        ("寄件人王建国13800138033,收件人陈小姐13900139044", "王建国", "陈小姐"),
        ("收件人姓林", None, "林"),
    ],
)
def test_the_receivers_name_is_told_from_the_senders(text: str, name: str | None, receiver: str) -> None:
    slots = slots_of(text)
    assert (slots.get("name"), slots.get("receiver_name")) == (name, receiver)


@pytest.mark.parametrize(
    "text",
    [
        "快递员叫王强,态度恶劣",
        "那个姓王的快递员骂人",
        "收款人鲁肃",
        "找你们经理",
        "找客服",
        "马上来取13800138000",
        "文件13800138000",
        "谢谢13800138000",
        "高兴",
        "谢谢",
        "查投诉",
        "方便的话13800138000",
        "我是寄件人",
        "我叫的快递呢",
        "周三13800138000",
        "白酒能寄吗",
        "成都",
        "费心了",
    ],
)
def test_other_words_and_other_people_are_no_name(text: str) -> None:
    assert slot("name", text) is None


def test_a_form_of_address_may_have_a_rare_surname() -> None:
    assert slot("receiver_name", "收货人冼伯") == "冼伯"


@pytest.mark.parametrize(
    ("text", "slot_name", "name"),
    [
        ("收货人:白玛央金 13989001122 日喀则桑珠孜区", "receiver_name", "白玛央金"),
        ("收件人古丽娜尔 18999012267", "receiver_name", "古丽娜尔"),
        ("买买提·艾力,15299887766", "name", "买买提·艾力"),
        ("收货人名字错了,不是王磊是汪磊", "receiver_name", "汪磊"),
        ("收货人Mr. Brown那票签收没有", "receiver_name", "Mr. Brown"),
        ("Tony Wang +86 135 2210 7764", "name", "Tony Wang"),
        ("俺姓牛,叫牛铁柱", "name", "牛铁柱"),
        ("recipient: 王芳 13900139000", "receiver_name", "王芳"),
        ("【收货人】阿依古丽", "receiver_name", "阿依古丽"),
        ("收货人变更为宋佳", "receiver_name", "宋佳"),
        ("「联系人」斯琴", "name", "斯琴"),
        ("是否已由收件方签收", "receiver_name", None),
    ],
)
def test_names_of_all_peoples_and_letters(text: str, slot_name: str, name: str | None) -> None:
    assert slot(slot_name, text) == name


def test_a_label_with_no_name_behind_it_gives_none() -> None:
    assert slot("name", "面单上我的手机号姓名全裸着 被人拍了发群里") is None
    assert slot("receiver_name", "收件人电话 13900139000") is None
