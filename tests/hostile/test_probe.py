"""probe"""
import pytest, tracemalloc, time
from archiver.demo import hostile, hostile_json as hj, faults, posts
from .conftest import TARGETS
S=TARGETS["syndication"]
CH={"ctl":"\x01","emoji":"\U0001f600","quote":"<","zh":"\u4e2d"}
@pytest.mark.parametrize("mib",[1,3])
@pytest.mark.parametrize("ch",CH)
def test_text(box,attack,ch,mib):
    n=(mib<<20)
    a=attack(S.arm(box,hj.EditedJSON(lambda t: t|{"text":CH[ch]*n})))
    print("\n@@",ch,mib,a.outcome, [(p.name,p.stat().st_size>>10) for p in (a.folders[posts.PHOTO.id]/"data").glob("post.*")] if posts.PHOTO.id in a.folders else "")
@pytest.mark.parametrize("depth",range(300,1000,20))
@pytest.mark.parametrize("kind",["array","object"])
def test_depth(box,attack,depth,kind):
    a=attack(S.arm(box,hj.NestedJSON(depth,member="extra",kind=kind)))
    print("\n@@",kind,depth,a.outcome)
def test_many_photos(box,attack):
    def change(t):
        one=t["mediaDetails"][0]
        return t|{"mediaDetails":[one|{"media_url_https":f"https://pbs.twimg.com/media/x{i}.jpg"} for i in range(100)]}
    box.faults.add(hostile.ManyHeaders(900,100),host="pbs.twimg.com",path="/media/",times=None)
    a=attack(S.arm(box,hj.EditedJSON(change)))
    print("\n@@",a.outcome,len(a.missing),len(box.exchanges))
