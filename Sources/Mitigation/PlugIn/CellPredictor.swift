import Autograd
import LinearAlgebra
import NeuralNetworks

/// Predicts how likely each combination of groups and label is for a row: `P(c | x) = P(y | x)·P(groups | x, y)`.
///
/// Two networks: one predicts the label, the other the groups, with a head for each label. Several pairs, trained on
/// different rows, are averaged.
public struct CellPredictor: Sendable, Hashable {
  /// The architecture of the label's network, with one output.
  public let labelNetwork: Perceptron

  /// The architecture of the groups' network: for each label, one output for each combination.
  public let groupNetwork: Perceptron

  /// A pair of networks' weights.
  public struct Member: Sendable, Hashable {
    public var label: Parameters<Float>
    public var groups: Parameters<Float>

    public init(label: Parameters<Float>, groups: Parameters<Float>) {
      self.label = label
      self.groups = groups
    }
  }

  /// The pairs that are averaged.
  public let members: [Member]

  /// - Precondition: The label's network has one output, the groups' an even number; there is a member.
  public init(labelNetwork: Perceptron, groupNetwork: Perceptron, members: [Member]) {
    precondition(
      labelNetwork.outputs == 1 && groupNetwork.outputs % 2 == 0 && !members.isEmpty,
      "CellPredictor: \(labelNetwork.outputs) and \(groupNetwork.outputs) outputs, \(members.count) members")
    self.labelNetwork = labelNetwork
    self.groupNetwork = groupNetwork
    self.members = members
  }

  /// The number of cells; those of odd index have the label 1.
  public var cells: Int { groupNetwork.outputs }

  /// How likely each cell is, `[n, cells]`: the mean over the members. Rows sum to 1.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  public func probabilities(_ features: Matrix<Float>, base: [Float]? = nil) -> Matrix<Float> {
    probabilities(FeatureRows(features, base: base))
  }

  /// The same for rows in the form that the engine reads.
  public func probabilities(_ rows: FeatureRows<Float>) -> Matrix<Float> {
    if rows.rows == 0 { return Matrix(rows: 0, columns: cells, values: []) }
    let all = (0..<Int32(rows.rows)).map { $0 }
    var sum = [Float](repeating: 0, count: rows.rows * cells)
    for member in members {
      for (index, value) in probabilities(member, of: rows, at: all).enumerated() { sum[index] += value }
    }
    let scale = 1 / Float(members.count)
    return Matrix(rows: rows.rows, columns: cells, values: sum.map { $0 * scale })
  }

  /// One member's predictions for some rows, one after the other.
  func probabilities(_ member: Member, of rows: FeatureRows<Float>, at indices: [Int32]) -> [Float] {
    // All chunks have one size, and the program keeps rows apart: a row's prediction does not depend on those around it.
    let chunk = 512
    let features = Tensor<Float>.rows(chunk, of: rows)
    let (labelStorage, groupStorage) = (ParameterStorage(member.label), ParameterStorage(member.groups))
    let combinations = cells / 2
    let logit = labelNetwork(features, labelStorage.tensors, mode: .inference)
    // Not 1 − σ, which loses the digits of small chances.
    let (positive, negative) = (sigmoid(logit), sigmoid(logit.scaled(by: -1)))
    let heads = groupNetwork(features, groupStorage.tensors, mode: .inference)
    let joint = concatenate(columns: [
      softmax(heads[columns: 0..<combinations]) * negative, softmax(heads[columns: combinations..<cells]) * positive,
    ])
    let program = Program(values: [joint], keepsRowsApart: true)
    var result = [Float](repeating: 0, count: indices.count * cells)
    guard let selection = program.selection(of: features), let output = program.pointer(of: joint) else {
      return result
    }
    for start in stride(from: 0, to: indices.count, by: chunk) {
      let count = min(chunk, indices.count - start)
      for place in 0..<chunk { selection[place] = indices[start + min(place, count - 1)] }
      program.run()
      for place in 0..<count {
        for combination in 0..<combinations {
          let target = (start + place) * cells + 2 * combination
          result[target] = output[place * cells + combination]
          result[target + 1] = output[place * cells + combinations + combination]
        }
      }
    }
    return result
  }
}
