"""A CustomResourceDefinition as it is stored, v1beta1, in the only form that API servers since v1.22 take: v1.

Source: apiextensions-apiserver pkg/apis/apiextensions/v1/conversion.go, which goes the same way over internal types.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Tree = dict[str, Any]

STORED = ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition")
V1 = "apiextensions.k8s.io/v1"

# Fields of spec that stand for all versions in v1beta1, and in each of them in v1, with their names there.
_OF_ALL = (
    ("validation", "schema"),
    ("subresources", "subresources"),
    ("additionalPrinterColumns", "additionalPrinterColumns"),
    ("selectableFields", "selectableFields"),
)
_ANYTHING = "x-kubernetes-preserve-unknown-fields"


def to_v1(tree: Tree) -> Tree:
    """The tree of a v1beta1 definition as v1; a tree of another shape as it is. The input is not changed.

    spec.preserveUnknownFields, which v1 does not take any more, becomes the same promise at the root of each schema.
    """
    spec = tree.get("spec")
    if (tree.get("apiVersion"), tree.get("kind")) != STORED or not isinstance(spec, dict):
        return tree
    out = {name: value for name, value in spec.items() if name not in _GONE}
    out["versions"] = [_version(version, spec) for version in _versions(spec)]
    if isinstance(spec.get("conversion"), dict):
        out["conversion"] = _conversion(spec["conversion"])
    return {**tree, "apiVersion": V1, "spec": out}


_GONE = frozenset(("version", "preserveUnknownFields", *(name for name, _ in _OF_ALL)))


def _versions(spec: Tree) -> list[Tree]:
    versions = spec.get("versions")
    if isinstance(versions, list) and versions:
        return [version for version in versions if isinstance(version, dict)]
    return [{"name": spec["version"], "served": True, "storage": True}] if spec.get("version") else []


def _version(version: Tree, spec: Tree) -> Tree:
    out = dict(version)
    for shared, name in _OF_ALL:
        if spec.get(shared) is not None:
            out[name] = spec[shared]
    columns = out.get("additionalPrinterColumns")
    if isinstance(columns, list):
        out["additionalPrinterColumns"] = [_column(column) for column in columns]
    # v1beta1 preserved by default; the server stores the field in any case since it has v1.
    if spec.get("preserveUnknownFields", True) is True:
        schema = out.get("schema")
        root = schema.get("openAPIV3Schema") if isinstance(schema, dict) else None
        out["schema"] = {"openAPIV3Schema": {"type": "object", **(root or {}), _ANYTHING: True}}
    return out


def _column(column: Any) -> Any:
    """v1beta1 spelled the path in capitals."""
    if not isinstance(column, dict):
        return column
    return {"jsonPath" if name == "JSONPath" else name: value for name, value in column.items()}


def _conversion(conversion: Tree) -> Tree:
    """What concerns the webhook has a map of its own in v1."""
    out: Tree = {}
    webhook: Tree = {}
    for name, value in conversion.items():
        if name == "webhookClientConfig":
            webhook["clientConfig"] = value
        elif name == "conversionReviewVersions":
            webhook["conversionReviewVersions"] = value
        else:
            out[name] = value
    if webhook and conversion.get("strategy") == "Webhook":
        out["webhook"] = webhook
    return out
