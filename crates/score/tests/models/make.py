"""Makes the models of this folder and what ONNX Runtime says of them.

Needs: onnx, onnxruntime, numpy, scikit-learn, skl2onnx. Each `NAME.csv` has a line `# output column`, a header with
input and place, and one row a decision: its factors, then the score.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

draw = np.random.default_rng(5)
FLOAT = TensorProto.FLOAT


def factors(rows, columns):
    return np.round(draw.normal(0, 2, (rows, columns)), 2).astype(np.float32)


def write(name, model, feeds, output, column=0, each_row=False):
    onnx.save(model, f"{name}.onnx")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    if each_row:
        rows = len(next(iter(feeds.values())))
        parts = [session.run([output], {k: v[i : i + 1] for k, v in feeds.items()})[0] for i in range(rows)]
        scores = np.concatenate(parts)
    else:
        scores = session.run([output], feeds)[0]
    if isinstance(scores, list):
        scores = np.array([list(row.values()) for row in scores])
    scores = scores if scores.ndim == 2 else scores[:, None]
    names, columns = [], []
    for key, value in feeds.items():
        for place in range(value.shape[1] if value.ndim == 2 else 1):
            names.append(f"{key}:{place}")
            columns.append(value[:, place] if value.ndim == 2 else value)
    with open(f"{name}.csv", "w") as file:
        print(f"# {output} {column}", file=file)
        print(",".join(names + ["score"]), file=file)
        for row in zip(*columns, scores[:, column]):
            print(",".join(f"{float(value):.9g}" for value in row), file=file)


def graph(name, nodes, inputs, outputs, constants=(), opset=17, learning=3):
    constants = [numpy_helper.from_array(np.array(value), key) for key, value in constants]
    made = helper.make_graph(nodes, name, inputs, outputs, constants)
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", learning)]
    return helper.make_model(made, opset_imports=sets, ir_version=8)


def tensor(name, shape=("n", None), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


node = helper.make_node
x3 = [tensor("x", ("n", 3))]
y = [tensor("y")]
f32 = np.float32

write("linear", graph(
    "linear", [node("MatMul", ["x", "w"], ["p"]), node("Add", ["p", "b"], ["y"])], x3, y,
    [("w", f32([[0.25], [-1.5], [3.0]])), ("b", f32([4.0]))]), {"x": factors(12, 3)}, "y")

write("logistic", graph(
    "logistic", [node("Gemm", ["x", "w", "b"], ["p"], transB=1, alpha=0.5, beta=2.0), node("Sigmoid", ["p"], ["y"])], x3, y,
    [("w", f32([[0.7, -0.2, 1.1]])), ("b", f32([-0.3]))]), {"x": factors(12, 3)}, "y")

write("network", graph(
    "network",
    [
        node("Gemm", ["x", "w1", "b1"], ["a"]), node("Relu", ["a"], ["b"]),
        node("Gemm", ["b", "w2", "b2"], ["c"]), node("Tanh", ["c"], ["d"]),
        node("MatMul", ["d", "w3"], ["e"]), node("Softmax", ["e"], ["y"], axis=1),
    ], x3, y,
    [("w1", draw.normal(0, 1, (3, 5)).astype(f32)), ("b1", draw.normal(0, 1, 5).astype(f32)),
     ("w2", draw.normal(0, 1, (5, 4)).astype(f32)), ("b2", draw.normal(0, 1, 4).astype(f32)),
     ("w3", draw.normal(0, 1, (4, 3)).astype(f32))]), {"x": factors(12, 3)}, "y", 2)

write("tariff", graph(
    "tariff",
    [
        node("Clip", ["km", "low", "high"], ["k"]), node("Mul", ["k", "rate"], ["m"]),
        node("Less", ["hour", "dawn"], ["night"]), node("Where", ["night", "extra", "none"], ["s"]),
        node("Sum", ["m", "s", "base"], ["t"]), node("Round", ["t"], ["r"]),
        node("Concat", ["r", "s"], ["both"], axis=1), node("ReduceSum", ["both", "axis"], ["u"], keepdims=0),
        node("Unsqueeze", ["u", "axis"], ["v"]), node("Squeeze", ["v", "axis"], ["w"]), node("Reshape", ["w", "shape"], ["y"]),
    ],
    [tensor("km", ("n", 1)), tensor("hour", ("n", 1))], y,
    [("low", f32(1.0)), ("high", f32(5.0)), ("rate", f32([120.0])), ("dawn", f32(6.0)), ("extra", f32(50.0)),
     ("none", f32(0.0)), ("base", f32([300.0])), ("axis", np.int64([1])), ("shape", np.int64([-1, 1]))]),
    {"km": np.abs(factors(12, 1)), "hour": draw.integers(0, 24, (12, 1)).astype(f32)}, "y")

x, target = factors(200, 4), None
target = 3 * x[:, 0] + np.where(x[:, 1] > 0, x[:, 2], -1)
boosted = GradientBoostingRegressor(n_estimators=8, max_depth=3, random_state=1).fit(x, target)
write("boosted", to_onnx(boosted, x[:1], target_opset=17), {"X": factors(15, 4)}, "variable")

forest = RandomForestClassifier(n_estimators=6, max_depth=3, random_state=1).fit(x, (target > 0).astype(int))
write("forest", to_onnx(forest, x[:1], target_opset=17, options={"zipmap": False}), {"X": factors(15, 4)}, "probabilities", 1)

regression = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, (target > 0).astype(int))
write("regression", to_onnx(regression, x[:1], target_opset=17), {"X": factors(15, 4)}, "output_probability", 1)


def one_tree(name, operator, weights, tracks=(0, 0, 0, 0, 0), **more):
    attributes = dict(
        nodes_treeids=[0, 0, 0, 0, 0], nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[0, 1, 0, 0, 0],
        nodes_values=[0.5, -1.0, 0.0, 0.0, 0.0], nodes_hitrates=[1.0] * 5,
        nodes_modes=["BRANCH_LT", "BRANCH_GTE", "LEAF", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 3, 0, 0, 0], nodes_falsenodeids=[2, 4, 0, 0, 0],
        nodes_missing_value_tracks_true=list(tracks))
    prefix = "target" if operator == "TreeEnsembleRegressor" else "class"
    attributes |= {f"{prefix}_treeids": [0, 0, 0], f"{prefix}_nodeids": [2, 3, 4],
                   f"{prefix}_ids": more.pop("ids", [0, 0, 0]), f"{prefix}_weights": weights}
    outputs = ["y"] if prefix == "target" else ["label", "y"]
    made = node(operator, ["x"], outputs, domain="ai.onnx.ml", **attributes, **more)
    shapes = y if prefix == "target" else [tensor("label", ("n",), TensorProto.INT64), *y]
    return graph(name, [made], [tensor("x", ("n", 2))], shapes)


gaps = factors(12, 2)
gaps[2, 0] = gaps[5, 1] = gaps[7, 0] = np.nan
write("gaps", one_tree("gaps", "TreeEnsembleRegressor", [1.5, -2.25, 0.75], (1, 0, 0, 0, 0), n_targets=1,
                       aggregate_function="SUM", base_values=[10.0]), {"x": gaps}, "y")
for name, weights in [("votes-mixed", [0.8, -0.6, 0.1]), ("votes-positive", [0.8, 0.3, 0.1])]:
    write(name, one_tree(name, "TreeEnsembleClassifier", weights, ids=[1, 1, 1], classlabels_int64s=[0, 1],
                         post_transform="LOGISTIC"), {"x": factors(12, 2)}, "y", 1)

write("regressor", graph(
    "regressor", [node("LinearRegressor", ["x"], ["y"], domain="ai.onnx.ml", coefficients=[0.5, 1.0, -2.0, 3.0, 0.0, 1.0],
                       intercepts=[1.0, -1.0], targets=2, post_transform="NONE")], x3, y), {"x": factors(12, 3)}, "y", 1)

write("one-row", graph(
    "one-row", [node("Reshape", ["x", "shape"], ["r"]), node("Flatten", ["r"], ["f"]), node("MatMul", ["f", "w"], ["y"])],
    [tensor("x", (1, 3))], [tensor("y", (1, 1))],
    [("shape", np.int64([1, 3])), ("w", f32([[1.0], [2.0], [-0.5]]))]), {"x": factors(6, 3)}, "y", each_row=True)

onnx.save(graph("uncovered", [node("Det", ["x"], ["y"], name="volume")], [tensor("x", (2, 2))], [tensor("y", ())]), "uncovered.onnx")
