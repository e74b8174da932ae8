import LinearAlgebra
import Mitigation

/// A decision corrected for constraints as nodes: `CellPredictor.probabilities`, `ReadGroups.conditioned` and
/// `PlugInDecision.score`.
struct ONNXDecision {
  private let classifier: PlugInClassifier

  init(_ classifier: PlugInClassifier) {
    self.classifier = classifier
  }

  private var combinations: Int { classifier.predictor.cells / 2 }

  /// The scores, `[n, 1]` of floats.
  ///
  /// - Parameter groups: The combinations that each row may have, where the decision reads groups.
  func score(_ features: ONNXGraph.Value, groups: ONNXGraph.Value?, in graph: inout ONNXGraph) -> ONNXGraph.Value {
    var cells = joint(features, in: &graph)
    if let groups {
      let ofGroups = graph("Mul", [cells, graph("Concat", [groups, groups], ["axis": .integer(1)])])
      let sum = graph("ReduceSum", [ofGroups, graph.constant([1], [1])], ["keepdims": .integer(1)])
      let isPossible = graph("Greater", [sum, graph.constant([Float(0)], [1, 1])])
      cells = graph("Where", [isPossible, graph("Div", [ofGroups, sum]), cells])
    }
    return graph.cast(shifted(graph.cast(cells, to: .double), in: &graph), to: .float)
  }

  /// How likely each cell is: first those of the label 0, `[n, cells]`.
  private func joint(_ features: ONNXGraph.Value, in graph: inout ONNXGraph) -> ONNXGraph.Value {
    let predictor = classifier.predictor
    func softmax(_ heads: ONNXGraph.Value, from first: Int) -> ONNXGraph.Value {
      let bounds = [first, first + combinations].map { graph.constant([$0], [1]) }
      let head = graph("Slice", [heads, bounds[0], bounds[1], graph.constant([1], [1])])
      return graph("Softmax", [head], ["axis": .integer(1)])
    }
    let members = predictor.members.map { member in
      let label = ONNXNetwork(predictor.labelNetwork, member.label).outputs(features, in: &graph)
      let heads = ONNXNetwork(predictor.groupNetwork, member.groups).outputs(features, in: &graph)
      let positive = graph("Sigmoid", [label])
      let negative = graph("Sigmoid", [graph("Neg", [label])])
      return graph(
        "Concat",
        [
          graph("Mul", [softmax(heads, from: 0), negative]),
          graph("Mul", [softmax(heads, from: combinations), positive]),
        ], ["axis": .integer(1)])
    }
    return graph("Mean", members)
  }

  /// The score from the cells, in doubles; see `PlugInDecision.score`.
  private func shifted(_ cells: ONNXGraph.Value, in graph: inout ONNXGraph) -> ONNXGraph.Value {
    let costs = classifier.decision.cellCosts
    let inOrder = (0..<combinations).map { costs[2 * $0] } + (0..<combinations).map { costs[2 * $0 + 1] }
    let isPositive = (0..<2 * combinations).map { $0 < combinations ? 0.0 : 1 }
    let eta = graph("MatMul", [cells, graph.constant(isPositive, [2 * combinations, 1])])
    if costs.allSatisfy({ $0 == 0 }) { return eta }
    let cost = graph("MatMul", [cells, graph.constant(inOrder, [2 * combinations, 1])])
    let rest = graph("MatMul", [cells, graph.constant(isPositive.map { 1 - $0 }, [2 * combinations, 1])])
    let softening = PlugInDecision.softening
    func logOdds(_ share: ONNXGraph.Value, _ rest: ONNXGraph.Value) -> ONNXGraph.Value {
      let sums = [share, rest].map { graph("Add", [$0, graph.number(softening)]) }
      return graph("Log", [graph("Div", sums)])
    }
    let l = logOdds(eta, rest)
    func share(_ sign: Double) -> ONNXGraph.Value {
      let weights = inOrder.map { 0.5 + sign * 0.5 * $0 }
      let sum = graph("MatMul", [cells, graph.constant(weights, [2 * combinations, 1])])
      return graph(
        "Min", [graph("Max", [sum, graph.number(-softening / 2)]), graph.number(1 + softening / 2)])
    }
    let d = logOdds(share(1), share(-1))
    let distance = graph("Abs", [graph("Sub", [l, d])])
    let reach = graph("Max", [graph.number(4), graph("Mul", [graph.number(1.5), graph("Abs", [d])])])
    let nearness = graph(
      "Max", [graph.number(0), graph("Sub", [graph.number(1), graph("Div", [distance, reach])])])
    let shifted = graph("Sub", [l, graph("Mul", [d, nearness])])
    let spread = graph("Mul", [graph("Sigmoid", [shifted]), graph.number(1 + 2 * softening)])
    let unbounded = graph("Sub", [spread, graph.number(softening)])
    let score = graph("Min", [graph("Max", [unbounded, graph.number(0)]), graph.number(1)])
    return graph("Where", [graph("Equal", [cost, graph.number(0)]), eta, score])
  }
}
