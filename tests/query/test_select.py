"""codec.query.select: which keys of a source words, a namespace and labels mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query.memory import Memory

import codec
from codec.errors import CodecError, DecodeError, SelectionError, SourceError
from codec.query.select import Row, select
from codec.source.keyspace import Source


@pytest.fixture(scope="module")
def source(root: Path) -> Iterator[Source]:
    with codec.open(root / "fixtures" / "etcd" / "snapshot.db") as found:
        yield found


def keys(source: Source, *words: str, namespace: str = "", labels: str = "", revision: int | None = None) -> list[str]:
    """The keys of the rows, without /registry/."""
    found = select(source, words, namespace=namespace, labels=labels, revision=revision)
    return [(row.stored.key or b"").decode().removeprefix("/registry/") for row in found.rows()]


@pytest.mark.parametrize(
    ("words", "namespace", "expected"),
    [
        (["pods/done"], "", ["pods/batch/done"]),
        (["po"], "batch", ["pods/batch/done"]),
        (["Pod", "done", "minimal"], "", ["pods/batch/done", "pods/web/minimal"]),
        (["pod", "minimal", "done"], "", ["pods/web/minimal", "pods/batch/done"]),
        (["svc,ep", "kubernetes"], "default", ["services/specs/default/kubernetes"]),
        (["ep", "platform-mysql"], "biz-prod-qe2bu3", ["services/endpoints/biz-prod-qe2bu3/platform-mysql"]),
        (["no/worker-1", "pods/done"], "", ["minions/worker-1", "pods/batch/done"]),
        (["nodes"], "web", ["minions/worker-1", "minions/worker-2", "minions/worker-3"]),
        (["/registry/minions/worker-2"], "", ["minions/worker-2"]),
        (["/registry/minions/"], "", ["minions/worker-1", "minions/worker-2", "minions/worker-3"]),
        (["/registry/pods/"], "batch", ["pods/batch/done"]),
        (["/registry/minions/worker-2", "nodes"], "", ["minions/worker-2", "minions/worker-1", "minions/worker-3"]),
        (["pods/done", "po"], "batch", ["pods/batch/done"]),
        (["ct"], "batch", ["stable.example.com/crontabs/batch/by-old-version"]),
        (["crontab/by-old-version"], "", ["stable.example.com/crontabs/batch/by-old-version"]),
        (["crontabs.v1.stable.example.com"], "batch", ["stable.example.com/crontabs/batch/by-old-version"]),
        (["ClusterPolicy", "bare"], "web", ["stable.example.com/clusterpolicies/bare"]),
        (["crd"], "web", [f"apiextensions.k8s.io/customresourcedefinitions/{name}.stable.example.com"
                          for name in ("clusterpolicies", "crontabs")]),
        (["rc,rs"], "web", ["controllers/web/legacy", "replicasets/web/frontend-5b6c7d8e9f"]),
        (["ing.extensions"], "", ["ingress/web/shop"]),
        (["deployments.apps/frontend"], "", ["deployments/web/frontend"]),
        (["deployments.v1.apps", "frontend"], "", ["deployments/web/frontend"]),
        (["services.", "frontend"], "", ["services/specs/web/frontend"]),
    ],
)  # fmt: skip
def test_what_words_mean(source: Source, words: list[str], namespace: str, expected: list[str]) -> None:
    assert keys(source, *words, namespace=namespace) == expected


def test_everything_is_what_the_source_holds(source: Source) -> None:
    assert keys(source) == keys(source, "/") == [key.decode().removeprefix("/registry/") for key in source.keys("")]
    assert [row.stored.value for row in select(source).rows()] == [found.value for found in source]


def test_a_namespace_is_all_that_is_in_it(source: Source) -> None:
    found = list(select(source, namespace="batch").rows())
    assert {row.namespace for row in found} == {"batch"}
    assert {row.resource for row in found} >= {"pods", "jobs", "crontabs", "podgroups"}
    inside = [row for row in select(source).rows() if row.metadata.namespace == "batch"]
    assert [row.label for row in found] == [row.label for row in inside]


def test_categories(source: Source) -> None:
    kinds = [row.kind for row in select(source, ["all"], namespace="web").rows()]
    order = [
        "Pod",
        "ReplicationController",
        "Service",
        "Deployment",
        "ReplicaSet",
        "HorizontalPodAutoscaler",
        "CronTab",
    ]
    assert list(dict.fromkeys(kinds)) == order


def test_labels(source: Source) -> None:
    assert keys(source, "po", labels="app=platform-mysql") == [
        f"pods/biz-prod-qe2bu3/platform-mysql-{number}" for number in range(3)
    ]
    with_app = {row.label for row in select(source, labels="app").rows()}
    for row in select(source).rows():
        obj = row.tree()
        assert (row.label in with_app) == ("app" in obj["metadata"].get("labels", {})), row.label
    with pytest.raises(SelectionError, match="a label selector and names exclude each other"):
        select(source, ["po", "x"], labels="app")


def test_the_state_of_a_revision(source: Source) -> None:
    now, before = keys(source, "cm", namespace="web"), keys(source, "cm", namespace="web", revision=541)
    assert set(before) - set(now) == {"configmaps/web/gone"}
    assert keys(source, "configmaps/gone", revision=541) == ["configmaps/web/gone"]
    assert keys(source, "crontabs", revision=1 + source.compact_revision) is not None
    with pytest.raises(SourceError, match="is in the future"):
        keys(source, "po", revision=10_000)


def test_rows_say_what_their_keys_say(source: Source) -> None:
    for row in select(source).rows():
        key = codec.parse_key((row.stored.key or b"").decode())
        assert row.type is not None
        assert (row.group, row.resource, row.namespace, row.name) == (key.group, key.resource, key.namespace, key.name)
        place = row.place
        assert place.kind == row.kind == (key.kind or row.metadata.kind)
        assert (place.prefix, place.namespace, place.name) == (key.prefix, key.namespace, key.name)
        assert row.object.kind == row.kind
        assert row.size == len(row.raw)


def test_what_is_not_found_is_named(source: Source) -> None:
    found = select(source, ["po", "done", "nope", "/registry/x", "svc"], namespace="batch")
    assert [row.name for row in found.rows()] == ["done"]
    assert found.missing == ["pods/nope", "/registry/x"]
    assert [row.name for row in found.rows(in_key_order=True)] == ["done"]
    assert found.missing == ["pods/nope", "/registry/x"]
    assert [key for key, _ in found.placed_keys()] == [b"/registry/pods/batch/done"]
    assert found.missing == ["pods/nope", "/registry/x"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["endpoits"], "no resource type 'endpoits' here: did you mean endpoints?"),
        (["crontabz"], "no resource type 'crontabz' here: did you mean crontab?"),
        (["pods.apps"], "no resource type 'pods.apps' here: did you mean pods?"),
        (["xyz"], "no resource type 'xyz' here"),
        (["po,"], "'po,': an empty resource type"),
        (["po/a/b"], "'po/a/b' is not TYPE/NAME; a key begins with a slash"),
        (["po/"], "'po/' is not TYPE/NAME; a key begins with a slash"),
        (["\x1b[2J"], "no resource type '\\x1b[2J' here"),
    ],
)
def test_words_that_mean_nothing(source: Source, words: list[str], problem: str) -> None:
    with pytest.raises(SelectionError) as caught:
        select(source, words)
    assert str(caught.value) == problem


def stored(name: str, namespace: str = "", kind: str = "Pod", api_version: str = "v1", **labels: str) -> bytes:
    obj = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    }
    return codec.json_to_storage(codec.to_json(codec.from_dict(obj)))


def definition(group: str, plural: str, kind: str, *short: str, scope: str = "Namespaced") -> tuple[str, bytes]:
    obj = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "shortNames": list(short)},
            "scope": scope,
            "versions": [],
        },
    }
    key = f"/registry/apiextensions.k8s.io/customresourcedefinitions/{plural}.{group}"
    return key, codec.json_to_storage(codec.to_json(codec.from_dict(obj)))


def test_a_name_of_several_groups_is_ambiguous() -> None:
    source = Memory(
        dict(
            [
                ("/registry/namespaces/kube-system", stored("kube-system", kind="Namespace")),
                definition("serving.example.dev", "services", "Service", "ksvc"),
                definition("a.example.com", "clusters", "Cluster", "cl"),
                definition("b.example.com", "clusters", "Cluster", "cl"),
                (
                    "/registry/serving.example.dev/services/web/hello",
                    stored("hello", "web", "Service", "serving.example.dev/v1"),
                ),
                ("/registry/services/specs/web/plain", stored("plain", "web", "Service")),
                ("/registry/b.example.com/clusters/web/east", stored("east", "web", "Cluster", "b.example.com/v1")),
            ]
        )
    )  # fmt: skip
    for word, listed in (
        ("services", "services., services.serving.example.dev"),
        ("clusters", "clusters.a.example.com, clusters.b.example.com"),
        ("cl", "clusters.a.example.com, clusters.b.example.com"),
        ("cluster", "clusters.a.example.com, clusters.b.example.com"),
    ):
        with pytest.raises(SelectionError) as caught:
            select(source, [word])
        assert str(caught.value) == f"resource type {word!r} is ambiguous: name one of {listed}"
    assert keys(source, "services.") == ["services/specs/web/plain"]
    assert keys(source, "svc") == ["services/specs/web/plain"]
    assert (
        keys(source, "ksvc")
        == keys(source, "services.serving.example.dev")
        == ["serving.example.dev/services/web/hello"]
    )
    assert keys(source, "cluster.b.example.com") == ["b.example.com/clusters/web/east"]


def test_an_alpha_type_without_objects_does_not_hide_a_custom_resource() -> None:
    pairs = [
        definition("scheduling.volcano.sh", "podgroups", "PodGroup", "pg"),
        definition("apiextensions.example.com", "customresourcedefinitions", "X"),
        ("/registry/scheduling.volcano.sh/podgroups/web/a", b"{}"),
    ]
    source = Memory(dict(pairs))
    assert keys(source, "podgroups") == ["scheduling.volcano.sh/podgroups/web/a"]
    source.put("/registry/podgroups/web/b", b"{}")
    with pytest.raises(
        SelectionError, match=r"name one of podgroups\.scheduling\.k8s\.io, podgroups\.scheduling\.volcano\.sh"
    ):
        select(source, ["podgroups"])
    with pytest.raises(SelectionError, match="'customresourcedefinitions' is ambiguous"):
        select(source, ["customresourcedefinitions"])


def test_custom_resources_without_a_definition_are_found_by_their_keys() -> None:
    source = Memory(
        {
            "/registry/namespaces/kube-system": stored("kube-system", kind="Namespace"),
            "/registry/a.example.com/things/web/one": stored("one", "web", "Thing", "a.example.com/v1"),
            "/registry/a.example.com/wholes/two": stored("two", "", "Whole", "a.example.com/v1"),
            "/registry/newthings/web/three": stored("three", "web"),
            "/registry/newwholes/four": stored("four"),
        }
    )
    assert keys(source, "things") == keys(source, "things.a.example.com", "one") == ["a.example.com/things/web/one"]
    assert keys(source, "things", "one", namespace="web") == ["a.example.com/things/web/one"]
    assert keys(source, "wholes") == keys(source, "wholes/two") == ["a.example.com/wholes/two"]
    assert keys(source, "newthings", namespace="web") == ["newthings/web/three"]
    assert keys(source, "newwholes/four") == ["newwholes/four"]
    (row,) = select(source, ["things"]).rows()
    assert (row.kind, row.group, row.resource, row.label) == (
        "",
        "a.example.com",
        "things",
        "things.a.example.com web/one",
    )
    with pytest.raises(SelectionError, match="no resource type 'thing' here: did you mean things"):
        select(source, ["thing"])


def test_definitions_that_cannot_be_read_are_told_of() -> None:
    start = "/registry/apiextensions.k8s.io/customresourcedefinitions/"
    source = Memory(
        {
            "/registry/namespaces/kube-system": b"",
            start + "crontabs.a.example.com": b"k8s:enc:aescbc:v1:key:ct",
            start + "others.a.example.com": b'{"spec":7, "x": "ct"}',
            start + "more.a.example.com": b'{"ct',
            "/registry/a.example.com/crontabs/web/x": b"{}",
        }
    )
    assert keys(source, "crontabs") == ["a.example.com/crontabs/web/x"]
    with pytest.raises(SelectionError, match=r"no resource type 'ct' here; the names in 2 CustomResourceDefinition"):
        select(source, ["ct"])
    definitions = select(source).catalog.definitions
    assert definitions.get(("a.example.com", "crontabs")) is None
    assert ("b.example.com", "crontabs") not in definitions
    assert set(definitions) == {("a.example.com", name) for name in ("crontabs", "others", "more")}


def test_a_definition_with_fields_of_a_newer_cluster_is_read() -> None:
    key, raw = definition("a.example.com", "things", "Thing")
    newer = raw.replace(b'"group":"a.example.com"', b'"newer":7,"group":"a.example.com"')
    assert newer != raw
    definitions = select(Memory({key: newer})).catalog.definitions
    assert definitions["a.example.com", "things"].spec.names.kind == "Thing"  # type: ignore[attr-defined]
    for other in (
        b'{"apiVersion":"v1","kind":"Pod"}',
        b'{"apiVersion":"a.example.com/v1","kind":"CustomResourceDefinition"}',
    ):
        assert select(Memory({key: other})).catalog.definitions.get(("a.example.com", "things")) is None


def test_definitions_by_group_and_plural(source: Source) -> None:
    definitions = select(source).catalog.definitions
    assert definitions["stable.example.com", "crontabs"].kind == "CustomResourceDefinition"
    assert (len(definitions), bool(definitions)) == (2, True)
    with pytest.raises(KeyError):
        definitions["stable.example.com", "nope"]


def test_other_prefixes() -> None:
    for prefix in ("/kubernetes.io", "/my/cluster", "/x"):
        source = Memory(
            {
                "/a/b/c/d": b"",
                f"{prefix}/minions/n": stored("n", kind="Node"),
                f"{prefix}/namespaces/kube-system": stored("kube-system", kind="Namespace"),
                f"{prefix}/pods/web/a": stored("a", "web"),
                "compact_rev_key": b"7",
            }
        )
        (row,) = select(source, ["po/a"]).rows()
        assert (row.place.prefix, row.namespace, row.name) == (prefix, "web", "a")
        (node,) = select(source, ["no"]).rows()
        assert node.name == "n"
        foreign = [row for row in select(source).rows() if row.type is None]
        assert [row.name for row in foreign] == ["/a/b/c/d", "compact_rev_key"]
        assert foreign[1].label == "compact_rev_key"


def test_a_key_is_all_that_is_read() -> None:
    source = Memory({"/registry/pods/web/a": stored("a", "web"), "/registry/pods/web/b": stored("b", "web")})
    (row,) = select(source, ["/registry/pods/web/b"]).rows()
    assert (row.label, source.read) == ("pods web/b", [b"/registry/pods/web/b"])


def test_names_in_any_namespace_read_no_other_values() -> None:
    places = [("web", "a"), ("web", "b"), ("db", "a"), ("db", "c")]
    source = Memory({f"/registry/pods/{place}/{name}": stored(name, place) for place, name in places})
    source.put("/registry/namespaces/kube-system", stored("kube-system", kind="Namespace"))
    selection = select(source, ["po", "b", "nope", "a"])
    source.read.clear()
    assert [row.label for row in selection.rows()] == ["pods web/b", "pods db/a", "pods web/a"]
    assert source.read == [f"/registry/pods/{place}".encode() for place in ("db/a", "web/a", "web/b")]
    assert selection.missing == ["pods/nope"]


def test_narrow_ranges() -> None:
    source = Memory({"/registry/namespaces/kube-system": b""})
    found = select(source, ["po", "a", "b", "/registry/pods/web/", "/registry/pods/web/x", "svc"], namespace="web")
    assert found.ranges() == [(b"/registry/pods/web/", False), (b"/registry/services/specs/web/", False)]
    found = select(source, ["po/a", "no/b"], namespace="web")
    assert found.ranges() == [(b"/registry/minions/b", True), (b"/registry/pods/web/a", True)]
    assert select(source, ["po/a"]).ranges() == [(b"/registry/pods/", False)]
    assert select(source, ["/registry/a", "/registry/a/"]).ranges() == [
        (b"/registry/a", True),
        (b"/registry/a/", False),
    ]


def test_values_whose_labels_cannot_be_read() -> None:
    source = Memory(
        {
            "/registry/namespaces/kube-system": stored("kube-system", kind="Namespace"),
            "/registry/pods/web/a": stored("a", "web", app="x"),
            "/registry/pods/web/b": b"k8s:enc:aescbc:v1:key1:abc",
            "/registry/pods/web/c": b"k8s\0\x0a\xff",
            "compact_rev_key": b"7",
        }
    )
    found = select(source, labels="app")
    with pytest.raises(CodecError):
        list(found.rows())
    failed: list[tuple[str, CodecError]] = []
    found.failed = lambda row, error: failed.append((row.label, error))
    assert [row.name for row in found.rows()] == ["a"]
    assert [label for label, _ in failed] == ["pods web/b", "pods web/c"]
    assert str(failed[0][1]) == "the value is encrypted by provider 'aescbc' with the key 'key1'"


def test_histories() -> None:
    source = Memory({"/registry/namespaces/kube-system": stored("kube-system", kind="Namespace")})
    source.put("/registry/pods/web/a", stored("a", "web", app="x"))
    source.put("/registry/pods/web/a", stored("a", "web"))
    source.put("/registry/pods/web/ab", stored("ab", "web"))
    source.delete("/registry/pods/web/a")
    source.records[b"/registry/pods/web/gone"] = [codec.source.keyspace.Change(b"/registry/pods/web/gone", 3, 1, None)]

    def histories(*words: str, labels: str = "") -> list[tuple[str, int, list[tuple[int, bool]]]]:
        found = select(source, words, labels=labels)
        return [
            (row.name, len(row.raw), [(change.revision, change.deleted) for change in changes])
            for row, changes in found.histories()
        ]

    sizes = [len(stored("a", "web")), len(stored("ab", "web"))]
    a = ("a", sizes[0], [(2, False), (3, False), (5, True)])
    ab = ("ab", sizes[1], [(4, False)])
    gone = ("gone", 0, [(3, True)])
    assert histories("po") == [a, ab, gone]
    assert histories("po/a") == histories("/registry/pods/web/a") == [a]
    assert histories("po", labels="app=x") == [a]
    assert histories("po/gone", "po/nope") == [gone]


NAMES = ["a", "b", "kube-system"]
WORDS = ["po", "po/a", "svc", "ep/b", "no", "no/a", "ns", "crontabs", "crontabs/a", "po,svc", "/registry/pods/", "/",
         "/registry/pods/a/", "/registry/pods/a/b", "/registry/minions/a", "/other/x", "po a b"]  # fmt: skip


@given(
    places=st.sets(st.tuples(st.sampled_from(["pods", "services/specs", "services/endpoints", "ex.com/crontabs"]),
                             st.sampled_from(NAMES), st.sampled_from(NAMES))),
    cluster=st.sets(st.tuples(st.sampled_from(["minions", "namespaces"]), st.sampled_from(NAMES))),
    words=st.lists(st.sampled_from(WORDS), max_size=4),
    namespace=st.sampled_from(["", "", "a", "b"]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_rows_keys_and_matches_agree(
    places: set[tuple[str, str, str]], cluster: set[tuple[str, str]], words: list[str], namespace: str
) -> None:
    found = {"/registry/ex.com/crontabs/x/y", "/registry/namespaces/kube-system", "/other/x", "compact_rev_key"}
    found |= {f"/registry/{'/'.join(place)}" for place in (*places, *cluster)}
    source = Memory(dict.fromkeys(sorted(found), b""))
    split = [part for word in words for part in word.split()]
    selection = select(source, split, namespace=namespace)

    in_order = [row.stored.key for row in selection.rows(in_key_order=True)]
    missing = selection.missing
    assert in_order == [key for key, _ in selection.placed_keys()]
    assert missing == selection.missing
    assert in_order == [row.stored.key for row, _ in selection.histories()]
    assert in_order == [key for key in source.keys("") if selection.matches(key)]
    as_asked = [row.stored.key for row in selection.rows()]
    assert missing == selection.missing
    assert sorted(as_asked, key=str) == sorted(in_order, key=str)
    # What is given is what each word alone would give, in the order of the words.
    alone: list[bytes | None] = []
    for word in words or ["/"]:
        one = select(source, word.split(), namespace=namespace)
        alone += [row.stored.key for row in one.rows() if row.stored.key not in alone]
    if all("/" in word for word in words[:-1]):  # else what follows a bare word is a name
        assert as_asked == alone


def test_a_row_of_no_object_takes_what_the_value_says() -> None:
    source = Memory({"/strange/key": stored("a", "web"), "/strange/no": b"7"})
    value, none = select(source).rows()
    assert isinstance(value, Row)
    assert (value.place.resource, value.place.namespace, value.place.name) == ("pods", "web", "a")
    with pytest.raises(DecodeError):
        _ = none.place
