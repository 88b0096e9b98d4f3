"""The kind of a complaint or claim and the topic of a question."""

from __future__ import annotations

import pytest

from intents.kinds import kinds

COMPLAINTS = [
    ("我要投诉", ""),
    ("签收人写的名字我压根不认识", "false_delivery"),
    ("单子显示本人签收可我这周都在外地", "false_delivery"),
    ("拿货时让我再加钱,收据也不给", "charge"),
    ("多要了现金", "charge"),
    ("派件员张嘴就骂街", "attitude"),
    ("嘴很臭", "attitude"),
    ("到手件数不对", "shortage"),
    ("一天推一天的", "delay"),
    ("跟我保证周五到的,今天都周一了", "delay"),
    ("端午的粽子愣是等到端午过了才来", "delay"),
    ("监控拍到你们员工踩我的箱子", "other"),
    ("承诺两天内回复我的,到现在没动静", "other"),
    ("投诉快递员", ""),
    ("你们太不负责任了", ""),
    ("快递员服务态度极差,说话很冲", "attitude"),
    ("派送员在楼下骂我", "attitude"),
    ("客服不耐烦直接挂电话", "attitude"),
    ("拖了五天了你们太不负责任了", "delay"),
    ("说好三天到,今天都第七天了", "delay"),
    ("包裹延误这么久没人解释", "delay"),
    ("箱子送来烂了", "damage"),
    ("我的件300123456789外包装破了,里面杯子碎了", "damage"),
    ("相框玻璃裂了", "damage"),
    ("打开少了一件衣服", "shortage"),
    ("寄了五箱只到了四箱", "shortage"),
    ("包裹丢了,怎么查都查不到", "loss"),
    ("我的快递被你们弄丢了", "loss"),
    ("没签收却显示签收", "false_delivery"),
    ("我根本没收到,系统里写着已签收", "false_delivery"),
    ("快递员多收我十块钱", "charge"),
    ("你们乱收费", "charge"),
    ("约好上门取件没人来", "other"),
    ("不送上门直接放驿站了", "other"),
    ("又送错地方了", "other"),
]
CLAIMS = [
    ("我要理赔", ""),
    ("没寄出去,运费退给我", ""),
    ("丢了怎么赔我", "loss"),
    ("包裹找不到了,赔我两千", "loss"),
    ("手机屏碎了赔我3000", "damage"),
    ("电视摔坏了要索赔", "damage"),
    ("晚到了四天,把运费退了", "delay"),
    ("因为你们延误,螃蟹全死了,赔", "delay"),
    ("少了三包茶叶,按价赔", "mismatch"),
    ("收到的是空盒子,赔我手表", "mismatch"),
    ("内件不符,要求赔偿", "mismatch"),
    ("你们把我的螃蟹送了五天,全死了,赔400", "delay"),
    ("能赔多少给个数", ""),
]
QUESTIONS = [
    ("寄到新疆多少钱", "price"),
    ("十公斤到合肥运费是多少", "price"),
    ("首重怎么收", "price"),
    ("从上海寄到成都要几天", "transit_time"),
    ("次日能到广州吗", "transit_time"),
    ("去西藏五六天能到不", "transit_time"),
    ("偏远地区加收多少", "price"),
    ("镜子你们给包吗还是自己包", "packaging"),
    ("腊肠可以寄去上海不", "prohibited_goods"),
    ("can I send lithium battery to Shenzhen", "prohibited_goods"),
    ("你们送到墨脱吗", "service_area"),
    ("附近有没有网点", "service_area"),
    ("白酒能寄吗", "prohibited_goods"),
    ("可以寄充电宝不", "prohibited_goods"),
    ("有哪些违禁品", "prohibited_goods"),
    ("保价怎么收费", "insurance"),
    ("要不要买保险", "insurance"),
    ("纸箱多少钱一个", "packaging"),
    ("玻璃瓶怎么打包", "packaging"),
    ("丢件一般怎么赔", "claim_policy"),
    ("没保价摔坏了能赔多少", "claim_policy"),
    ("你们几点下班", "service_hours"),
    ("国庆收不收件", "service_hours"),
    ("能开发票吗", "other"),
    ("小程序叫什么", "other"),
    ("天书一样的问题", "other"),
]


@pytest.mark.parametrize(("text", "kind"), COMPLAINTS)
def test_a_complaint_has_the_kind_it_names_or_none(text: str, kind: str) -> None:
    assert kinds(text, "complaint").get("complaint_kind", "") == kind


@pytest.mark.parametrize(("text", "kind"), CLAIMS)
def test_a_claim_has_the_kind_it_names_or_none(text: str, kind: str) -> None:
    assert kinds(text, "claim").get("claim_kind", "") == kind


@pytest.mark.parametrize(("text", "topic"), QUESTIONS)
def test_a_question_always_has_a_topic(text: str, topic: str) -> None:
    assert kinds(text, "faq") == {"faq_topic": topic}


def test_late_and_rude_is_attitude_only_where_rudeness_is_complained_of() -> None:
    said = {"晚了三天,还爱答不理": "delay", "晚了三天我不说什么,我要投诉他骂人": "attitude"}
    assert {text: kinds(text, "complaint")["complaint_kind"] for text in said} == said


@pytest.mark.parametrize("intent", ["tracking_query", "inform", "human", "case_progress"])
def test_other_intents_have_no_kind(intent: str) -> None:
    assert kinds("包裹丢了", intent) == {}
