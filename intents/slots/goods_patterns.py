"""The words around an article: what ends it, what stands before it, what is said about it."""

from __future__ import annotations

import re

from intents.slots.numbers import BEGINS, NUMBER
from intents.slots.spans import COUNT, MEASURE, MONEY

ARTICLE_UNIT = r"[面封束尊扇台本双条套只张部块幅批桶罐坛份支把瓶盒颗捆卷辆架盆棵株根副枚串提匹床顶册箱袋包件个斤样种款对摞筐篮听]"
COUNTED = rf"(?<![第几])(?:{BEGINS}(?:{NUMBER})|[几半这那某整])(?:大|小)?{ARTICLE_UNIT}"
UNIT = re.compile(rf"{ARTICLE_UNIT}|[车次条]")
STOP = re.compile(
    rf"开(?![心关衫水])|改[成为到]|换成|另外|顺便|写|填|出头|首重|续重|[单每][箱件重]|打折|走(?!地)|期间|地址|冰鲜的|活的|死的|看|说|堵|爆|坐|住|赶|明明|收银|划|聊|交[上代给]|分[两三几]|戴|穿|闻|歪|散|撒|洒|一[起块并]|之间|[^一-龥A-Za-z0-9·、.*+-]|{COUNTED}|\d+(?=[双台本])|到|去|往|寄|发现|发(?![夹胶动电饰箍卡型带])|送|邮寄|邮(?!票)|运费|可以|可否|能(?!量)|要|多少|多(?![肉功用])|怎|什么|啥|哪|几|吗|呢|吧|啊"
    r"|呀|嘛|哦|了|被(?![子套褥单])|给|在|从|[我你您他她它咱俺吾](?:们|家)?[的个嘅]?|大概|大约|差不多|左右|大小|一共|总共|共|重量|重(?=\d)|净重|体积|尺寸|长宽|保价|没|不(?![锈粘])|未|想|请|帮|麻烦|来|上门"
    r"|取(?!暖)|拿|下单|坏|碎|破(?!壁)|烂|裂|漏|丢|少|缺|摔|压(?![力缩药岁])|湿(?!巾)|变形|断|霉|臭|化了|死|行(?![李车])|价值|值|是|有(?!机)|都(?!市)|也|还|就|全(?=[部都是在程碎坏废臭死烂,。])|今|明天|后天|昨|上周|[这那](?!一?[类种])边?|每|按"
    r"|用(?!品|具|电)|把(?!手)|让|叫|找|之类|等等|等(?=[,。]|$)|快递|快件|包裹|打包|算(?!盘)|属于|收(?![音纳藏据])|过去|出去|一下|谢|急(?!救)|尽快|路上|里面|赔|钱|元|块|万|三千|怎样|为什么|会|已|只(?!读)|再|很|太(?!阳)|好(?![事]|丽)|和(?=[^一-龥]|$|[你我他])"
    r"|变(?![压速频])|由|承运|延(?!长)|迟|比如|例如|譬如|估计|因为|由于|途中|运输(?!机)|[一二两三四五六七八九十\d]个角|退(?!烧|热)|回(?!形|力|锅|旋)|截|皱|淋|客户|外箱|违规|违反|违法|犯法|合法|撞|凹|瘪|磕|之[前后]|以前|前[面报]|铜钿|钞票|东西|以[内下上]|上下|外?加(?![湿热油厚长绒])|问一?下?|安排|[约订](?=[一个])|反正|其实|肯定|实际|实重|毛重|得|修(?![脚])|震|毁|损(?!耗)|废|泡(?![面沫菜脚茶])|打(?![印火包底气折.·*])|过(?=[了温期的])|之|约|[一二两三四五六七八九十百千]{2,8}|需|必须|应|问|查|催|签(?!证)|允许|违禁|禁|合同价|超|货到|自己|今天|里(?:头|边)?(?=[的有])|上(?=[的有午])|下(?=[午周单])"
)
FIRST = re.compile(
    rf"(?:{COUNTED}|嘅|幅(?=画)|一些|一点|点儿?|些|个|的|几|自家晒?的?|自己做?的?|我家?的?|一下|一|[装放]的?|类|是|就|全|都|好|其实|主要|大概|这个?|那个?|这种|[:： ])*"
)
LAST = re.compile(r"(?:[的和跟与及、.+-]|什么|啥|之类|等|类的?|方面|那种|这种|一类)*$")

ORDERED = re.compile(r"[我俺咱人](?:买|订|拍|下单|要|订购)的(?:明明|可|应该)?是")
LABELLED = re.compile(
    r"(?:内件|内装|内容物|品名|货品|货名|品类|物品(?:名称|信息)?|货物(?:名称)?|寄(?:托|递)物品?|托寄物|商品(?:名称)?)(?:名称)?(?:是|为|:|：|有| )+"
    r"|里[面头边](?:就|都|全)?(?:是|装的?(?:都?是)?|有|放的?是?)|装的(?:都|全)?是|装着|(?:寄|发|丢|坏|碎|少|缺)[的嘅](?:都|就|也|全)?[是系]|东西(?:都|就)?是|货是"
)
SENDS = re.compile(
    rf"(?:[寄邮](?!件|费|递|存)|(?<![出开])发(?![票现生夹胶动电饰箍卡型带])|托运|快递(?![柜员单费点站费])|运(?!费|单|动)|ship|send)(?:过|去|一下|出)?了?(?P<what>(?:[{COUNT}{MEASURE}]+的?|{COUNTED}|一?个|一?点儿?|一?些)*)的?"
)
COUNTS = re.compile(rf"(?:[{COUNT}{MEASURE}]+|{COUNTED})的?")
BEFORE_COUNT = re.compile(rf"(?<=[一-龥A-Za-z])(?:[ :]|是)?(?=[{COUNT}{MEASURE}{MONEY}]|{COUNTED})")
ASKED = re.compile(
    r"(?:(?:这[种类个些]|那[种些]|之类的?|类的)?(?:你[们哋]|快递|现在|还|到底|究竟)?(?:是否|可否|能否|能不能|可不可以|可以|能够|能|让不让|让|给不给|给|允许|准许|怎么|收不收)"
    r"(?:不能|不可以)?(?:直接|随便|正常|用|通过)?(?:快递|航空|空运)?(?:寄(?!件)|发(?!现|货人|件)|邮(?!箱)|托运|快递(?!员)))"
    r"|(?:是否|可否|能否|能不能|可不可以|可以|能|让|允许|收不收|给不给)(?:运|走(?:空运|航空|快递)|收(?!件)|带)"
    r"|(?:你[们哋])?(?:给|帮忙?|能|可以)?(?:打|钉|做|加)(?:个)?(?:木架|木箱|木框|包装)"
    r"|(?:你[们哋])?(?:寄|发|邮|收)(?:[不唔][寄发收邮]|得了|不了|得到|不得|不得了|吗|么)|(?:算不算|是不是|算是?|属于)(?:违禁|禁寄|危险|易燃)|允许(?:吗|么|寄|邮)|违禁吗|需要(?:什么)?(?:证明|单独包)"
)
DAMAGED = re.compile(
    r"(?:都|全|也|已经|整个|被你们|被|给我?|送来|到手|收到|到货|就|又|敲|打|碰|摔|压|弄|砸|磕|挤|泡|淋|颠|全都){0,3}(?:碎|坏|破了|破损|烂|裂|漏|丢|不见|没了|摔|压扁|压坏|湿|变形|断|霉|臭|融化|化了|死|瘪|凹|刮花|划|磕|撞|报废|毁|馊|蔫|长毛|发霉|弯|散架|少了|缺了|短少|损坏|遗失|被偷)"
)
MAY_SEND = re.compile(r"寄(?!件)|邮|托运|能发|可以发|让发|能收|收不收")
TO_BE_SENT = re.compile(
    r"(?:寄|发)(?:出去|过去)|(?:要|想|需要|准备|打算|得)(?:马上|赶紧|尽快)?(?:寄|发(?![现票生])|邮|快递)"
)
LACKS = re.compile(
    rf"(?:(?<![多至减])少(?:了|的|发|我)|缺了?|丢了?|[坏碎](?:了|(?=[{COUNT}]|{COUNTED}))|漏发|漏了?|(?:弄丢|弄坏|压坏|[打摔砸敲碰]碎|[打摔砸]烂|摔)(?:掉|坏)?了?)(?:我的?)?(?P<what>[{COUNT}{MEASURE}]+|{COUNTED})?的?"
)

BOUGHT = re.compile(rf"买了?(?:{COUNTED}|[{COUNT}{MEASURE}]+)的?|(?:都|全)是(?:一?些)?")
PAID_FOR = re.compile(rf"赔[偿付]?(?:我的?)?(?:[{COUNT}{MEASURE}]+|{COUNTED})?的?")

PLACE_AFTER = re.compile(
    r"店|馆|厂(?!家)|铺|摊|市场|公司|批发|专卖|城|街|路|园|湾|大厦|行业|台上|[里上下边旁内外](?!衣)|那边|一样|似的|箱里"
)
"""Behind an article: a place that is named after what it sells, or where something lies."""
ASIDE = re.compile(r"(?:[像当骑坐开戴穿是被]|扔|放[^,。]{0,6}|藏在?|塞[^,。]{0,3}|放到|留在?)$")
"""Before an article: what it is like, or where something was left."""
DOTTED = re.compile(r"[一-龥][.·*][一-龥]")
"""A word broken up to slip past a check."""
MODIFIER = re.compile(r"[小旧新大老和、的跟与]")
CHANGED = re.compile(
    r"(?:改成|改为|换成|改写成|更正为|(?:错了?|不对|不是[一-龥]{1,8}?|(?:写|填)的是?[一-龥]{1,8}?)[,，。 ]?(?:应该?|就|其实|实际上?)?(?<![写填]的)是)[\"“']?"
)
LIKE = re.compile(r"(?:[这那]一?[类种]|之类|这些)")
"""Behind an article that stands for its kind (指甲油这类的液体)."""
MINE = re.compile(r"[我俺咱]们?家?的")
INSIDE = re.compile(r"(?:还|就|都)?(?:在|落|忘|放)在?(?:里[面头边]|包里|箱子?里)")
PAPERS = re.compile(r"理赔|索赔|申告|报案|赔付|赔偿")
PAPER = re.compile(r"(?:理赔|索赔|申请)?(?:材料|资料|表格?|单据|证明|报告|单子)")
"""What a claim is filed with; no article where one is talked of."""
ENGLISH_NOUN = (
    r"(?P<what>[a-z]+(?: (?!to\b|from\b|and\b|by\b|is\b|was\b|arrived|got|came|for\b|on\b|in\b)[a-z]+)?)"
)
NO_NOUN = r"(?:to|from|by|me|you|us|it|in|on|for|and|or|with|out|back|my|a|an|some|the|this|these)"
ENGLISH = re.compile(
    rf"(?:(?<=[{COUNT}{MEASURE}])| ) ?of (?!town\b|stock\b|order\b|date\b|service\b|course\b){ENGLISH_NOUN}(?= (?:to|from|by|for|and|on|in)\b|[^a-z ]|$| [^a-z])"
    rf"|\bmy {ENGLISH_NOUN.replace('what', 'mine')} (?:arrived?|is|was|are|were|got|came|has|have)\b"
    rf"|(?<=[{COUNT}]) ?{ENGLISH_NOUN.replace('what', 'counted')}(?=[到寄发去往,。]|$| to\b)"
    rf"|\b(?:ship|send|mail|post) (?:(?:my|a|an|some|the|this|these) )?(?!{NO_NOUN}\b){ENGLISH_NOUN.replace('what', 'sent')}",
    re.IGNORECASE,
)


def is_paper(text: str, phrase: str) -> bool:
    """Whether it is what a claim is filed with."""
    return bool(PAPER.fullmatch(phrase) and PAPERS.search(text))
