"""Puts a Chinese or French question into English search words, by glossary, without a model.

The corpus is English; a search needs its terms, not fluent sentences. The longest glossary entry at each place wins
("灾难性遗忘" before "遗忘"); words in Latin script (LoRA, BERT, ResNet-50) and numbers stay as they are. Traditional
characters are read as their simplified forms, French words by their stems.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from tunewise.types import Language

_TEN_THOUSANDS = re.compile(r"(\d+(?:\.\d+)?)\s*万")
_LATIN = re.compile(r"[A-Za-z0-9]+(?:[.\-+/][A-Za-z0-9]+)*")
_FRENCH_WORD = re.compile(r"[^\W_]+(?:[.\-][^\W_]+)*")
_INVERTED_PRONOUN = re.compile(r"-(?:t-)?(?:je|tu|il|elle|on|nous|vous|ils|elles|ce)$")
_LONGEST_FRENCH_PHRASE = 5
_FRENCH_STOP_WORDS = frozenset(
    """a ai ainsi alors au aucun aussi autre aux avec avez avoir avons ce cela celle celui ces cet cette ceux chaque ci
    comme d dans de des deja du elle elles en encore entre es est et etaient etait ete etes etre eu eux fait faire faut
    font il ils j je l la le les leur leurs lui m ma mais me meme mes moi moins mon n ne ni nos notre nous on ont ou par
    parce pas pendant peu peut peuvent peux plus plusieurs pour pourrait puis qu que quelle quelles quels qui quoi s sa
    sans se sera serait ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes tres trop tu un une va
    vers veux voici vos votre voudrais vous y dois devrais fois bien bonjour lors seul seule merci""".split()
)
# Traditional characters of the glossary's entries and of common questions, each followed by its simplified form.
_TRADITIONAL = (
    "丟丢並并來来個个們们備备傳传傷伤僅仅價价億亿儘尽優优兒儿兩两冊册凍冻別别剛刚創创劃划劇剧動动務务勝胜勞劳勢势區区協协參参問问單单嗎吗圍围圖图報报場场塊块壓压壞坏夠够夢梦夾夹奪夺孫孙學学實实寫写寬宽寶宝"
    "將将專专對对導导層层屬属島岛師师帶带幣币幫帮幾几庫库廠厂廢废廣广廳厅張张強强彈弹彙汇後后徑径從从復复徵征徹彻恆恒惡恶態态慣惯慮虑憂忧憶忆應应懲惩懷怀戰战戲戏採采換换撐撑擁拥擇择擊击擋挡據据擬拟擴扩擾扰"
    "攝摄敗败敵敌數数斂敛斷断於于時时暫暂曉晓書书會会條条棄弃業业極极構构樂乐樓楼標标樣样機机橫横檔档檢检欄栏權权歐欧歡欢歲岁歷历歸归殘残氣气決决沒没況况洩泄減减測测準准溫温滾滚滿满漲涨潔洁潛潜潤润澤泽濟济"
    "濾滤災灾為为無无燈灯燒烧營营爭争爾尔牆墙狀状獎奖獨独獲获現现瑣琐環环產产甦苏畫画異异當当療疗發发盡尽監监盤盘盧卢砲炮確确礎础禮礼稅税種种稱称穀谷積积穩稳競竞筆笔節节範范築筑簡简簽签籌筹籤签糾纠紀纪約约"
    "紅红納纳純纯紙纸級级細细終终組组結结絡络給给統统經经維维網网緊紧緒绪線线緩缓練练縣县縮缩織织繪绘繼继續续罰罚羅罗義义習习聯联聲声職职聽听肅肃脈脉腦脑膚肤臺台與与舊旧萬万葉叶藥药蘭兰處处號号術术衝冲補补"
    "裝装裡里複复見见規规視视親亲覺觉覽览觀观訂订計计訊讯訓训記记設设訴诉診诊註注詐诈評评詞词詢询試试話话該该詳详認认語语誤误說说誰谁課课調调談谈請请諾诺謂谓謝谢謹谨證证識识譜谱譯译議议護护讀读變变讓让豐丰"
    "豬猪貓猫貝贝負负財财貢贡貨货費费資资賣卖質质賴赖購购賽赛贊赞趙赵趨趋跡迹踐践車车軟软較较載载輕轻輪轮輸输轉转辦办辭辞農农這这連连進进遊游運运過过達达遞递遠远適适遲迟遷迁選选遺遗還还邊边郵邮鄰邻醫医釋释"
    "針针銀银錄录錢钱錯错鍊炼鍵键鎖锁鏈链鏡镜長长門门閉闭開开間间閱阅關关陣阵陸陆隊队階阶際际隨随險险隻只雖虽雙双雜杂雞鸡離离難难雲云電电霧雾靈灵靜静鞏巩韓韩響响頁页項项順顺須须預预頓顿領领頭头頻频顆颗題题"
    "額额顏颜願愿類类顧顾顯显風风飛飞飾饰餘余館馆餾馏騙骗驅驱驗验驟骤體体髮发鬆松鬥斗魚鱼鳥鸟麗丽麼么黃黄點点齊齐齡龄龍龙"
)


def to_english_query(text: str, language: Language) -> str:
    """English search words for a question; an English question comes back unchanged.

    Args:
        text: The question.
        language: Its language, as `facts.Reading.language` says.

    Returns:
        Words separated by spaces; "" if the glossary knows none of them.
    """
    if language == "zh":
        return " ".join(_from_chinese(text))
    if language == "fr":
        return " ".join(_from_french(text))
    return text


def simplified(text: str) -> str:
    """Traditional Chinese characters replaced by their simplified forms, width variants unified."""
    return unicodedata.normalize("NFKC", text).translate(_simplifying())


def _from_chinese(text: str) -> Iterator[str]:
    text = _TEN_THOUSANDS.sub(lambda match: f"{float(match[1]) * 10_000:.0f}", simplified(text))
    glossary = _chinese()
    longest = max(map(len, glossary))
    position = 0
    while position < len(text):
        if latin := _LATIN.match(text, position):
            yield latin[0]
            position = latin.end()
            continue
        for length in range(min(longest, len(text) - position), 0, -1):
            if english := glossary.get(text[position : position + length]):
                yield english
                position += length
                break
        else:
            position += 1


def _from_french(text: str) -> Iterator[str]:
    found = _french_words(text)
    stems, glossary = _stemmed(found), _french()
    position = 0
    while position < len(stems):
        for length in range(min(_LONGEST_FRENCH_PHRASE, len(stems) - position), 0, -1):
            if english := glossary.get(tuple(stems[position : position + length])):
                yield english
                position += length
                break
        else:
            # What the glossary lacks is most often a name or a word that both languages share.
            if _unaccented(found[position]) not in _FRENCH_STOP_WORDS:
                yield _unaccented(found[position])
            position += 1


def _french_words(text: str) -> list[str]:
    """Words in lower case; an inverted pronoun ("ralentit-il") is cut off, an elided one ("l'") is a word."""
    found = _FRENCH_WORD.findall(text.replace("’", "'").lower())
    return [_INVERTED_PRONOUN.sub("", word) for word in found]


def _stemmed(found: list[str]) -> list[str]:
    return [_unaccented(stem) for stem in _french_stemmer().stemWords(found)]


def _unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _entries(language: str) -> list[tuple[str, str]]:
    text = files("tunewise.retrieval").joinpath(f"glossary_{language}.tsv").read_text(encoding="utf-8")
    return [(term, english) for term, english in (line.split("\t") for line in text.splitlines() if line)]


@lru_cache(maxsize=1)
def _chinese() -> Mapping[str, str]:
    return dict(_entries("zh"))


@lru_cache(maxsize=1)
def _french() -> Mapping[tuple[str, ...], str]:
    return {tuple(_stemmed(_french_words(term))): english for term, english in reversed(_entries("fr"))}


@lru_cache(maxsize=1)
def _simplifying() -> Mapping[int, str]:
    pairs = zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)
    return {ord(traditional): simple for traditional, simple in pairs}


@lru_cache(maxsize=1)
def _french_stemmer():  # type: ignore[no-untyped-def]
    import Stemmer

    return Stemmer.Stemmer("french")
